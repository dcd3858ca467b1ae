"""The edge mode: a guided filter that lets go where colour says nothing."""

from __future__ import annotations

import numpy as np

from maskkit.kernels import convert
from maskkit.kernels.grid import enlarge, shrink
from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.matting.guided import box, dot, guided_filter, planes
from maskkit.matting.separability import edge_distance, local_fit, smoothstep, stretch, veil
from maskkit.pixels import Array

__all__ = ["edge"]

_EPS = 1e-5
_REACH = 0.0125  # radius of the wide windows as a share of the long side
_FINE = 0.004  # radius of the fine ones
_GRID = 8  # radius of the wide windows on the grid where they are solved
_TILE = 384


def edge(image: Array, mask: Array, radius: int | None = None) -> Array:
    """``fine + w (wide - fine)``: guided filters of two sizes, w by how much the wide one explains.

    The wide one finds soft edges and corrects a contour by a few pixels; its noise, a faint veil, is cleared
    by its own residual. The fine one, which cannot spill far, stands in where the wide one's colour lines
    explain less than 0.2-0.6 of the mask's variance (like colours on either side), and where its own explain
    more than 0.6-0.8 (the mask fits the picture as it is).

    Parameters
    ----------
    image : (H, W, 3) array
    mask : (H, W) array
    radius : int, optional
        Of the wide windows, pixels; 1.25% of the long side by default.

    Returns
    -------
    (H, W) float32 within 0-1; the mask itself where it is constant within two radii.

    References
    ----------
    He, Sun, Tang 2013, Guided Image Filtering. He and Sun 2015, Fast Guided Filter.
    """
    side = max(mask.shape)
    radius = radius or max(1, round(side * _REACH))
    fine = max(1, min(radius, round(side * _FINE)))
    factor = max(1, radius // _GRID)
    small_mask = shrink(convert(mask, np.float32), factor)
    field = _field(planes(shrink(image, factor)), small_mask, max(1, round(radius / factor)))
    out = np.array(convert(mask, np.float32))

    def fill(tile: Tile) -> None:
        *a, b, share, t = np.moveaxis(enlarge(field, factor, *tile.core), -1, 0)
        wide = stretch(dot(np.stack(a, -1), planes(image[tile.core])) + b, t)
        near = image[tile.around], mask[tile.around]
        close = guided_filter(*near, fine, _EPS, subsample=max(1, fine // 4))[tile.inner]
        out[tile.core] = np.clip(close + share * (wide - close), 0, 1)

    size = max(1, _TILE // factor) * factor
    map_tiles(fill, tiles(mask.shape, size, 2 * fine, _near(small_mask, 2 * radius // factor), factor))
    return out


def _field(colour: Array, mask: Array, radius: int) -> Array:
    """Six planes on the coarse grid: a (3) and b of the colour lines, their share in the result, the veil."""
    wide = local_fit(colour, mask, radius, _EPS)
    fine = local_fit(colour, mask, max(1, round(radius * _FINE / _REACH)), _EPS)
    share = smoothstep(wide.explained, 0.2, 0.6) * (1 - smoothstep(fine.explained, 0.6, 0.8))
    t = veil(wide, edge_distance(mask), 0.2 * radius, 0.8 * radius)
    return np.dstack([wide.a, wide.b, share, t]).astype(np.float32)


def _near(mask: Array, reach: int) -> Array:
    """Where the mask is not constant within ``reach``."""
    mean = box(mask, max(1, reach))
    near: Array = (mean > 1e-3) & (mean < 1 - 1e-3)
    return near
