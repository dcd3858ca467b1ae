"""An outline: the distance to the subject's edge, as a band of colour."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from maskkit.checks import check_amount, check_choice, check_unit
from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.effects.layer import check_subject, laid
from maskkit.errors import PixelError
from maskkit.kernels import dilate_disc, map_bands, source_over
from maskkit.keywords import keywords
from maskkit.masks import invert
from maskkit.pixels import Array, check_out, max_value

__all__ = ["OUTLINES", "outline", "widened"]

OUTLINES = ("outside", "center", "inside")

_STEPS = 64  # rings of fewer levels than 1/64 of white are not looked at


@keywords()
def outline(
    cutout: ImageInput,
    width: float = 4.0,
    *,
    color: str = "white",
    where: str = "outside",
    opacity: float = 1.0,
    out: Array | None = None,
) -> Array:
    """The cutout with a line of one width along its edge, joins round, as stickers have it.

    ``D_w(a)(p) = max over q of a(q) clip(w + 1 - |p - q|, 0, 1)``: where alpha is 1 or 0 that is the exact
    Euclidean distance to the subject, antialiased; a soft edge stays as soft.

    - "outside": ``over(cutout, color * D_w(a))``, the line under the subject's edge.
    - "inside": ``C (1 - D_w(1 - a)) + color D_w(1 - a)``, the alpha unchanged.
    - "center": half of the width on either side.

    Parameters
    ----------
    cutout : (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        The picture's frame is no edge: a subject that it cuts off has no line there.
    width : float
        Pixels; 0 changes nothing.
    color : str
        A CSS colour.
    where : str
        "outside", "center" or "inside".
    opacity : float
        0 to 1; 0 changes nothing.
    out : array, optional
        Where to write the result; must not share memory with the cutout.

    Returns
    -------
    Array of the cutout's shape and dtype.

    Raises
    ------
    PixelError
        If there is no alpha, it keeps nothing, or an option is unknown or out of range.

    References
    ----------
    Serra, Image Analysis and Mathematical Morphology, 1982 (dilation by a structuring function).

    Examples
    --------
    >>> dot = np.zeros((1, 7, 4), np.uint8); dot[0, 3] = (200, 0, 0, 255)
    >>> outline(dot, 1.5)[0].tolist()[1:4]
    [[255, 255, 255, 128], [255, 255, 255, 255], [200, 0, 0, 255]]
    """
    cutout = to_pixels(cutout, "cutout")
    if cutout.shape[2] != 4:
        raise PixelError(f"cutout: need one (H, W, 4) with alpha, got shape {cutout.shape}")
    check_amount(width, "width")
    check_choice(where, "where", OUTLINES)
    check_unit(opacity, "opacity")
    check_subject(cutout[..., 3], "outline")
    out = check_out(out, cutout.shape, cutout.dtype, cutout)
    if width == 0 or opacity == 0:
        out[...] = cutout
        return out
    share = width / 2 if where == "center" else width
    if where == "outside":
        return _outside(cutout, share, color, opacity, out)
    inner = _inside(cutout, share, color, opacity, out)
    return inner if where == "inside" else _outside(inner, share, color, opacity, out)


def _outside(cutout: Array, width: float, color: str, opacity: float, out: Array) -> Array:
    """The line below the cutout, which may be ``out`` itself."""

    def band(cutout: Array, line: Array, out: Array) -> None:
        below = np.zeros(cutout.shape, cutout.dtype)
        lined = laid(color, line, below, opacity, np.empty_like(below))
        source_over.over(cutout.copy(), lined, None, out)

    map_bands(band, cutout, widened(cutout[..., 3], width), out)
    return out


def _inside(cutout: Array, width: float, color: str, opacity: float, out: Array) -> Array:
    """The line on the colour alone, as if that were opaque: the alpha is what it was."""
    laid(color, widened(invert(cutout[..., 3]), width), cutout[..., :3], opacity, out[..., :3])
    out[..., 3] = cutout[..., 3]
    return out


def widened(mask: Array, width: float) -> Array:
    """``D_w(mask)``: by discs of whole radius as far as weights are 1, then by the ring of offsets beyond.

    Only where the next larger disc finds more than 1/64 of white is the ring looked at.
    """
    width = min(width, float(math.ceil(math.hypot(*mask.shape))))
    if mask.dtype == np.bool_:
        mask = mask.astype(np.uint8) * np.uint8(255)
    whole, reach = math.floor(width), math.ceil(width + 1)
    near, far = dilate_disc(mask, whole), dilate_disc(mask, reach)
    offsets, weights = _ring(whole, reach, width)
    padded = _padded(mask, reach)
    map_bands(_filled(padded, offsets, weights), np.arange(len(mask))[:, None], near, far, rows=128)
    return near


def _ring(whole: int, reach: int, width: float) -> tuple[Array, Array]:
    """The offsets (y, x) with ``whole < |o| < width + 1``, and their weights ``min(1, width + 1 - |o|)``."""
    side = np.arange(-reach, reach + 1)
    squared = side[:, None] ** 2 + side**2
    y, x = np.nonzero((squared > whole**2) & (squared < (width + 1) ** 2))
    weights = np.minimum(1, width + 1 - np.sqrt(squared[y, x]))
    order = np.argsort(-weights, kind="stable")
    return np.stack([y, x], axis=1)[order], weights[order]


def _padded(mask: Array, by: int) -> Array:
    padded = np.zeros((mask.shape[0] + 2 * by, mask.shape[1] + 2 * by), mask.dtype)
    padded[by:-by, by:-by] = mask
    return padded


def _filled(padded: Array, offsets: Array, weights: Array) -> Callable[[Array, Array, Array], None]:
    step = max_value(padded.dtype) / _STEPS

    def band(rows: Array, near: Array, far: Array) -> None:
        rise = far - near
        y, x = np.nonzero(rise > step if rise.dtype.kind == "f" else rise > int(step))
        if not len(y):
            return
        start = (y + rows[0, 0]) * padded.shape[1] + x
        steps = offsets[:, 0] * padded.shape[1] + offsets[:, 1]
        best = near[y, x].astype(np.float64)
        bound = far[y, x]
        flat = padded.reshape(-1)
        for offset, weight in zip(steps, weights, strict=True):
            open_ = np.flatnonzero(best < bound * weight)  # no later offset can give more
            if not len(open_):
                break
            best[open_] = np.maximum(best[open_], flat[start[open_] + offset] * weight)
        near[y, x] = best if near.dtype.kind == "f" else np.floor(best + 0.5)

    return band
