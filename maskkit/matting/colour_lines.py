"""Smooth fields of colour lines: where the matting Laplacian is nearly zero, solved from coarse to fine."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from maskkit.kernels import native
from maskkit.kernels.laplacian import collect, project, spread
from maskkit.kernels.squares import Squares
from maskkit.pixels import Array

__all__ = ["ColourLines"]

_STEPS = [(down, across) for down in range(5) for across in range(5)]
_SWEEPS = 2  # before and after the coarser grid
_COARSEST = 3  # nodes across
_DAMPING = 0.25  # of Jacobi's steps, in the place of Gauss and Seidel's without C: 4 nodes meet at a pixel


class ColourLines:
    """``alpha = sum_node hat(node) (a . I + b)``: four numbers for every corner of the squares.

    Any alpha that is an affine function of colour in each 3x3 window has no energy, however fine the
    picture's texture; so what plain relaxation leaves is a smooth field of such functions.
    """

    def __init__(self, rows: Array, where: Squares, basis: Array) -> None:
        self.where, self.basis = where, basis
        self.grid = _grid(project(rows, where.near, basis), where)

    def correct(self, residual: Array) -> Array:
        """About ``P (P^T L P)^-1 P^T residual``, by squares."""
        return self._spread(_cycle(self.grid, self._collect(residual)))

    def _collect(self, residual: Array) -> Array:
        """``P^T residual``, (rows, columns, 4)."""
        parts = collect(self.basis, residual)
        total = np.zeros((*self.grid.shape, 4), np.float32)
        for corner, at in enumerate(_corners(self.where)):
            total[at] += parts[:, corner]
        return total

    def _spread(self, lines: Array) -> Array:
        """``P lines``."""
        return spread(self.basis, np.stack([lines[at] for at in _corners(self.where)], 1))


class _Grid(NamedTuple):
    """One grid of nodes: a 4x4 block for each of the 25 nodes around every node, and the coarser grid."""

    matrix: Array  # (rows, columns, 5, 5, 4, 4) float32
    inverse: Array  # (rows, columns, 4, 4) float32, of the node's own block; 0 where nothing is unknown
    coarser: _Grid | None

    @property
    def shape(self) -> tuple[int, int]:
        return self.matrix.shape[0], self.matrix.shape[1]


def _corners(where: Squares) -> list[tuple[Array, Array]]:
    rows, columns = where.corners.T
    return [(rows + down, columns + across) for down in range(2) for across in range(2)]


def _grid(blocks: Array, where: Squares) -> _Grid:
    rows, columns = where.grid
    matrix = np.zeros((rows + 1, columns + 1, 5, 5, 4, 4), np.float32)
    for corner, at in enumerate(_corners(where)):
        down, across = divmod(corner, 2)
        around = slice(1 - down, 5 - down), slice(1 - across, 5 - across)
        part = blocks[:, corner].reshape(-1, 4, 4, 4, 4)  # own line, nodes down and across, their line
        matrix[:, :, *around][at] += part.transpose(0, 2, 3, 1, 4)
    return _with_coarser(matrix)


def _with_coarser(matrix: Array) -> _Grid:
    own = matrix[:, :, 2, 2].astype(np.float64)
    scale = np.trace(own, axis1=2, axis2=3)[..., None, None]
    used = scale > 1e-9
    own += np.where(used, 1e-6 * scale, 1) * np.eye(4)
    inverse = np.where(used, np.linalg.inv(own), 0).astype(np.float32)
    coarser = None if max(matrix.shape[:2]) <= _COARSEST else _with_coarser(_coarser(matrix))
    return _Grid(matrix, inverse, coarser)


def _coarser(matrix: Array) -> Array:
    """``R M R^T`` of bilinear interpolation between every other node."""
    shape = matrix.shape[0] // 2 + 1, matrix.shape[1] // 2 + 1
    out = np.zeros((*shape, 5, 5, 4, 4), np.float32)
    if compiled := native.whole("coarser"):
        compiled(matrix, out, *matrix.shape[:2])
        return out
    own = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    framed = np.pad(matrix, [(1, 2), (1, 2), *[(0, 0)] * 4])
    for down, across in own:
        fine = _every_other(framed, down, across, shape)
        for (y, x), (back, left) in ((s, o) for s in _STEPS for o in own):
            to = down + y - 2 - back, across + x - 2 - left
            if to[0] % 2 == 0 and to[1] % 2 == 0:
                weight = np.float32(0.5 ** (abs(down) + abs(across) + abs(back) + abs(left)))
                out[:, :, to[0] // 2 + 2, to[1] // 2 + 2] += weight * fine[:, :, y, x]
    return out


def _every_other(array: Array, down: int, across: int, shape: tuple[int, int]) -> Array:
    """The nodes at ``2 i + down, 2 j + across`` of an array with a frame of 1 before it and 2 behind."""
    part: Array = array[1 + down :: 2, 1 + across :: 2]
    return part[: shape[0], : shape[1]]


def _cycle(grid: _Grid, right: Array) -> Array:
    """A V-cycle from 0."""
    field = np.zeros_like(right)
    sweeps = _SWEEPS if grid.coarser else 4 * _SWEEPS
    for _ in range(sweeps):
        _sweep(grid, field, right, backwards=False)
    if grid.coarser:
        field += _enlarged(_cycle(grid.coarser, _reduced(_rest(grid, field, right))), grid.shape)
    for _ in range(sweeps):
        _sweep(grid, field, right, backwards=True)
    return field


def _reduced(fine: Array) -> Array:
    shape = fine.shape[0] // 2 + 1, fine.shape[1] // 2 + 1
    out: Array = np.zeros((*shape, 4), np.float32)
    framed = np.pad(fine, [(1, 2), (1, 2), (0, 0)])
    for down, across in ((y, x) for y in (-1, 0, 1) for x in (-1, 0, 1)):
        out += np.float32(0.5 ** (abs(down) + abs(across))) * _every_other(framed, down, across, shape)
    return out


def _enlarged(coarse: Array, shape: tuple[int, int]) -> Array:
    out = np.zeros((2 * coarse.shape[0] - 1, 2 * coarse.shape[1] - 1, 4), np.float32)
    out[::2, ::2] = coarse
    out[1::2, ::2] = (coarse[:-1] + coarse[1:]) / 2
    out[:, 1::2] = (out[:, :-1:2] + out[:, 2::2]) / 2
    return out[: shape[0], : shape[1]]


def _sweep(grid: _Grid, field: Array, right: Array, *, backwards: bool) -> None:
    """``field += D^-1 (right - M field)`` node by node, in place; all at once and damped without C."""
    if compiled := native.whole("nodes"):
        compiled(grid.matrix, grid.inverse, field, right, None, *grid.shape, backwards)
    else:
        field += _DAMPING * np.einsum("yxij,yxj->yxi", grid.inverse, _rest(grid, field, right))


def _rest(grid: _Grid, field: Array, right: Array) -> Array:
    """``right - M field`` where something is unknown."""
    out = np.zeros_like(right)
    if compiled := native.whole("nodes"):
        compiled(grid.matrix, grid.inverse, field, right, out, *grid.shape, 0)
        return out
    out += right
    wide = np.pad(field, [(2, 2), (2, 2), (0, 0)])
    for y, x in _STEPS:
        moved = wide[y : y + grid.shape[0], x : x + grid.shape[1]]
        out -= np.einsum("yxij,yxj->yxi", grid.matrix[:, :, y, x], moved)
    out[grid.inverse[..., 0, 0] == 0] = 0
    return out
