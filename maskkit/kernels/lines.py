"""Colour lines of a coarse grid, applied to the picture at its own size."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from maskkit.kernels import native
from maskkit.kernels.convert import convert
from maskkit.layout import regular
from maskkit.pixels import Array

__all__ = ["Grid", "apply_lines", "bound_lines", "fuse_lines"]


class Grid(NamedTuple):
    """Planes of a coarse grid, and where the pixels asked for lie in the picture that it stretches over.

    ``planes`` is (h, w, P) float32, ``size`` (rows, columns) of the picture, ``corner`` the (top, left) of
    the pixels. Between the middles of its cells a plane is bilinear, beyond the outermost it is constant.
    """

    planes: Array
    size: tuple[int, int]
    corner: tuple[int, int] = (0, 0)

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        """As the compiled kernels take them."""
        return *self.size, *self.corner


def apply_lines(image: Array, grid: Grid, out: Array) -> None:
    """``out = clip(a . I + b, 0, 1)``, a and b the four planes of the grid.

    Parameters
    ----------
    image : (n, columns, 3) array, any dtype
        Rows of the picture, from the corner's on; all of each row.
    grid : Grid
        Of four planes.
    out : (n, columns) float32

    Examples
    --------
    >>> out = np.empty((1, 4), np.float32)
    >>> lines = np.float32([[[0, 0, 0, 0.2], [0, 0, 0, 1]]])
    >>> apply_lines(np.zeros((1, 4, 3), np.uint8), Grid(lines, (1, 4)), out)
    >>> [f"{value:.1f}" for value in out[0]]
    ['0.2', '0.4', '0.8', '1.0']
    """
    if compiled := native.module(image):
        compiled.lines(native.packed(image), out, regular(grid.planes), grid.numbers)
        return
    import cv2

    colour, standing = convert(image, np.float32), _rows(grid, len(image))
    out[...] = cv2.resize(regular(standing[..., 3]), out.shape[::-1])
    for channel in range(3):
        out += colour[..., channel] * cv2.resize(regular(standing[..., channel]), out.shape[::-1])
    np.clip(out, 0, 1, out=out)


def fuse_lines(image: Array, fine: Grid, wide: Grid, out: Array) -> None:
    """`maskkit.matting.edge` of a tile, in the compiled core alone, where `native.module` takes the image.

    Of ``fine`` the planes are a and b; of ``wide`` twice a, b and how far alpha is stretched, and their
    share. ``image`` is (n, m, 3), ``out`` (n, m) float32.
    """
    placed = (part for grid in (fine, wide) for part in (regular(grid.planes), grid.numbers))
    native.module(image).fuse(native.packed(image), out, *placed)


def bound_lines(image: Array, grid: Grid, out: Array) -> None:
    """`maskkit.matting.lift` of a tile, in the compiled core alone, where `native.module` takes the image.

    The grid's planes are a and b, the lowest and the highest alpha, and which cells are wanted (1, else 0):
    the rest of ``out``, (n, m) float32, stays as it is. ``image`` is (n, m, 3).
    """
    native.module(image).bound(native.packed(image), out, regular(grid.planes), grid.numbers)


def _rows(grid: Grid, count: int) -> Array:
    """Rows of the picture on the grid's columns, (count, w, P)."""
    cells = len(grid.planes)
    where = (np.arange(count) + grid.corner[0] + 0.5) * cells / grid.size[0] - 0.5
    where = where.clip(0, cells - 1)
    first = where.astype(np.intp)
    share = (where - first).astype(np.float32)[:, None, None]
    upper, lower = grid.planes[first], grid.planes[np.minimum(first + 1, cells - 1)]
    rows: Array = upper + share * (lower - upper)
    return rows
