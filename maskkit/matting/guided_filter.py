"""Guided filter: a mask becomes, window by window, a linear function of the picture's colour."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.matting.tiles import Tile, map_tiles, tiles
from maskkit.pixels import Array, check_image, check_mask, check_same_size

__all__ = ["coefficients", "guided_filter"]

_TILE = 384  # with its halo and the 25 float32 planes of a colour guide: about 25 MB a thread


def guided_filter(
    guide: Any, mask: Any, radius: int, eps: float = 1e-4, *, subsample: int = 1, active: Array | None = None
) -> Array:
    """``out = mean(a) . guide + mean(b)``, ``a = (var(guide) + eps)^-1 cov(guide, mask)`` in each window.

    ``b = mean(mask) - a . mean(guide)``. In a colour guide ``var`` is the 3x3 covariance, so that an edge
    counts that differs in hue alone. Windows are mirrored at the picture's border. The result does not
    depend on the tiles it is computed in, nor on the number of threads, beyond float32's rounding.

    Parameters
    ----------
    guide: (H, W) grey or (H, W, 3) colour, any dtype of the convention.
    mask: (H, W), any dtype of the convention.
    radius: half the window's side, pixels; the window is (2 radius + 1) squared.
    eps: the variance (of a guide within 0-1) below which a window counts as smooth and is averaged.
    subsample: solve for a and b on a grid this many times coarser (He & Sun 2015); the guide that they are
        applied to stays whole. ``radius`` remains in full-size pixels.
    active: (H, W) bool; where given, tiles without an active pixel are copied from the mask. Sound when the
        mask is constant around them (within 2 radius).

    Returns
    -------
    (H, W) float32; may leave 0-1 by a little beside strong edges, so clip before you store it.

    Raises
    ------
    PixelError: shapes or dtypes outside the convention, radius or subsample below 1, eps not above 0.

    References
    ----------
    He, Sun, Tang: Guided Image Filtering, IEEE TPAMI 35(6), 2013. He, Sun: Fast Guided Filter, 2015.

    >>> step = np.repeat([[0.2, 0.2, 0.2, 0.9, 0.9, 0.9]], 6, 0)
    >>> guided_filter(step, step > 0.5, 1, 1e-6)[0].round(2).tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]
    """
    guide, mask = _check(guide, mask, radius, eps, subsample)
    if subsample > 1:
        return _coarse(guide, mask, radius, eps, factor=subsample, active=active)
    out: Array = np.empty(mask.shape, np.float32) if active is None else convert(mask, np.float32).copy()

    def fill(tile: Tile) -> None:
        colour = _planes(guide[tile.around])
        a, b = coefficients(colour, convert(mask[tile.around], np.float32), radius, eps)
        out[tile.core] = _apply(a, b, colour)[tile.inner]

    map_tiles(fill, tiles(mask.shape, max(_TILE, 2 * radius), 2 * radius, active))
    return out


def coefficients(colour: Array, mask: Array, radius: int, eps: float) -> tuple[Array, Array]:
    """``a, b`` of the colour lines ``mask = a . colour + b``, averaged over the windows that hold a pixel.

    ``colour`` is (H, W, C) float32 with C = 1 or 3, better centred on 0; ``mask`` is (H, W) float32.
    """
    mean_i, mean_p = _box(colour, radius), _box(mask, radius)
    covariance = _box(colour * mask[..., None], radius) - mean_i * mean_p[..., None]
    if colour.shape[2] == 1:
        a = covariance / (_box(colour * colour, radius) - mean_i * mean_i + np.float32(eps))
    else:
        a = _solve(_variance(colour, mean_i, radius, eps), covariance)
    b = mean_p - _dot(a, mean_i)
    return _box(a, radius), _box(b, radius)


def _variance(colour: Array, mean: Array, radius: int, eps: float) -> list[Array]:
    """The upper triangle rr, rg, rb, gg, gb, bb of the windows' covariance, eps on its diagonal."""
    upper = []
    for i in range(3):
        for j in range(i, 3):
            second = _box(colour[..., i] * colour[..., j], radius) - mean[..., i] * mean[..., j]
            upper.append(np.maximum(second, 0) + np.float32(eps) if i == j else second)
    return upper


