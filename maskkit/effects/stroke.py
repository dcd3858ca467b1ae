"""An outline: the distance to the subject's edge, as a band of colour."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from maskkit.checks import check_amount, check_choice, check_unit
from maskkit.codec.css_color import parse_color
from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.effects.layer import check_subject, laid
from maskkit.errors import PixelError
from maskkit.kernels import convert, dilate_disc, map_bands, map_pixels, native, source_over
from maskkit.kernels.distance import extremes_of
from maskkit.keywords import keywords
from maskkit.masks import combine, invert
from maskkit.pixels import Array, check_out, max_value

__all__ = ["OUTLINES", "outline", "outline_layers", "widened"]

OUTLINES = ("outside", "center", "inside")

_AT_ONCE = 16  # offsets
_PIXELS = 1 << 17  # a call
_ROWS = 128  # a band
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
    Euclidean distance to the subject, antialiased; a soft edge stays as soft. What the last pixel of the disc
    adds to a soft alpha counts from 1/64 of white on.

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
    alpha = _alpha(cutout)
    check_subject(alpha, "outline")
    if width == 0 or opacity == 0:
        out = check_out(out, cutout.shape, cutout.dtype, cutout)
        out[...] = cutout
        return out
    inner, outer = _lines(alpha, width, where)
    out = check_out(out, cutout.shape, cutout.dtype, cutout)
    if inner is not None:  # the line on the colour alone, as if that were opaque
        laid(color, inner, cutout[..., :3], opacity, out[..., :3])
        out[..., 3] = alpha
    return out if outer is None else _outside(cutout if inner is None else out, outer, color, opacity, out)


def outline_layers(
    cutout: Array, width: float = 4.0, *, color: str = "white", where: str = "outside", opacity: float = 1.0
) -> tuple[Array | None, Array | None]:
    """The line of `outline` as what lies under the cutout, and what lies on it, each (H, W, 4) or None.

    Over a backdrop the three make what `outline` makes; a line inside alone lets a little of the subject
    through at a soft edge.

    >>> dot = np.zeros((1, 5, 4), np.uint8); dot[0, 2] = 255
    >>> below, above = outline_layers(dot, 1, color="red")
    >>> below[0, :, 3].tolist(), above
    ([0, 255, 255, 255, 0], None)
    """
    alpha = _alpha(cutout)
    inner, outer = _lines(alpha, width, where)

    def layer(line: Array) -> Array:
        return laid(color, line, np.zeros_like(cutout), opacity, np.empty_like(cutout))

    above = None
    if inner is not None:
        # with a line of the same colour outside, a soft edge between the two is that colour, too
        above = layer(combine(inner, alpha, "multiply") if outer is None else inner * (alpha > 0))
    return None if outer is None else layer(outer), above


def _alpha(cutout: Array) -> Array:
    """Alpha as a plane of its own."""
    alpha = np.empty(cutout.shape[:2], cutout.dtype)
    map_bands(lambda pixels, alpha: np.copyto(alpha, pixels[..., 3]), cutout, alpha)
    return alpha


def _lines(alpha: Array, width: float, where: str) -> tuple[Array | None, Array | None]:
    """``D_w(1 - a)`` and ``D_w(a)``, where there is one."""
    share = width / 2 if where == "center" else width
    inner = None if where == "outside" else widened(invert(alpha), share)
    return inner, None if where == "inside" else widened(alpha, share)


def _outside(cutout: Array, line: Array, color: str, opacity: float, out: Array) -> Array:
    """The line below the cutout, which may be ``out`` itself."""
    *straight, share = parse_color(color)
    pixel = convert(np.array([straight])[None], out.dtype)
    apart = out.dtype == np.uint8 and out is not cutout
    if apart and (under := native.find("under", out, cutout, line)):
        line = line if opacity * share == 1 else _weaker(line, opacity * share)
        native.run(under, cutout, line, out, extra=tuple(map(int, pixel[0, 0])))
        return out

    def block(cutout: Array, line: Array, out: Array) -> None:
        if line.any():
            below = np.empty(cutout.shape, cutout.dtype)
            below[..., :3] = pixel
            below[..., 3] = line if opacity * share == 1 else _weaker(line, opacity * share)
            whole = cutout.copy()
            source_over.over(whole, below, None, out)
            _keep(whole, line == 0, out)
        elif out is not cutout:
            out[...] = cutout

    map_pixels(block, cutout, line, out, pixels=_PIXELS)
    return out


def _keep(cutout: Array, where: Array, out: Array) -> None:
    """The cutout's pixels, hidden colour too, where no line is; as whole numbers where pixels fit one."""
    kind = {1: np.uint32, 2: np.uint64}.get(out.itemsize)
    if kind and out.flags.c_contiguous:
        np.copyto(out.view(kind)[..., 0], cutout.view(kind)[..., 0], where=where)
    else:
        np.copyto(out, cutout, where=where[..., None])


