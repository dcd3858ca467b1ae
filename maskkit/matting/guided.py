"""Guided filter: a mask becomes, window by window, a linear function of the picture's colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

from maskkit.checks import check_positive, check_whole
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_record
from maskkit.kernels import convert
from maskkit.kernels.grid import enlarge, shrink
from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.pixels import Array, check_same_size

__all__ = [
    "Windows",
    "box",
    "coefficients",
    "dot",
    "guided_filter",
    "lines",
    "local_lines",
    "planes",
    "windows",
]

Planes = Sequence[Array]
"""The channels of a picture, (H, W) each."""

_TILE = 384  # with its halo and the 25 float32 planes of a colour guide: about 25 MB a thread


def guided_filter(
    guide: ImageInput,
    mask: MaskInput,
    radius: int,
    eps: float = 1e-4,
    *,
    subsample: int = 1,
    active: Array | None = None,
) -> Array:
    """``out = mean(a) . guide + mean(b)``, ``a = (var(guide) + eps)^-1 cov(guide, mask)`` in each window.

    ``b = mean(mask) - a . mean(guide)``. In a colour guide ``var`` is the 3x3 covariance, so that an edge
    counts that differs in hue alone. Windows are mirrored at the picture's border. The result does not
    depend on the tiles it is computed in, nor on the number of threads, beyond float32's rounding.

    Parameters
    ----------
    guide: (H, W) grey or (H, W, 3) colour, any dtype of the convention, or a picture as `maskkit.cutout`
        takes it.
    mask: (H, W), any dtype of the convention, or a mask as `maskkit.cutout` takes it.
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
        colour = planes(guide[tile.around])
        a, b = coefficients(colour, convert(mask[tile.around], np.float32), radius, eps)
        out[tile.core] = _apply(a, b, colour)[tile.inner]

    map_tiles(fill, tiles(mask.shape, max(_TILE, 2 * radius), 2 * radius, active))
    return out


def coefficients(colour: Array, mask: Array, radius: int, eps: float) -> tuple[Array, Array]:
    """``a, b`` of the colour lines ``mask = a . colour + b``, averaged over the windows that hold a pixel.

    ``colour`` is (H, W, C) float32 with C = 1 or 3, better centred on 0; ``mask`` is (H, W) float32.
    """
    a, b, _ = lines(windows(colour, radius, eps), mask, box(mask, radius))
    return box(_together(a), radius), box(b, radius)


class Windows(NamedTuple):
    """What the windows of a guide know without a mask: mean, and ``L D L^T`` of variance + eps; by planes."""

    colour: Planes
    radius: int
    mean: Planes
    lower: Planes  # l10, l20, l21; none of a grey guide
    pivots: Planes


def windows(colour: Array, radius: int, eps: float) -> Windows:
    """The mean and the factored covariance of every window; float32 allows LDL^T, not an adjugate."""
    colours = cv2.split(colour)
    mean = [box(one, radius) for one in colours]

    def covariance(i: int, j: int) -> Array:
        second: Array = box(colours[i] * colours[j], radius) - mean[i] * mean[j]
        return np.maximum(second, 0) + np.float32(eps) if i == j else second

    if len(colours) == 1:
        return Windows(colours, radius, mean, (), (covariance(0, 0),))
    rr, rg, rb, gg, gb, bb = (covariance(i, j) for i in range(3) for j in range(i, 3))
    l10, l20 = rg / rr, rb / rr
    # eps bounds the pivots from below; rounding must not take them under it
    second = np.maximum(gg - l10 * rg, np.float32(eps))
    rest = gb - l10 * rb
    l21 = rest / second
    third = np.maximum(bb - l20 * rb - l21 * rest, np.float32(eps))
    return Windows(colours, radius, mean, (l10, l20, l21), (rr, second, third))


def lines(seen: Windows, mask: Array, mean_p: Array) -> tuple[Planes, Array, Array]:
    """``a = (var + eps)^-1 cov`` by planes, ``b = mean_p - a . mean`` of each window, and its ``a . cov``.

    ``mean_p`` is the mean of the mask in the windows.
    """
    covariance = [
        box(one * mask, seen.radius) - mean * mean_p for one, mean in zip(seen.colour, seen.mean, strict=True)
    ]
    a = _solve(seen, covariance)
    return a, mean_p - along(a, seen.mean), along(a, covariance)


