"""Round structuring elements: grey dilation and erosion of a mask by a disc."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from maskkit.errors import PixelError
from maskkit.kernels import native
from maskkit.kernels.bands import map_bands
from maskkit.pixels import Array, check_out, max_value

__all__ = ["dilate_disc", "erode_disc", "extremes_of"]

Extreme = Callable[..., Array]  # np.maximum or np.minimum, with an out argument

_TILE = 128
_FAR = 1 << 20  # the first radius that the compiled core does not take


class Extremes(NamedTuple):
    """The least and the most of every square of 16 x 16 pixels, and of every 16 x 16 of those squares."""

    lows: Array
    highs: Array
    block_lows: Array
    block_highs: Array


def dilate_disc(
    mask: Array, radius: float, out: Array | None = None, *, extremes: Extremes | None = None
) -> Array:
    """``out(x) = max of mask(x + o)`` over all offsets ``|o| <= radius``; pixels outside do not count.

    A radius between two whole numbers interpolates between their results, so a straight edge moves by
    exactly ``radius`` pixels. Grey values are dilated as they are: the result is the same, to one level, for
    uint8, uint16 and float masks.

    Parameters
    ----------
    mask : (H, W) array, uint8, uint16, float32 or float64
    radius : of the disc, in pixels; 0 copies
    out : where to write; a fresh array otherwise
    extremes : those of the mask, if they are known

    Returns
    -------
    (H, W) array of the mask's dtype

    Raises
    ------
    PixelError
        for a negative or infinite radius, or a bool mask with a fractional one

    References
    ----------
    E. R. Urbach and M. H. F. Wilkinson, "Efficient 2-D grayscale morphological transformations with
    arbitrary flat structuring elements", IEEE Trans. Image Processing 17 (2008): the disc as chords.

    >>> dilate_disc(np.array([[0, 0, 0, 255]], np.uint8), 1.5).tolist()
    [[0, 128, 255, 255]]
    """
    return _disc(mask, radius, out, np.maximum, extremes)


def erode_disc(mask: Array, radius: float, out: Array | None = None) -> Array:
    """``out(x) = min of mask(x + o)`` over all offsets ``|o| <= radius``; see `dilate_disc`.

    >>> erode_disc(np.array([[0, 255, 255, 255]], np.uint8), 1.5).tolist()
    [[0, 0, 128, 255]]
    """
    return _disc(mask, radius, out, np.minimum)


def _disc(
    mask: Array, radius: float, out: Array | None, extreme: Extreme, known: Extremes | None = None
) -> Array:
    if not (math.isfinite(radius) and radius >= 0):
        raise PixelError(f"radius: need a finite number of pixels of at least 0, got {radius}")
    radius = min(radius, float(math.ceil(math.hypot(*mask.shape))))
    whole, part = divmod(round(radius * 65536), 65536)
    if mask.dtype == np.bool_ and part:
        raise PixelError(f"mask: need uint8, uint16 or float for a radius of {radius:g} pixels, got bool")
    out = check_out(out, mask.shape, mask.dtype, mask)
    compiled = native.module(mask, out)
    if compiled and whole < _FAR:
        target = native.packed(out)
        mask = native.packed(mask)
        what = whole, part, extreme is np.minimum
        _compiled(compiled, mask, known or extremes_of(compiled, mask), what, target)
        if target is not out:
            out[...] = target
    elif len(mask) > mask.shape[1]:
        _tiles(
            mask.T, whole, part, extreme, out.T
        )  # a chord for every row within reach: the fewer the better
    else:
        _tiles(mask, whole, part, extreme, out)
    return out


def extremes_of(compiled: Any, mask: Array) -> Extremes:
    """The extremes of a packed mask, by the compiled core."""
    cells = _extremes(compiled, mask, mask)
    return Extremes(*cells, *_extremes(compiled, *cells))


def _compiled(
    compiled: Any, mask: Array, extremes: Extremes, what: tuple[int, int, bool], out: Array
) -> None:
    """The compiled path, in tiles of 64 pixels; only tiles near an edge are computed.

    The extremes bound a tile's result from both sides; mostly the bounds meet. So the cost hardly depends
    on the radius.
    """
    height = len(mask)

    def band(number: Array) -> None:
        top = 64 * int(number[0, 0])
        compiled.disc(mask, *extremes, out, *what, top, min(height, top + 64))

    map_bands(band, np.arange(-(-height // 64))[:, None], rows=1)


def _extremes(compiled: Any, low: Array, high: Array) -> tuple[Array, Array]:
    """The minimum of ``low`` and the maximum of ``high`` in every square of 16 x 16 pixels."""
    height, width = low.shape
    shape = -(-height // 16), -(-width // 16)
    lows, highs, unused = (np.empty(shape, low.dtype) for _ in range(3))

    def band(number: Array) -> None:
        first = 16 * int(number[0, 0])
        seen, rows = slice(16 * first, 16 * first + 256), slice(first, first + 16)
        if low is high:
            compiled.extremes(low[seen], lows[rows], highs[rows])
        else:
            compiled.extremes(low[seen], lows[rows], unused[rows])
            compiled.extremes(high[seen], unused[rows], highs[rows])

    map_bands(band, np.arange(-(-height // 256))[:, None], rows=1)
    return lows, highs


def _tiles(mask: Array, whole: int, part: int, extreme: Extreme, out: Array) -> None:
    """Call the kernel for each tile with the pixels within its reach; there are none beyond the picture."""
    height, width = mask.shape
    reach = whole + (part > 0)
    side = max(_TILE, reach)  # so that a tile's surroundings are a few times the tile

    def band(number: Array) -> None:
        rows = slice(number[0, 0], min(height, number[0, 0] + side))
        for left in range(0, width, side):
            columns = slice(left, min(width, left + side))
            target = out[rows, columns]
            padded = _surroundings(mask, rows, columns, reach, extreme)
            if padded is None:
                target[...] = mask[rows.start, left]
                continue
            _chords(padded, whole, extreme, target)
            if part:
                wider = np.empty_like(target)
                _chords(padded, reach, extreme, wider)
                _mix(target, wider, part)

    map_bands(band, np.arange(0, height, side)[:, None], rows=1)


def _surroundings(mask: Array, rows: slice, columns: slice, reach: int, extreme: Extreme) -> Array | None:
    """The tile and its surroundings, up to the reach and the picture; None if they hold one value."""
    height, width = mask.shape
    down, across = min(reach, height - 1), min(reach, width - 1)
    top, left = max(0, rows.start - down), max(0, columns.start - across)
    seen = mask[top : rows.stop + down, left : columns.stop + across]
    value = seen[0, 0]
    if value == seen[-1, -1] and seen.min() == value and seen.max() == value:
        return None
    # Pixels outside must lose every comparison.
    losing = 0 if extreme is np.maximum else max_value(mask.dtype)
    shape = (rows.stop - rows.start + 2 * down, columns.stop - columns.start + 2 * across)
    padded = np.full(shape, losing, mask.dtype)
    y, x = top - rows.start + down, left - columns.start + across
    padded[y : y + seen.shape[0], x : x + seen.shape[1]] = seen
    return padded


def _chords(padded: Array, radius: int, extreme: Extreme, target: Array) -> None:
    """The horizontal chords of the disc, clipped to the margin that ``padded`` has around the target.

    The extreme of a run of any length is that of two overlapping runs of a power of two, so a chord costs
    four operations a pixel.
    """
    height, width = target.shape
    down, across = (padded.shape[0] - height) // 2, (padded.shape[1] - width) // 2
    target[...] = padded[down : down + height, across : across + width]
    chord = {dy: min(across, math.isqrt(radius * radius - dy * dy)) for dy in range(min(radius, down) + 1)}
    power, length = padded, 1  # power[:, i] = extreme of padded[:, i : i + length]
    for dy in sorted(chord, key=lambda dy: chord[dy]):
        half = chord[dy]
        while 2 * length <= 2 * half + 1:
            power = extreme(power[:, :-length], power[:, length:])
            length *= 2
        start, stop = across - half, across + half + 1 - length
        for row in {down - dy, down + dy}:
            runs = power[row : row + height]
            extreme(target, runs[:, start : start + width], out=target)
            extreme(target, runs[:, stop : stop + width], out=target)


def _mix(target: Array, wider: Array, part: int) -> None:
    """``target += (wider - target) * part / 65536``, integers to the nearest, halves up."""
    if target.dtype.kind == "f":
        target += (wider - target) * (part / 65536)
        return
    whole = target.astype(np.uint32) * np.uint32(65536 - part)
    target[...] = (whole + wider.astype(np.uint32) * np.uint32(part) + np.uint32(32768)) >> 16
