"""Closed-form matting: Levin's energy to its minimum, by conjugate gradients over a grid of colour lines."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.kernels import convert
from maskkit.kernels.laplacian import stencil, step
from maskkit.kernels.squares import Squares, gather, scatter, squares
from maskkit.matting.colour_lines import ColourLines
from maskkit.pixels import Array

__all__ = ["EPS", "closed_form"]

EPS = 1e-8  # variance of colour within 0-1 below which a window counts as flat
_DAMPING = np.float32(0.5)  # of Jacobi's steps


def closed_form(
    image: Array,
    start: Array,
    unknown: Array,
    target: Array,
    weight: Array,
    *,
    eps: float = EPS,
    rounds: int = 12,
    tolerance: float = 1e-3,
) -> Array:
    """``argmin_p p^T L p + sum weight (p - target)^2`` over the unknown pixels; the others stay as they are.

    L is the matting Laplacian of 3x3 windows, see `maskkit.kernels.laplacian.stencil`. The conjugate
    gradients are preconditioned by Jacobi's steps on the pixels and a V-cycle on smooth fields of colour
    lines, see `maskkit.matting.colour_lines`.

    Parameters
    ----------
    image : (H, W, 3) array, any dtype of the convention
    start : (H, W) float32
        Alpha within 0-1: the known values, and the first guess of the others.
    unknown : (H, W) bool
        The pixels to solve for.
    target, weight : (H, W) float32
        The data term; a weight of 0 leaves a pixel to its neighbours.
    eps : float
        Of the windows' covariance.
    rounds, tolerance : int, float
        Of the conjugate gradients; the residual is relative to the first one.

    Returns
    -------
    (H, W) float32 within 0-1.

    References
    ----------
    Levin, Lischinski, Weiss 2008, A Closed-Form Solution to Natural Image Matting, IEEE TPAMI 30(2).
    Tatebe 1993, The multigrid preconditioned conjugate gradient method, NASA CP-3224.
    """
    out = np.array(start)
    if not unknown.any():
        return out
    height, width = unknown.shape
    if min(height, width) < 3:  # windows of 3x3 lie within the picture
        edges = [(0, max(0, 3 - height)), (0, max(0, 3 - width))]
        planes = (np.pad(a, edges, "edge") for a in (start, unknown, target, weight))
        wide = closed_form(
            np.pad(image, [*edges, (0, 0)], "edge"), *planes, eps=eps, rounds=rounds, tolerance=tolerance
        )
        return wide[:height, :width]
    reach = cv2.dilate(unknown.astype(np.uint8), np.ones((5, 5), np.uint8)).view(bool)
    system = _System(image, unknown, np.where(unknown, weight, np.float32(0)), squares(reach), eps)
    solved = system.solve(start, target, rounds, tolerance)
    alpha = np.empty_like(out)
    scatter(solved, system.where, alpha)
    np.copyto(out, np.clip(alpha, 0, 1, out=alpha), where=unknown)
    return out


class _System:
    """``A = L + weight`` on the unknown pixels."""

    def __init__(self, image: Array, unknown: Array, weight: Array, where: Squares, eps: float) -> None:
        self.where = where
        self.unknown = gather(unknown, where)
        self.weight = gather(weight, where)
        self.rows = stencil(image, where, eps)
        diagonal = self.rows[:, 12]
        diagonal += self.weight[:-1]
        self.share = np.zeros_like(self.unknown)
        np.divide(_DAMPING, diagonal, out=self.share[:-1], where=(diagonal > 1e-9) & (self.unknown[:-1] > 0))
        colours = (gather(convert(image[..., c], np.float32) - np.float32(0.5), where) for c in range(3))
        basis = np.stack([self.unknown, *(colour * self.unknown for colour in colours)], 1)
        self.lines = ColourLines(self.rows, where, basis)

    def solve(self, start: Array, target: Array, rounds: int, tolerance: float) -> Array:
        """Alpha by squares, from that of ``start``."""
        x = gather(start, self.where)
        residual = self._rest(x, self.weight * gather(target, self.where))
        direction = z = self._precondition(residual)
        rho = _inner(residual, z)
        enough = tolerance**2 * rho
        for _ in range(rounds):
            if rho <= enough:
                break
            ahead = self._rest(direction, None)  # minus A direction
            curve = -_inner(direction, ahead)
            if curve <= 0:
                break
            length = np.float32(rho / curve)
            x += length * direction
            residual += length * ahead
            z = self._precondition(residual)
            rho, before = _inner(residual, z), rho
            direction = z + np.float32(rho / before) * direction
        return x

    def _rest(self, field: Array, right: Array | None) -> Array:
        return step(self.rows, self.where.near, field, right, self.unknown)

    def _precondition(self, residual: Array) -> Array:
        """Jacobi's step, the colour lines' correction, Jacobi's step."""
        field = self.share * residual
        field += self.lines.correct(self._rest(field, residual))
        return step(self.rows, self.where.near, field, residual, self.share, keep=True)


def _inner(a: Array, b: Array) -> float:
    return float(np.multiply(a, b).sum(dtype=np.float64))
