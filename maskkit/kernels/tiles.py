"""Square tiles with a halo: local operations on the part of a picture that needs them, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from maskkit.kernels.bands import map_bands
from maskkit.pixels import Array

__all__ = ["Tile", "map_tiles", "tiles"]

Box = tuple[slice, slice]


class Tile(NamedTuple):
    """Where the result of a tile goes, what the tile reads, and where the result lies in what it reads."""

    core: Box
    around: Box
    inner: Box

    @property
    def corner(self) -> tuple[int, int]:
        """The top and left of the core, a key under which results of a tile are kept."""
        return self.core[0].start, self.core[1].start


def tiles(
    shape: tuple[int, ...], size: int, halo: int, active: Array | None = None, scale: int = 1
) -> list[Tile]:
    """The tiles of ``size`` x ``size`` that cover ``shape``, each reading ``halo`` pixels further.

    Along a picture of a few rows or columns they are longer, up to 64 times, so that they stay few.

    With ``active`` (bool) only tiles are given that hold a pixel of it; it may be on a grid ``scale`` times
    coarser, where ``size`` is a multiple of ``scale``.

    >>> [tile.around for tile in tiles((4, 6), 4, 1)]
    [(slice(0, 4, None), slice(0, 5, None)), (slice(0, 4, None), slice(3, 6, None))]
    """
    height, width = shape[:2]
    down, across = size * max(1, min(size, 64) // width), size * max(1, min(size, 64) // height)
    found = []
    for top in range(0, height, down):
        for left in range(0, width, across):
            core = slice(top, min(top + down, height)), slice(left, min(left + across, width))
            if active is None or active[_coarser(core, scale)].any():
                found.append(_with_halo(core, halo, height, width))
    return found


def map_tiles(function: Callable[[Tile], None], todo: list[Tile]) -> None:
    """Call ``function(tile)`` for every tile over the kernels' threads; cores never overlap."""
    if todo:
        order = np.arange(len(todo))[:, None]
        map_bands(lambda piece: function(todo[piece[0, 0]]), order, rows=1)


def _coarser(box: Box, scale: int) -> Box:
    rows, columns = (slice(side.start // scale, -(-side.stop // scale)) for side in box)
    return rows, columns


def _with_halo(core: Box, halo: int, height: int, width: int) -> Tile:
    rows, columns = core
    around = (
        slice(max(0, rows.start - halo), min(height, rows.stop + halo)),
        slice(max(0, columns.start - halo), min(width, columns.stop + halo)),
    )
    top, left = around[0].start, around[1].start
    inner = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
    return Tile(core, around, inner)
