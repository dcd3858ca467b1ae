"""Gaussian blur of a mask, at a cost that does not grow with sigma."""

from __future__ import annotations

import math

import numpy as np

from maskkit.errors import PixelError
from maskkit.kernels import native
from maskkit.kernels.bands import BAND_PIXELS, map_bands
from maskkit.kernels.grid import enlarge
from maskkit.layout import regular
from maskkit.pixels import Array, check_out

__all__ = ["gaussian_blur"]

# A picture reduced until sigma is 3 of its pixels carries the Gaussian within 1.2 levels of 255 on a hairy
# mask (2.6 on noise); at 2 of them it is 2.3 (4.9).
_REDUCED_SIGMA = 3.0
_SHORT = 4  # how many times a picture is lower than its squares where these are not filled up with its border
_REDUCED_PIXELS = 1 << 19  # a strip of the reduced picture: two float32 planes of 2 MB


def gaussian_blur(mask: Array, sigma: float, out: Array | None = None) -> Array:
    """``out = mask * G(sigma)``, the border pixel repeated outwards.

    Below sigma 6 this is the sampled Gaussian. Above, the mask is averaged over squares of ``k`` pixels
    until sigma is about 3 of them, blurred there in float32 and lifted back bilinearly; the squares and the
    lift have variances (k^2 - 1) / 12 and (k^2 - 1) / 6, which the small Gaussian leaves out.

    Parameters
    ----------
    mask : (H, W) array, uint8, uint16, float32 or float64
    sigma : standard deviation in pixels; 0 copies
    out : where to write; a fresh array otherwise

    Returns
    -------
    (H, W) array of the mask's dtype

    Raises
    ------
    PixelError
        for a negative or infinite sigma, or a bool mask, which cannot hold the result

    >>> gaussian_blur(np.array([[0, 0, 255, 255]], np.uint8), 1.0).tolist()
    [[15, 77, 178, 240]]
    """
    if not (math.isfinite(sigma) and sigma >= 0):
        raise PixelError(f"sigma: need a finite number of pixels of at least 0, got {sigma}")
    if mask.dtype == np.bool_:
        raise PixelError("mask: need uint8, uint16 or float to hold a blurred edge, got bool")
    out = check_out(out, mask.shape, mask.dtype, mask)
    sigma = min(sigma, 1000.0 * max(mask.shape))  # beyond, 1/2500 of the weight is left inside the mask
    factor = min(int(sigma / _REDUCED_SIGMA), 4 * max(mask.shape))
    if sigma == 0:
        out[...] = mask
    elif factor > _SHORT * mask.shape[1] and mask.shape[1] < mask.shape[0]:
        out[...] = gaussian_blur(regular(mask.T), sigma).T  # the squares' rows are what may be short
    elif factor > 1:
        target = native.packed(out)
        _reduced(native.packed(mask), sigma, factor, target)
        if target is not out:
            out[...] = target
    else:
        _direct(mask, sigma, out)
    if out.dtype.kind == "f":
        np.clip(out, 0, 1, out=out)  # the sum of the weights is 1 to 1e-7 only
    return out


def _direct(mask: Array, sigma: float, out: Array) -> None:
    """A small sigma: the sampled Gaussian in tiles; a tile that sees a single value is filled with it."""
    height, width = mask.shape
    reach = math.ceil(3 * sigma)
    rows, columns = 128, 512

    def band(row: Array) -> None:
        top, bottom = row[0, 0], min(height, row[0, 0] + rows)
        seen = mask[max(0, top - reach) : bottom + reach]
        for left in range(0, width, columns):
            first = max(0, left - reach)
            piece = seen[:, first : left + columns + reach]
            target = out[top:bottom, left : left + columns]
            if _is_flat(piece):
                target[...] = piece[0, 0]
            else:
                y, x = top - max(0, top - reach), left - first
                target[...] = _gaussian(piece, sigma, reach)[y : y + len(target), x : x + target.shape[1]]

    map_bands(band, np.arange(0, height, rows)[:, None], rows=1)


