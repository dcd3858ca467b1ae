"""The edge mode: a guided filter that lets go where colour says nothing."""

from __future__ import annotations

import numpy as np

from maskkit.kernels import convert
from maskkit.kernels.grid import enlarge, shrink
from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.matting.guided import box, dot, guided_filter, planes
from maskkit.matting.separability import Fit, edge_distance, fits_around, local_fit, smoothstep, stretch, veil
from maskkit.pixels import Array

__all__ = ["edge"]

_EPS = 1e-5
_REACH = 0.0225  # radius of the wide windows as a share of the long side
_AGAIN = 0.006  # of the second pass
_FINE = 0.004  # of the fine ones
_GRID = 16  # radius of the wide windows on the grid where they are solved
_TILE = 384


def edge(image: Array, mask: Array, radius: int | None = None) -> Array:
    """``fine + w (wide - fine)``, twice: guided filters of two sizes, w by how much the wide one explains.

    The wide one finds soft edges and corrects a contour by a few pixels; its noise, a faint veil, is cleared
    by its own residual. The fine one, which cannot spill far, stands in where the wide one's colour lines
    explain less than 0.1-0.4 of the mask's variance (like colours on either side), and where its own explain
    more than 0.75-0.9 here, or 0.6-0.8 around (the mask fits the picture as it is). A second pass filters
    the result of the first, of which it keeps more of the fine structure, in the same shares.

    Parameters
    ----------
    image : (H, W, 3) array
    mask : (H, W) array
    radius : int, optional
        Of the wide windows, pixels; 2.25% of the long side by default.

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
        lines = enlarge(field, factor, *tile.core)
        colour = planes(image[tile.core])
        near = image[tile.around], mask[tile.around]
        alpha = guided_filter(*near, fine, _EPS, subsample=max(1, fine // 4))[tile.inner]
        for part in (lines[..., :5], lines[..., 5:10]):
            alpha += lines[..., 10] * (_apply(part, colour) - alpha)
        out[tile.core] = np.clip(alpha, 0, 1)

    size = max(1, _TILE // factor) * factor
    map_tiles(fill, tiles(mask.shape, size, 2 * fine, _near(small_mask, 2 * radius // factor), factor))
    return out


def _field(colour: Array, mask: Array, radius: int) -> Array:
    """Eleven planes on the coarse grid: a (3), b, veil of the wide and of the second lines; their share."""
    wide = local_fit(colour, mask, radius, _EPS)
    small = max(1, round(radius * _FINE / _REACH))
    fine = local_fit(colour, mask, small, _EPS)
    around = fits_around(mask, fine, small, max(1, radius // 2))
    known = smoothstep(around, 0.3, 0.6)
    share = smoothstep(wide.explained, 0.1, 0.4) * (1 - smoothstep(fine.explained, 0.75, 0.9))
    share *= 1 - smoothstep(around, 0.6, 0.8)
    first = _lines(wide, veil(wide, edge_distance(mask), 0.15 * radius, 0.7 * radius, known))
    alpha = np.clip(dot(fine.a, colour) + fine.b, 0, 1)
    alpha += share * (_apply(first, colour) - alpha)
    again = local_fit(colour, alpha, max(1, round(radius * _AGAIN / _REACH)), _EPS)
    second = _lines(again, np.clip((0.15 + 0.3 * known) * again.residual, 0, 0.45))
    return np.dstack([first, second, share]).astype(np.float32)


def _lines(fit: Fit, t: Array) -> Array:
    return np.dstack([fit.a, fit.b, t])


def _apply(lines: Array, colour: Array) -> Array:
    return stretch(dot(lines[..., :3], colour) + lines[..., 3], lines[..., 4])


def _near(mask: Array, reach: int) -> Array:
    """Where the mask is not constant within ``reach``."""
    mean = box(mask, max(1, reach))
    near: Array = (mean > 1e-3) & (mean < 1 - 1e-3)
    return near
