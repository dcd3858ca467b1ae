"""Closed-form matting without the matrix: the matting Laplacian is one step of a guided filter."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.matting.guided import Windows, box, dot, lines, planes, windows
from maskkit.pixels import Array

__all__ = ["closed_form", "laplacian"]

_TILE = 96  # small enough that one tile's windows stay in the second-level cache


def closed_form(
    image: Array,
    start: Array,
    unknown: Array,
    target: Array,
    weight: Array,
    *,
    radius: int = 1,
    eps: float = 1e-6,
    rounds: int = 20,
    tolerance: float = 1e-4,
) -> Array:
    """``argmin_p p^T L p + sum weight (p - target)^2`` over the unknown pixels; the others stay as they are.

    L is the matting Laplacian, applied as ``L p = p - guided_filter(p)``: with windows w of n pixels,
    ``sum_w (1/n)(delta_ij - (1/n)(1 + (I_i - m)^T S^-1 (I_j - m)))`` is the same operator (He et al. 2010).
    Solved by conjugate gradients, preconditioned by the diagonal, from ``start``.

    Parameters
    ----------
    image: (H, W, 3), any dtype of the convention.
    start: (H, W) float32 alpha within 0-1: the known values, and the first guess of the others.
    unknown: (H, W) bool, the pixels to solve for.
    target, weight: (H, W) float32 data term; a weight of 0 leaves a pixel to its neighbours.
    radius, eps: of the Laplacian's windows.
    rounds, tolerance: of the conjugate gradients; the residual is relative to the first one.

    Returns
    -------
    (H, W) float32 within 0-1.

    References
    ----------
    Levin, Lischinski, Weiss: A Closed-Form Solution to Natural Image Matting, IEEE TPAMI 30(2), 2008.
    He, Sun, Tang: Fast Matting Using Large Kernel Matting Laplacian Matrices, CVPR 2010.
    """
    if not unknown.any():
        return start.copy()
    apply, diagonal = laplacian(image, unknown, radius, eps)
    weight = np.where(unknown, weight, np.float32(0))

    def system(p: Array) -> Array:
        total: Array = apply(p) + weight * p
        return total

    residual = np.where(unknown, weight * target - system(start), np.float32(0))
    solved = start + _conjugate_gradients(system, residual, unknown / (diagonal + weight), rounds, tolerance)
    alpha: Array = np.clip(solved, 0, 1)
    return alpha


def laplacian(
    image: Array, unknown: Array, radius: int, eps: float
) -> tuple[Callable[[Array], Array], Array]:
    """``p -> L p`` and L's diagonal, both on the unknown pixels and 0 (1 for the diagonal) elsewhere."""
    todo = tiles(unknown.shape, _TILE, 2 * radius, unknown)
    seen: dict[tuple[int, int], Windows] = {}
    diagonal = np.ones(unknown.shape, np.float32)

    def prepare(tile: Tile) -> None:
        seen[tile.corner] = windows(planes(image[tile.around]), radius, eps)
        diagonal[tile.core] = np.where(unknown[tile.core], _diagonal(seen[tile.corner])[tile.inner], 1)

    map_tiles(prepare, todo)

    def apply(p: Array) -> Array:
        out = np.zeros_like(p)

        def fill(tile: Tile) -> None:
            view = seen[tile.corner]
            a, b, _ = lines(view, p[tile.around])
            smooth = dot(box(a, radius), view.colour) + box(b, radius)
            out[tile.core] = (p[tile.around] - smooth)[tile.inner] * unknown[tile.core]

        map_tiles(fill, todo)
        return out

    return apply, diagonal


def _diagonal(seen: Windows) -> Array:
    """``1 - (1/n) mean_w (1 + (I_i - m_w)^T S_w^-1 (I_i - m_w))`` over the windows w that hold pixel i."""
    reach = range(-seen.radius, seen.radius + 1)
    count = len(reach) ** 2
    total = np.zeros(seen.colour.shape[:2], np.float32)
    for shift in ((y, x) for y in reach for x in reach):
        mean, lower, pivots = (
            np.roll(array, shift, (0, 1)) for array in (seen.mean, seen.lower, seen.pivots)
        )
        y0, y1, y2 = np.moveaxis(seen.colour - mean, -1, 0)
        y1 = y1 - lower[..., 0] * y0
        y2 = y2 - lower[..., 1] * y0 - lower[..., 2] * y1
        total += 1 + y0 * y0 / pivots[..., 0] + y1 * y1 / pivots[..., 1] + y2 * y2 / pivots[..., 2]
    return np.maximum(1 - total / count**2, np.float32(0.02))


def _conjugate_gradients(
    system: Callable[[Array], Array], residual: Array, precondition: Array, rounds: int, tolerance: float
) -> Array:
    """``x`` in ``system(x) = residual``, from 0."""
    x = np.zeros_like(residual)
    z = precondition * residual
    direction, rho = z, _inner(residual, z)
    enough = tolerance**2 * rho
    for _ in range(rounds):
        if rho <= enough or rho == 0:
            break
        image = system(direction)
        step = np.float32(rho / _inner(direction, image))
        x += step * direction
        residual = residual - step * image
        z = precondition * residual
        rho, before = _inner(residual, z), rho
        direction = z + np.float32(rho / before) * direction
    return x


def _inner(a: Array, b: Array) -> float:
    return float(np.vdot(a, b))