def _is_flat(piece: Array) -> bool:
    value = piece[0, 0]
    return bool(piece[-1, -1] == value and piece.min() == value and piece.max() == value)


def _gaussian(piece: Array, sigma: float, reach: int) -> Array:
    import cv2

    size = (2 * reach + 1, 2 * reach + 1)
    return cv2.GaussianBlur(regular(piece), size, sigma, borderType=cv2.BORDER_REPLICATE)


def _reduced(mask: Array, sigma: float, factor: int, out: Array) -> None:
    """Strip by strip: reduce, blur, lift.

    Squares are numbered from the top; one beyond each edge is kept, which holds the repeated border alone.
    """
    height, width = mask.shape
    small_sigma = math.sqrt(sigma**2 - (factor**2 - 1) / 4) / factor
    reach = math.ceil(3.5 * small_sigma)
    across, down = -(-width // factor), -(-height // factor)
    strip = max(4 * reach, _REDUCED_PIXELS // (across + 2))
    for first in range(0, down, strip):
        last = min(down, first + strip)
        start, stop = max(-1, first - 1 - reach), min(down + 1, last + 1 + reach)
        small = np.empty((stop - start, across + 2), np.float32)
        _reduce(mask, factor, start, small)
        small = _gaussian(small, small_sigma, reach)
        _lift(small[first - 1 - start : last + 1 - start], factor, out[first * factor : last * factor])


def _reduce(mask: Array, factor: int, start: int, small: Array) -> None:
    """``small[i, j]`` = the mean of square ``(start + i, j - 1)``."""
    compiled = native.module(mask)
    low = factor > _SHORT * len(mask)

    def band(numbers: Array, cells: Array) -> None:
        if compiled and not low:
            compiled.reduce(mask, cells, factor, int(numbers[0, 0]) + 1)
        else:
            _reduce_band(mask, factor, numbers[:, 0], cells)

    numbers = np.arange(start, start + len(small))[:, None]
    rows = len(small) if low else max(1, BAND_PIXELS // (factor * mask.shape[1]))
    map_bands(band, numbers, small, rows=rows)


def _reduce_band(mask: Array, factor: int, numbers: Array, cells: Array) -> None:
    """Write into ``cells`` the means of the rows of squares that ``numbers`` counts."""
    import cv2

    height, width = mask.shape
    if factor > _SHORT * height:
        tops = factor * numbers[:, None]
        ends = np.arange(height + 1.0)  # where the rows end, the first and the last of them repeated
        ends[0], ends[-1] = -np.inf, np.inf
        share = np.diff(np.clip(ends, tops, tops + factor), axis=1) / factor
        piece: Array = share.astype(np.float32) @ mask.astype(np.float32)
    else:
        rows = np.arange(factor * numbers[0], factor * (numbers[-1] + 1)).clip(0, height - 1)
        piece = mask[rows].astype(np.float32)
    right = factor * cells.shape[1] - factor - width
    piece = cv2.copyMakeBorder(piece, 0, 0, factor, right, cv2.BORDER_REPLICATE)
    cv2.resize(piece, cells.shape[::-1], dst=cells, interpolation=cv2.INTER_AREA)


def _lift(small: Array, factor: int, out: Array) -> None:
    """Interpolate between the centres of squares; ``small`` has one square more than ``out`` at each side."""
    height, width = out.shape
    rows = factor * max(4, BAND_PIXELS // (factor * width))
    compiled = native.module(small, out)

    def band(number: Array) -> None:
        top = rows * int(number[0, 0])
        bottom = min(height, top + rows)
        if compiled:
            compiled.lift(small, out, factor, top, bottom)
            return
        lifted = enlarge(small, factor, slice(factor + top, factor + bottom), slice(factor, factor + width))
        if out.dtype.kind == "u":
            lifted = lifted + np.float32(0.5)
        np.copyto(out[top:bottom], lifted, casting="unsafe")

    map_bands(band, np.arange(-(-height // rows))[:, None], rows=1)
