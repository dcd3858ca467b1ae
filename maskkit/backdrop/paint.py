"""Painted backdrops: one colour, nothing, a gradient, a checkerboard."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import DTypeLike

from maskkit.checks import check_size
from maskkit.codec.css_color import parse_color
from maskkit.errors import PixelError
from maskkit.kernels import convert, map_bands
from maskkit.pixels import Array, max_value

__all__ = ["checkerboard", "gradient", "solid", "transparent"]

Size = tuple[int, int]


def solid(color: str, size: Size, dtype: DTypeLike = np.uint8) -> Array:
    """One CSS colour everywhere; four channels if it is not opaque.

    >>> solid("rgb(255 0 0 / 50%)", (1, 1)).tolist()
    [[[255, 0, 0, 128]]]
    """
    width, height = check_size(size)
    pixel = _pixel(color, dtype)
    channels = 3 if pixel[3] == max_value(dtype) else 4
    return np.broadcast_to(pixel[:channels], (height, width, channels)).copy()


def transparent(size: Size, dtype: DTypeLike = np.uint8) -> Array:
    """Nothing: all channels 0.

    >>> transparent((2, 1)).tolist()
    [[[0, 0, 0, 0], [0, 0, 0, 0]]]
    """
    return solid("transparent", size, dtype)


def checkerboard(
    size: Size, cell: int = 16, colors: tuple[str, str] = ("#fff", "#ccc"), dtype: DTypeLike = np.uint8
) -> Array:
    """Squares of ``cell`` pixels in two colours, the first at the top left: how transparency is shown.

    >>> checkerboard((4, 2), cell=1)[..., 0].tolist()
    [[255, 204, 255, 204], [204, 255, 204, 255]]
    """
    width, height = check_size(size)
    if cell < 1:
        raise PixelError(f"cell: need at least 1 pixel, got {cell}")
    odd = (np.arange(height)[:, None] // cell + np.arange(width) // cell) % 2
    return _opaque_to_rgb(np.stack([_pixel(color, dtype) for color in colors])[odd])


def gradient(
    colors: list[str],
    size: Size,
    *,
    kind: str = "linear",
    angle: float = 180.0,
    center: tuple[float, float] = (0.5, 0.5),
    dtype: DTypeLike = np.uint8,
) -> Array:
    """Evenly spaced CSS colours along a line, or outwards from a centre to the farthest corner.

    Parameters
    ----------
    colors : list of str
        Two or more.
    size : (width, height)
    kind : str
        "linear" or "radial".
    angle : float
        Degrees, as CSS has it: 0 upwards, 90 to the right, 180 downwards.
    center : (x, y)
        0 to 1, of a radial one.
    dtype : dtype

    Returns
    -------
    (H, W, 3) array, or (H, W, 4) if a colour is not opaque; interpolated in premultiplied sRGB.

    Raises
    ------
    PixelError
        If a colour is none, there are fewer than two, or the kind is unknown.

    References
    ----------
    W3C CSS Images Module Level 3, section 3, Gradients.

    Examples
    --------
    >>> gradient(["black", "white"], (1, 4))[..., 0].ravel().tolist()
    [32, 96, 159, 223]
    """
    width, height = check_size(size)
    if len(colors) < 2:
        raise PixelError(f"colors: need at least 2, got {len(colors)}")
    y, x = (np.arange(height)[:, None] + 0.5, np.arange(width)[None, :] + 0.5)
    if kind == "linear":
        right, down = math.sin(math.radians(angle)), -math.cos(math.radians(angle))
        length = abs(width * right) + abs(height * down)
        along = ((x - width / 2) * right + (y - height / 2) * down) / length + 0.5
    elif kind == "radial":
        cx, cy = center[0] * width, center[1] * height
        corner = math.hypot(max(cx, width - cx), max(cy, height - cy))
        along = np.hypot(x - cx, y - cy) / corner
    else:
        raise PixelError(f"kind: need linear or radial, got {kind!r}")
    stops = np.array([parse_color(color) for color in colors])
    stops[:, :3] *= stops[:, 3:]
    where = np.linspace(0, 1, len(colors))
    top = float(max_value(dtype))
    out = np.empty((height, width, 4), dtype)

    def band(along: Array, out: Array) -> None:
        red, green, blue, alpha = (np.interp(along, where, stop) for stop in stops.T)
        for channel, value in enumerate((red, green, blue)):
            straight = np.divide(value, alpha, out=np.zeros_like(value), where=alpha > 0)
            out[..., channel] = straight * top + (0.5 if out.dtype.kind == "u" else 0)
        out[..., 3] = alpha * top + (0.5 if out.dtype.kind == "u" else 0)

    map_bands(band, np.broadcast_to(along, (height, width)), out)
    return _opaque_to_rgb(out)


def _pixel(color: str, dtype: DTypeLike) -> Array:
    return convert(np.array([[parse_color(color)]]), dtype).reshape(4)


def _opaque_to_rgb(pixels: Array) -> Array:
    opaque = (pixels[..., 3] == max_value(pixels.dtype)).all()
    return np.ascontiguousarray(pixels[..., :3]) if opaque else pixels
