"""Local colour lines: a matte solved at a reduced size applied to the picture at its own."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.kernels import native
from maskkit.kernels.grid import enlarge, touched
from maskkit.kernels.lines import Grid, bound_lines
from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.matting.guided import dot, joint_lines, planes
from maskkit.pixels import Array

__all__ = ["lift"]

_TILE = 384
_SLACK = np.float32(0.05)


def lift(
    image: Array,
    small: Array,
    matte: Array,
    factor: int,
    active: Array | None = None,
    *,
    out: Array | None = None,
) -> Array:
    """``alpha = clip(a . I + b, lowest - 0.05, highest + 0.05)``, a and b fitted at the reduced size.

    Lowest and highest are those of the solved matte in the 3x3 around a pixel of the reduced size, so that
    texture of the picture does not show in the alpha.

    Parameters
    ----------
    image : (H, W, 3) array at full size
    small, matte : (h, w, 3) and (h, w) float32
        The picture reduced ``factor`` times, and its solved alpha.
    active : (h, w) bool, optional
        Where the result is wanted.
    out : (H, W) float32, optional
        Where to write it; elsewhere it stays as it is, or 0.

    Returns
    -------
    (H, W) float32 within 0-1.

    References
    ----------
    He and Sun 2015, Fast Guided Filter.
    """
    if out is None:
        out = np.zeros(image.shape[:2], np.float32)  # pages that are not written cost nothing
    if factor == 1:
        np.copyto(out, matte, where=True if active is None else active)
        return out
    around = np.ones((3, 3), np.uint8)
    low, high = cv2.erode(matte, around) - _SLACK, cv2.dilate(matte, around) + _SLACK
    wanted = np.ones(matte.shape, np.float32) if active is None else active.astype(np.float32)
    lines = joint_lines(planes(small), matte, 1, 1e-5, cv2.dilate(wanted, around) > 0)
    field = np.dstack([lines, low, high, wanted])

    def fill(tile: Tile) -> None:
        near = touched(matte, factor, *tile.core)
        if near.min() == near.max():
            np.copyto(out[tile.core], near[0, 0], where=_finer(wanted, tile, factor))
        elif native.module(image):
            corner = tile.core[0].start, tile.core[1].start
            size = matte.shape[0] * factor, matte.shape[1] * factor
            bound_lines(image[tile.core], Grid(field, size, corner), out[tile.core])
        else:
            *lines, offset, least, most, _ = np.moveaxis(enlarge(field, factor, *tile.core), -1, 0)
            alpha = dot(np.stack(lines, -1), planes(image[tile.core])) + offset
            alpha = np.clip(np.clip(alpha, least, most), 0, 1)
            np.copyto(out[tile.core], alpha, where=_finer(wanted, tile, factor))

    map_tiles(fill, tiles(out.shape, max(1, _TILE // factor) * factor, 0, active, factor))
    return out


def _finer(wanted: Array, tile: Tile, factor: int) -> Array:
    """Which pixels of a tile are wanted, at its size."""
    rows, columns = (np.arange(side.start, side.stop) // factor for side in tile.core)
    finer: Array = wanted[rows[:, None], columns] > 0
    return finer