def along(a: Planes, b: Planes) -> Array:
    """``sum_c a_c b_c``."""
    product: Array = a[0] * b[0]
    for one, other in zip(a[1:], b[1:], strict=True):
        product += one * other
    return product


def _together(channels: Planes) -> Array:
    """(H, W, C)."""
    return cv2.merge(channels).reshape(*channels[0].shape, len(channels))


def _solve(seen: Windows, right: Sequence[Array]) -> list[Array]:
    """``x`` in ``L D L^T x = right``."""
    if len(right) == 1:
        return [right[0] / seen.pivots[0]]
    l10, l20, l21 = seen.lower
    red, green, blue = right
    green = green - l10 * red
    blue = (blue - (l20 * red + l21 * green)) / seen.pivots[2]
    green = green / seen.pivots[1] - l21 * blue
    red = red / seen.pivots[0] - (l10 * green + l20 * blue)
    return [red, green, blue]


def _coarse(
    guide: Array, mask: Array, radius: int, eps: float, *, factor: int, active: Array | None
) -> Array:
    small = local_lines(guide, mask, radius, eps, factor)
    out: Array = np.empty(mask.shape, np.float32) if active is None else convert(mask, np.float32).copy()

    def fill(tile: Tile) -> None:
        rows, columns = tile.core
        lines = enlarge(small, factor, rows, columns)
        out[tile.core] = _apply(lines[..., :-1], lines[..., -1], planes(guide[tile.core]))

    map_tiles(fill, tiles(mask.shape, _TILE // factor * factor or factor, 0, active))
    return out


def local_lines(guide: Array, mask: Array, radius: int, eps: float, factor: int) -> Array:
    """The `coefficients` a and b on a grid ``factor`` times coarser, as (h, w, C + 1) float32.

    ``radius`` is in pixels of the guide.
    """
    colour, target = planes(shrink(guide, factor)), shrink(convert(mask, np.float32), factor)
    return joint_lines(colour, target, max(1, round(radius / factor)), eps)


def joint_lines(colour: Array, mask: Array, radius: int, eps: float, active: Array | None = None) -> Array:
    """The `coefficients` a and b as (H, W, C + 1) float32, solved by tiles, whose scratch stays in the cache.

    Where ``active`` is given, tiles without a pixel of it hold 0.
    """
    lines = np.zeros((*mask.shape, colour.shape[2] + 1), np.float32)

    def solve(tile: Tile) -> None:
        a, b = coefficients(colour[tile.around], mask[tile.around], radius, eps)
        lines[tile.core] = np.dstack([a, b])[tile.inner]

    map_tiles(solve, tiles(lines.shape, max(_TILE, 2 * radius), 2 * radius, active))
    return lines


def planes(guide: Array) -> Array:
    """(H, W, C) float32, centred on 0 so that ``E[x^2] - E[x]^2`` keeps its digits."""
    colour = convert(guide, np.float32) - np.float32(0.5)
    return colour if colour.ndim == 3 else colour[..., None]


def box(array: Array, radius: int) -> Array:
    """The mean over windows of (2 radius + 1) squared, mirrored at the border."""
    size = 2 * radius + 1
    mean = cv2.blur(array, (size, size), borderType=cv2.BORDER_REFLECT)
    return mean.reshape(array.shape)  # OpenCV drops a last axis of 1


def dot(a: Array, b: Array) -> Array:
    """``sum_c a[..., c] b[..., c]``."""
    product: Array = a[..., 0] * b[..., 0]
    for c in range(1, a.shape[2]):
        product += a[..., c] * b[..., c]
    return product


def _apply(a: Array, b: Array, colour: Array) -> Array:
    return dot(a, colour) + b


def _check(
    guide: ImageInput, mask: MaskInput, radius: int, eps: float, subsample: int
) -> tuple[Array, Array]:
    guide, mask = to_record(guide, "guide").pixels, to_mask(mask)
    guide = guide if guide.ndim == 2 else guide[..., :3]
    check_same_size(mask, guide, other="guide")
    check_whole(radius, "radius")
    check_whole(subsample, "subsample")
    check_positive(eps, "eps")
    return guide, mask
