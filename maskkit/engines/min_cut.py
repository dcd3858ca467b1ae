"""The minimum cut of any belief along the edges of a picture."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.grabcut import DROP, KEEP, MAYBE_DROP, MAYBE_KEEP
from maskkit.pixels import Array

__all__ = ["logit", "main_colours", "min_cut"]

_LEVELS = 40
_MOST = 6.0  # natural logarithms of odds; beyond it a pixel is as good as sure
_LIFE = 100.0  # what odds of `_MOST` weigh, where one pair of like neighbours weighs GrabCut's 50


def logit(chance: Array | float, floor: float = 0.02) -> Array:
    """``log(p / (1 - p))``, p held within ``floor`` and ``1 - floor``.

    >>> logit(np.array([0.5, 1.0])).round(2).tolist()
    [0.0, 3.89]
    """
    held = np.clip(chance, floor, 1 - floor)
    return np.asarray(np.log(held / (1 - held)))


def main_colours(lab: Array) -> Array:
    """The two principal components of the colours in L*a*b*, uint8 (H, W, 2): what edges are seen in."""
    away = lab.reshape(-1, 3) - lab.reshape(-1, 3).mean(0)
    axes = np.linalg.eigh(away.T @ away)[1][:, 1:]
    return np.asarray(np.clip(away @ axes + 128, 0, 255).astype(np.uint8)).reshape(*lab.shape[:2], 2)


def min_cut(edges: Array, odds: Array, fixed: Array) -> Array:
    """``argmin sum(-odds where cut) + 50 sum(exp(-b |dI|^2) / |dx| across its edge)``; bool (H, W).

    OpenCV's GrabCut finds the exact minimum, its colour models frozen: the odds are shown to it as a channel
    of the picture, and two Gaussians at the ends of that channel differ by just these odds.

    Parameters
    ----------
    edges: (H, W, 2) uint8, see `main_colours`.
    odds: (H, W) float, natural logarithm of the odds that a pixel is kept.
    fixed: (H, W) uint8, 1 for surely kept, 2 for surely dropped.

    References
    ----------
    Boykov and Jolly 2001, Interactive graph cuts for optimal boundary and region segmentation.

    >>> picture = np.full((6, 8, 2), 128, np.uint8)
    >>> odds = np.full((6, 8), -0.5)
    >>> odds[:, :4] = 3
    >>> min_cut(picture, odds, np.zeros((6, 8), np.uint8))[2].astype(int).tolist()
    [1, 1, 1, 1, 0, 0, 0, 0]
    """
    level = np.rint((np.clip(odds / _MOST, -1, 1) + 1) / 2 * _LEVELS).astype(np.uint8)
    belief = np.where(odds > 0, MAYBE_KEEP, MAYBE_DROP).astype(np.uint8)
    belief[fixed == 1], belief[fixed == 2] = KEEP, DROP
    kept = np.isin(belief, (KEEP, MAYBE_KEEP))
    if kept.all() or not kept.any():
        return kept
    shown = np.ascontiguousarray(np.dstack([level, edges]))
    models = _gaussian(0), _gaussian(_LEVELS)
    whole = (0, 0, *shown.shape[1::-1])  # not looked at when a map is given
    cv2.grabCut(shown, belief, whole, *models, 1, cv2.GC_EVAL_FREEZE_MODEL)
    return np.isin(belief, (KEEP, MAYBE_KEEP))


def _gaussian(level: int) -> Array:
    """A colour model of GrabCut's with one Gaussian at ``level``, as good as blind to the other channels."""
    weights, means, covariances = np.zeros(5), np.zeros((5, 3)), np.tile(np.eye(3), (5, 1, 1))
    weights[0], means[0] = 1, (level, 128, 128)
    covariances[0] = np.diag([_LEVELS**2 / (2 * _LIFE), 1e6, 1e6])
    return np.concatenate([weights, means.ravel(), covariances.ravel()])[None]
