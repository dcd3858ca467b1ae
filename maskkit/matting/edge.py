"""The edge mode: a guided filter that lets go where colour says nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np

from maskkit.kernels import convert, native, together
from maskkit.kernels.grid import enlarge, shrink
from maskkit.kernels.lines import Grid, fuse_lines
from maskkit.kernels.tiles import Box, Tile, map_tiles, tiles
from maskkit.matting.guided import Planes, along, box, guided_filter, local_lines, planes
from maskkit.matting.separability import (
    EPS,
    FINE,
    REACH,
    Evidence,
    Fit,
    evidence,
    local_fit,
    stretch,
    veil,
)
from maskkit.pixels import Array

__all__ = ["by_bands", "edge", "fused"]

_AGAIN = 0.006  # radius of the second pass's windows as a share of the long side
_GRID = 16  # radius of the wide windows on the grid where they are solved
_SIDE = 1600  # of that grid at most, whatever the radius
_TILE = 384
_BAND = 192  # rows; what a band takes is 130 bytes for each of its pixels


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
        Of the wide windows, pixels; 2.5% of the long side by default.

    Returns
    -------
    (H, W) float32 within 0-1; the mask itself where it is constant within two radii.

    References
    ----------
    He, Sun, Tang 2013, Guided Image Filtering. He and Sun 2015, Fast Guided Filter.
    """
    side = max(mask.shape)
    radius = radius or max(1, round(side * REACH))
    factor = max(1, radius // _GRID, -(-side // _SIDE))
    mask = convert(mask, np.float32)
    out, small = np.empty_like(mask), shrink(mask, factor)
    near = _near(small, 2 * radius // factor)
    if not near.any():
        np.copyto(out, mask)
        return out
    cells = _around(near, radius // factor)
    part = _times(cells[0], factor), _times(cells[1], factor)
    wide, _ = together(
        lambda: _wide(image[part], small[cells], max(1, round(radius / factor)), factor),
        lambda: np.copyto(out, mask),
    )
    if factor == 1:
        out[part] = wide
    else:
        fine = max(1, min(radius, round(side * FINE)))
        near = _near(small[cells], 2 * max(1, round(radius / factor)))
        _write((image[part], mask[part], out[part]), wide, near, fine, factor)
    return out


def _wide(image: Array, mask: Array, radius: int, factor: int) -> Array:
    """What the wide windows say, (h, w, 11); where the grid is the picture's own, alpha itself."""
    colour = planes(shrink(image, factor))
    seen = evidence(colour, mask, radius)
    if factor == 1:
        return fused(colour, radius, seen)
    first, second, _ = _both(colour, _fine(colour, seen), radius, seen)
    return np.dstack([*first, *second, seen.share])


def _write(full: tuple[Array, Array, Array], field: Array, near: Array, fine: int, factor: int) -> None:
    """Fuse `_wide`'s ``field`` with fine windows, where ``near``; ``full`` are image, mask and result."""
    image, mask, out = full

    def fill(tile: Tile) -> None:
        near, step = (image[tile.around], mask[tile.around]), max(1, fine // 4)
        if native.module(image):
            narrow = _grid(local_lines(*near, fine, EPS, step), step, tile.inner)
            fuse_lines(image[tile.core], narrow, _grid(field, factor, tile.core), out[tile.core])
            return
        lines = enlarge(field, factor, *tile.core)
        alpha = guided_filter(*near, fine, EPS, subsample=step)[tile.inner]
        colour, share = cv2.split(planes(image[tile.core])), lines[..., 10]
        says = [_apply([*np.moveaxis(part, -1, 0)], colour) for part in (lines[..., :5], lines[..., 5:10])]
        out[tile.core] = _fuse(alpha, says, share)

    size = max(1, _TILE // factor) * factor
    map_tiles(fill, tiles(mask.shape, size, 2 * fine, near, factor))


def _grid(planes: Array, factor: int, part: Box) -> Grid:
    """Planes that are ``factor`` times coarser than the picture, at a part of it."""
    size = planes.shape[0] * factor, planes.shape[1] * factor
    return Grid(planes, size, (part[0].start, part[1].start))


def by_bands(image: Array, mask: Array, radius: int) -> Array:
    """`fused`, of a small picture and its mask, by bands of rows: in half the memory.

    Windows of windows reach 2.5 radii, so that no band sees where another ends.
    """
    out = np.empty_like(mask)
    reach = math.ceil(2.5 * radius) + 2
    rows = max(_BAND, 2 * reach)
    for top in range(0, len(mask), rows):
        start = max(0, top - reach)
        near = slice(start, top + rows + reach)
        colour = planes(image[near])
        alpha = fused(colour, radius, evidence(colour, mask[near], radius))
        out[top : top + rows] = alpha[top - start :][:rows]
    return out


def fused(colour: Array, radius: int, seen: Evidence) -> Array:
    """The same for a small picture (`maskkit.matting.guided.planes`) whose evidence is there already."""
    alpha = _fine(colour, seen)
    _, second, said = _both(colour, alpha, radius, seen)
    return _fuse(alpha, [said, _apply(second, cv2.split(colour))], seen.share)


def _fine(colour: Array, seen: Evidence) -> Array:
    """What the fine windows say; not clipped."""
    alpha: Array = along(seen.fine.a, cv2.split(colour)) + seen.fine.b
    return alpha


def _both(colour: Array, alpha: Array, radius: int, seen: Evidence) -> tuple[Planes, Planes, Array]:
    """Lines of the wide windows and of a second pass over `_fine`'s ``alpha``, and what the first say."""
    first = _lines(seen.wide, veil(seen.wide, seen.distance, 0.15 * radius, 0.7 * radius, seen.known))
    said, alpha = _apply(first, cv2.split(colour)), np.clip(alpha, 0, 1)
    alpha += seen.share * (said - alpha)
    again = local_fit(colour, alpha, max(1, round(radius * _AGAIN / REACH)))
    second = _lines(again, np.clip((0.15 + 0.3 * seen.known) * again.residual, 0, 0.45))
    return first, second, said


def _fuse(alpha: Array, says: Sequence[Array], share: Array) -> Array:
    for one in says:
        alpha = alpha + share * (one - alpha)
    clipped: Array = np.clip(alpha, 0, 1)
    return clipped


def _lines(fit: Fit, t: Array) -> Planes:
    """``a`` (three planes), ``b`` and ``t``."""
    return [*fit.a, fit.b, t]


def _apply(lines: Planes, colours: Planes) -> Array:
    return stretch(along(lines[:3], colours) + lines[3], lines[4])


def _near(mask: Array, reach: int) -> Array:
    """Where the mask is not constant within ``reach``."""
    mean = box(mask, max(1, reach))
    near: Array = (mean > 1e-3) & (mean < 1 - 1e-3)
    return near


def _times(cells: slice, factor: int) -> slice:
    """The pixels of some cells."""
    return slice(cells.start * factor, cells.stop * factor)


def _around(near: Array, margin: int) -> Box:
    """The box of what is near, and the margin."""
    rows, columns = (np.flatnonzero(near.any(axis)) for axis in (1, 0))
    top, bottom, left, right = (int(end) for end in (rows[0], rows[-1], columns[0], columns[-1]))
    return (
        slice(max(0, top - margin), bottom + 1 + margin),
        slice(max(0, left - margin), right + 1 + margin),
    )