def _weaker(line: Array, opacity: float) -> Array:
    weaker: Array = np.multiply(line, opacity)
    return (weaker if line.dtype.kind == "f" else np.floor(weaker + 0.5)).astype(line.dtype)


def widened(mask: Array, width: float) -> Array:
    """``D_w(mask)``: by discs of whole radius as far as weights are 1, then by the ring of offsets beyond.

    Only where the next larger disc finds more than 1/64 of white is the ring looked at.
    """
    width = min(width, float(math.ceil(math.hypot(*mask.shape))))
    if mask.dtype == np.bool_:
        mask = mask.astype(np.uint8) * np.uint8(255)
    whole, reach = math.floor(width), math.ceil(width + 1)
    compiled = native.module(mask)
    mask = native.packed(mask)
    extremes = extremes_of(compiled, mask) if compiled else None
    near = dilate_disc(mask, whole, extremes=extremes)
    least: Any = max_value(mask.dtype) / _STEPS
    least = least if mask.dtype.kind == "f" else int(least)
    offsets, weights = _ring(whole, reach, width)
    if extremes:
        tables = _by_cells(offsets - reach, weights.astype(_kind(mask)))
        band = _compiled(compiled.ring, (mask, extremes.highs), (*tables, reach, float(least)))
    else:
        band = _filled(_padded(mask, reach), offsets, weights, least)
    _by_bands(band, near, reach - whole)
    return near


def _by_bands(band: Callable[[int, Array, Array], None], near: Array, steps: int) -> None:
    """Call ``band(top, near, far)`` for bands of rows of ``near``, which it may write to.

    ``far`` is the most of the pixels up to ``steps`` away, as they were before any band was written to.
    """
    height = len(near)
    tops = range(0, height, _ROWS)
    above = [near[max(0, top - steps) : top].copy() for top in tops]
    below = [near[top + _ROWS : top + _ROWS + steps].copy() for top in tops]
    square = np.ones((2 * steps + 1, 2 * steps + 1), np.uint8)

    def piece(number: Array) -> None:
        at = int(number[0, 0])
        rows = near[tops[at] : tops[at] + _ROWS]
        far = cv2.dilate(np.concatenate([above[at], rows, below[at]]), square)
        first = len(above[at])
        band(tops[at], rows, far[first : first + len(rows)])

    map_bands(piece, np.arange(len(tops))[:, None], rows=1)


def _compiled(
    ring: Callable[..., None], planes: tuple[Array, ...], told: tuple[Any, ...]
) -> Callable[[int, Array, Array], None]:
    """The compiled core's ring for a band of rows."""
    return lambda top, near, far: ring(*planes, far, near, *told, top)


def _by_cells(offsets: Array, weights: Array) -> tuple[Array, ...]:
    """Offsets, weights, what offsets are in whole cells of 16 x 16 pixels, and which of those each is."""
    cells, group = np.unique(offsets >> 4, axis=0, return_inverse=True)
    return offsets.astype(np.int32), weights, cells.astype(np.int32), group.reshape(-1).astype(np.int32)


def _kind(mask: Array) -> Any:
    """The floats in which values of the mask are weighted."""
    return np.float64 if mask.dtype in (np.uint16, np.float64) else np.float32


def _ring(whole: int, reach: int, width: float) -> tuple[Array, Array]:
    """The offsets (y, x) with ``whole < |o| < width + 1``, each ``reach`` too large, and their weights.

    The weights are ``min(1, width + 1 - |o|)``, and fall.
    """
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


def _filled(padded: Array, offsets: Array, weights: Array, least: Any) -> Callable[[int, Array, Array], None]:
    steps = offsets[:, 0] * padded.shape[1] + offsets[:, 1]
    flat = padded.reshape(-1)
    kind = _kind(padded)
    shares: Array = weights.astype(kind)

    def band(top: int, near: Array, far: Array) -> None:
        y, x = np.nonzero(far - near > least)
        where = np.arange(len(y))
        start = (y + top) * padded.shape[1] + x
        best: Array = near[y, x].astype(kind)
        bound = far[y, x]
        for first in range(0, len(steps), _AT_ONCE):
            still = best[where] < bound[where] * shares[first]  # no later offset can give the others more
            where = where[still]
            if not len(where):
                break
            some = slice(first, first + _AT_ONCE)
            seen = flat[start[where][:, None] + steps[some]] * shares[some]
            best[where] = np.maximum(best[where], seen.max(axis=1))
        near[y, x] = best if near.dtype.kind == "f" else np.floor(best + 0.5)

    return band
