"""A picture as backdrop, brought to size as CSS `object-fit` does."""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np

from maskkit.checks import check_choice, check_position, check_size
from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.kernels import convert
from maskkit.kernels.grid import resample, resample_part
from maskkit.keywords import keywords
from maskkit.pixels import Array, max_value

__all__ = ["FITS", "image"]

FITS = ("cover", "contain", "stretch", "tile", "none")

Size = tuple[int, int]
Filter = Literal["bicubic", "bilinear"]
FILTERS: tuple[str, ...] = get_args(Filter)

_FAR_LARGER = 16  # a picture so many times larger than both, of which the canvas shows a part, is never made


@keywords(source="picture")
def image(
    picture: ImageInput,
    size: Size,
    fit: str = "cover",
    position: tuple[float, float] = (0.5, 0.5),
    *,
    filter: Filter = "bicubic",
) -> Array:
    """A picture brought to ``size``, as CSS `object-fit` and `object-position` do.

    Parameters
    ----------
    picture : path, bytes, file, PIL.Image, Picture or array
    size : (width, height)
    fit : str
        "cover" fills and crops, "contain" shows all of it, "stretch" ignores the proportions, "tile" repeats
        it at its own size, "none" places it at its own size. What stays uncovered is transparent.
    position : (x, y)
        0 to 1: which part stays, or where it goes; (0.5, 0.5) is the middle.
    filter : str
        How it is enlarged: "bicubic" (Keys, a = -0.75) is sharp and overshoots beside an edge, "bilinear"
        does not, in colour or alpha. A smaller picture is an average. Colours are weighted by alpha.

    Returns
    -------
    (H, W, 3) array, or (H, W, 4) if it has alpha or leaves a part uncovered, of the picture's dtype.

    Raises
    ------
    PixelError
        If an option is unknown or out of range.
    CodecError
        If the picture cannot be read.

    References
    ----------
    W3C CSS Images Module Level 3, section 5.5, The object-fit property.

    Examples
    --------
    >>> stripe = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    >>> image(stripe, (2, 2), fit="contain")[..., 3].tolist()
    [[0, 0], [255, 255]]
    >>> image(stripe, (4, 1), "tile", (0, 0))[..., 0].tolist()
    [[0, 255, 0, 255]]
    """
    pixels = to_pixels(picture, "picture")
    width, height = check_size(size)
    across, down = check_position(position)
    check_choice(fit, "fit", FITS)
    check_choice(filter, "filter", FILTERS)
    cubic = filter == "bicubic"
    if fit == "stretch":
        return _resize(pixels, (width, height), cubic=cubic)
    scaled = _scaled(pixels, (width, height), fit)
    # the free space to the left and above; negative where the picture is larger and is cropped
    left = math.floor((width - scaled[0]) * across + 0.5)
    top = math.floor((height - scaled[1]) * down + 0.5)
    if fit == "tile":
        rows = (np.arange(height) - top) % pixels.shape[0]
        columns = (np.arange(width) - left) % pixels.shape[1]
        return np.ascontiguousarray(pixels[rows[:, None], columns])
    return put(pixels, scaled, (width, height), left, top, cubic=cubic)


def put(pixels: Array, scaled: Size, size: Size, left: int, top: int, *, cubic: bool = True) -> Array:
    """A picture brought to ``scaled``, at (left, top) on a canvas of ``size`` that is transparent elsewhere.

    Of a picture far larger than the canvas, only the visible part is computed.
    """
    width, height = size
    if scaled[0] * scaled[1] <= _FAR_LARGER * max(width * height, pixels.shape[0] * pixels.shape[1]):
        return window(_resize(pixels, scaled, cubic=cubic), size, left, top)
    y, x = max(0, -top), max(0, -left)
    seen = slice(y, min(scaled[1], height - top)), slice(x, min(scaled[0], width - left))
    return window(_resize(pixels, scaled, seen), size, left + x, top + y)


def _scaled(pixels: Array, size: Size, fit: str) -> Size:
    """The size that the picture takes on a canvas of ``size``."""
    if fit not in ("cover", "contain"):
        return pixels.shape[1], pixels.shape[0]
    ratios = size[0] / pixels.shape[1], size[1] / pixels.shape[0]
    scale = max(ratios) if fit == "cover" else min(ratios)
    return max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))


def _resize(
    pixels: Array, size: Size, part: tuple[slice, slice] | None = None, *, cubic: bool = True
) -> Array:
    """The picture at another size, or a part of that; colours are weighted by alpha."""
    if part is None and (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    if part is None and pixels.shape[2] == 3:
        return resample(pixels, size, cubic=cubic)
    value = convert(pixels, np.float32)
    if pixels.shape[2] == 4:
        value = np.dstack([value[..., :3] * value[..., 3:], value[..., 3:]])
    if part is not None:
        value = resample_part(value, size, part)
    else:
        value = resample(value, size, cubic=cubic, clip=False)
    if pixels.shape[2] == 4:  # by the alpha as it is: clipped first, it would not fit its colour any more
        value[..., :3] /= np.maximum(value[..., 3:], 1e-6)
    return convert(value.clip(0, 1), pixels.dtype)


def window(pixels: Array, size: Size, left: int, top: int) -> Array:
    """``pixels`` at (left, top) on a canvas of ``size``; what they leave uncovered is transparent (or 0)."""
    (width, height), (rows, columns, channels) = size, pixels.shape
    y0, y1 = max(top, 0), min(top + rows, height)
    x0, x1 = max(left, 0), min(left + columns, width)
    inner = pixels[y0 - top : y1 - top, x0 - left : x1 - left]
    if inner.shape[:2] == (height, width):
        return np.ascontiguousarray(inner)
    canvas = np.zeros((height, width, 1 if channels == 1 else 4), pixels.dtype)
    if y0 < y1 and x0 < x1:
        canvas[y0:y1, x0:x1, channels:] = max_value(pixels.dtype)
        canvas[y0:y1, x0:x1, :channels] = inner
    return canvas
