"""A plain backdrop: the smooth colour field that the border shows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from maskkit.kernels.channels import length
from maskkit.kernels.median import median
from maskkit.pixels import Array

__all__ = ["Backdrop", "fit_backdrop", "gradient"]

_ROUNDS = 8


@dataclass(frozen=True, eq=False)
class Backdrop:
    """The fitted field and what decides whether it is one.

    ``lab`` is the modelled colour (H, W, 3); ``spread`` the noise about it; ``inliers`` the share of the
    border that follows it; ``texture`` the mean gradient where the picture is near it.
    """

    lab: Array
    spread: float
    inliers: float
    texture: float

    @property
    def limit(self) -> float:
        """How far a colour of the backdrop may be from the field."""
        return _limit(self.spread)

    @property
    def plain(self) -> bool:
        """Whether the border shows one smooth backdrop: measured thresholds."""
        quiet = self.spread < 2.2 and self.texture < 2.2
        return self.inliers >= 0.6 and (quiet or (self.spread < 4.8 and self.texture < 1.6))


def _limit(spread: float) -> float:
    return max(5.0, 2.2 * spread + 3)


def fit_backdrop(lab: Array) -> Backdrop:
    """``argmin_c sum_i w_i |lab_i - P(x_i, y_i) c|^2`` over the border ring, P quadratic, w reweighted.

    Iteratively reweighted least squares: ``w = 1 / (1 + (e / 2.5 s)^4)`` with the residual e and
    ``s = 1.4826 median(e) + 0.3``; the first weights favour the ring's median colour, so that a subject
    which crosses the border does not bend the field.

    References
    ----------
    Holland and Welsch 1977, Robust regression using iteratively reweighted least-squares.
    """
    ring = _border_ring(lab.shape[:2])
    design = _quadratic(lab.shape[:2])
    rows, colours = design[ring].astype(np.float64), lab[ring].astype(np.float64)
    residual = length(colours - median(colours))
    for _ in range(_ROUNDS):
        spread = 1.4826 * float(median(residual)) + 0.3
        weight = 1 / (1 + (residual / (2.5 * spread)) ** 4)
        coefficients = _weighted_fit(rows, colours, weight)
        residual = length(colours - rows @ coefficients)
    spread = 1.4826 * float(median(residual)) + 0.3
    field = design @ coefficients.astype(np.float32)
    near = length(lab - field) < _limit(spread)
    texture = float(gradient(lab[..., 0])[near].mean()) if near.any() else np.inf
    return Backdrop(field, spread, float((residual < max(4.0, 3.5 * spread)).mean()), texture)


def _border_ring(shape: tuple[int, ...]) -> Array:
    width = max(1, round(0.03 * min(shape)))
    ring = np.ones(shape, bool)
    ring[width:-width, width:-width] = False
    return ring


def _quadratic(shape: tuple[int, ...]) -> Array:
    y, x = (np.linspace(-1, 1, n, dtype=np.float32) if n > 1 else np.zeros(1, np.float32) for n in shape)
    x, y = np.meshgrid(x, y)
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _weighted_fit(rows: Array, colours: Array, weight: Array) -> Array:
    """By the normal equations, 6 x 6; of least norm where a thin picture leaves some of them open."""
    weighted = rows.T * weight
    return np.asarray(np.linalg.lstsq(weighted @ rows, weighted @ colours, rcond=None)[0])


def gradient(plane: Array) -> Array:
    """Gradient magnitude in levels a pixel (Scharr's kernel sums to 16)."""
    return np.hypot(cv2.Scharr(plane, cv2.CV_32F, 1, 0), cv2.Scharr(plane, cv2.CV_32F, 0, 1)) / 16