def _solve(upper: list[Array], right: Array) -> Array:
    """``x`` in ``S x = right`` for symmetric 3x3 S, by LDL^T: stable in float32 where the adjugate is not."""
    rr, rg, rb, gg, gb, bb = upper
    tiny = np.float32(1e-9)
    l1, l2 = rg / rr, rb / rr
    d2 = np.maximum(gg - l1 * rg, tiny)
    e = gb - l1 * rb
    l3 = e / d2
    d3 = np.maximum(bb - l2 * rb - l3 * e, tiny)
    x = np.empty_like(right)
    y1 = right[..., 1] - l1 * right[..., 0]
    x[..., 2] = (right[..., 2] - l2 * right[..., 0] - l3 * y1) / d3
    x[..., 1] = y1 / d2 - l3 * x[..., 2]
    x[..., 0] = right[..., 0] / rr - l1 * x[..., 1] - l2 * x[..., 2]
    return x


def _coarse(
    guide: Array, mask: Array, radius: int, eps: float, *, factor: int, active: Array | None
) -> Array:
    height, width = mask.shape
    small_guide = _planes(_shrink(guide, factor))
    small_mask = convert(_shrink(convert(mask, np.float32), factor), np.float32)
    small = np.empty((*small_mask.shape, small_guide.shape[2] + 1), np.float32)
    step = max(1, round(radius / factor))

    def solve(tile: Tile) -> None:
        a, b = coefficients(small_guide[tile.around], small_mask[tile.around], step, eps)
        small[tile.core] = np.dstack([a, b])[tile.inner]

    map_tiles(solve, tiles(small.shape, max(_TILE, 2 * step), 2 * step))
    out: Array = np.empty(mask.shape, np.float32) if active is None else convert(mask, np.float32).copy()

    def fill(tile: Tile) -> None:
        rows, columns = tile.core
        lines = enlarge(small, factor, rows, columns)
        out[tile.core] = _apply(lines[..., :-1], lines[..., -1], _planes(guide[tile.core]))

    map_tiles(fill, tiles((height, width), _TILE // factor * factor or factor, 0, active))
    return out


def enlarge(small: Array, factor: int, rows: slice, columns: slice) -> Array:
    """The part ``[rows, columns]`` of ``small`` enlarged ``factor`` times (bilinear); starts divide by it."""
    top, left = rows.start // factor, columns.start // factor
    bottom, right = -(-rows.stop // factor), -(-columns.stop // factor)
    ys = np.clip(np.arange(top - 1, bottom + 1), 0, small.shape[0] - 1)
    xs = np.clip(np.arange(left - 1, right + 1), 0, small.shape[1] - 1)
    grid = small[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
    grid = grid[np.ix_(ys - ys[0], xs - xs[0])]
    large = cv2.resize(grid, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    return large[factor : factor + rows.stop - rows.start, factor : factor + columns.stop - columns.start]


def _shrink(array: Array, factor: int) -> Array:
    """The mean of ``factor`` x ``factor`` blocks, the last row and column repeated to whole blocks."""
    height, width = array.shape[:2]
    array = cv2.copyMakeBorder(array, 0, -height % factor, 0, -width % factor, cv2.BORDER_REPLICATE)
    return cv2.resize(
        array, (array.shape[1] // factor, array.shape[0] // factor), interpolation=cv2.INTER_AREA
    )


def _planes(guide: Array) -> Array:
    """(H, W, C) float32, centred on 0 so that ``E[x^2] - E[x]^2`` keeps its digits."""
    colour = convert(guide, np.float32) - np.float32(0.5)
    return colour if colour.ndim == 3 else colour[..., None]


def _box(array: Array, radius: int) -> Array:
    size = 2 * radius + 1
    mean = cv2.blur(array, (size, size), borderType=cv2.BORDER_REFLECT)
    return mean.reshape(array.shape)  # OpenCV drops a last axis of 1


def _dot(a: Array, b: Array) -> Array:
    product: Array = np.einsum("hwc,hwc->hw", a, b)
    return product


def _apply(a: Array, b: Array, colour: Array) -> Array:
    return _dot(a, colour) + b


def _check(guide: Any, mask: Any, radius: int, eps: float, subsample: int) -> tuple[Array, Array]:
    grey = isinstance(guide, np.ndarray) and guide.ndim == 2
    guide = check_mask(guide, "guide") if grey else check_image(guide, "guide")[..., :3]
    mask = check_mask(mask)
    check_same_size(mask, guide, other="guide")
    if radius < 1 or subsample < 1:
        raise PixelError(f"radius, subsample: need at least 1 pixel, got {radius} and {subsample}")
    if not eps > 0:
        raise PixelError(f"eps: need a variance above 0, got {eps}")
    return guide, mask
