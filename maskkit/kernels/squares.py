"""Squares of 8 x 8 pixels: those that are needed, one after the other in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from maskkit.kernels.bands import map_bands
from maskkit.pixels import Array

__all__ = ["SIDE", "Squares", "by_squares", "gather", "patches", "scatter", "squares"]

SIDE = 8  # pixels
_REACH = 2  # pixels that a patch reaches beyond its square


class Squares(NamedTuple):
    """Which squares of a picture are held; one more, empty square stands for all others."""

    shape: tuple[int, int]  # of the picture
    corners: Array  # (n, 2) int32: row and column, in squares
    near: Array  # (n, 9) int32: the squares around each, row by row, itself in the middle

    @property
    def grid(self) -> tuple[int, int]:
        """The number of rows and columns of squares that cover the picture."""
        return -(-self.shape[0] // SIDE), -(-self.shape[1] // SIDE)


def squares(region: Array) -> Squares:
    """The squares that hold a pixel of ``region``, (H, W) bool.

    >>> region = np.zeros((8, 20), bool); region[0, [0, 9]] = True
    >>> squares(region).near.tolist()
    [[2, 2, 2, 2, 0, 1, 2, 2, 2], [2, 2, 2, 0, 1, 2, 2, 2, 2]]
    """
    held = _whole(region).any((2, 3))
    rows, columns = np.nonzero(held)
    slots = np.full((held.shape[0] + 2, held.shape[1] + 2), rows.size, np.int32)
    slots[rows + 1, columns + 1] = np.arange(rows.size)
    around = [slots[rows + down, columns + across] for down in range(3) for across in range(3)]
    corners = np.stack([rows, columns], 1).astype(np.int32)
    height, width = region.shape
    return Squares((height, width), corners, np.ascontiguousarray(np.stack(around, 1)))


def gather(array: Array, of: Squares) -> Array:
    """The pixels of an (H, W) array, (n + 1, 8, 8) float32; 0 beyond the picture and in the last square."""
    out = np.zeros((len(of.corners) + 1, SIDE, SIDE), np.float32)
    out[:-1] = _whole(array)[of.corners[:, 0], of.corners[:, 1]]
    return out


def scatter(values: Array, of: Squares, out: Array) -> None:
    """Write squares (n + 1, 8, 8) where they belong in ``out``, (H, W)."""
    whole = np.zeros((*of.grid, SIDE, SIDE), out.dtype)
    held = np.zeros(of.grid, bool)
    held[of.corners[:, 0], of.corners[:, 1]] = True
    whole[of.corners[:, 0], of.corners[:, 1]] = values[:-1]
    flat = whole.transpose(0, 2, 1, 3).reshape(of.grid[0] * SIDE, of.grid[1] * SIDE)
    where = held.repeat(SIDE, 0).repeat(SIDE, 1)
    height, width = out.shape
    np.copyto(out, flat[:height, :width], where=where[:height, :width])


def patches(values: Array, near: Array) -> Array:
    """Squares with a margin of two pixels, (m, 12, 12), for those whose neighbours are given."""
    around = values[near].reshape(-1, 3, 3, SIDE, SIDE).transpose(0, 1, 3, 2, 4)
    inner = slice(SIDE - _REACH, 2 * SIDE + _REACH)
    wide: Array = around.reshape(-1, 3 * SIDE, 3 * SIDE)[:, inner, inner]
    return wide


def by_squares(function: Callable[[int, int], None], count: int, share: int = 256) -> None:
    """Call ``function(first, last)`` for all squares, ``share`` at a time, over the threads."""
    if count <= share:
        function(0, count)
        return
    firsts = np.arange(0, count, share)[:, None]
    map_bands(lambda first: function(int(first[0, 0]), min(count, int(first[0, 0]) + share)), firsts, rows=1)


def _whole(array: Array) -> Array:
    """The array as squares, (rows, columns, 8, 8), with zeros beyond the picture; a view where possible."""
    height, width = array.shape
    if height % SIDE or width % SIDE:
        array = np.pad(array, [(0, -height % SIDE), (0, -width % SIDE)])
    down, across = array.shape[0] // SIDE, array.shape[1] // SIDE
    return array.reshape(down, SIDE, across, SIDE).transpose(0, 2, 1, 3)
