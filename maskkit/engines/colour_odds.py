"""What a pixel's colour says of two sides: the log of how much more often it is met on one of them."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.pixels import Array

__all__ = ["colour_cells", "colour_odds"]

_SIDE = 16  # cells along each axis
_MOST = 4.0
_RARE = 2e-5  # a share below which a colour counts as hardly seen


def colour_cells(lab: Array) -> Array:
    """Which of the 16 x 16 x 16 cells of L*a*b* each pixel's colour is in, (H, W) int."""
    low, span = np.array([0, -60, -60], np.float32), np.array([100, 120, 120], np.float32)
    cells = np.clip((lab - low) * (_SIDE / span), 0, _SIDE - 1).astype(int)
    return np.asarray((cells[..., 0] * _SIDE + cells[..., 1]) * _SIDE + cells[..., 2])


def colour_odds(cells: Array, one: Array, other: Array) -> Array:
    """``log(h1 / h2)`` of the colours' smoothed histograms, at most 4 either way; (H, W).

    Parameters
    ----------
    cells: (H, W), see `colour_cells`.
    one, other: (H, W) float, how much each pixel counts as an example of either side.

    >>> cells = np.array([[5, 5, 4000, 4000]])
    >>> odds = colour_odds(cells, np.array([[1.0, 1, 0, 0]]), np.array([[0.0, 0, 1, 1]]))
    >>> odds.tolist()
    [[4.0, 4.0, -4.0, -4.0]]
    """
    shares = [_histogram(cells, weight) for weight in (one, other)]
    table = np.clip(np.log(shares[0]) - np.log(shares[1]), -_MOST, _MOST)
    return np.asarray(table[cells])


def _histogram(cells: Array, weight: Array) -> Array:
    counts = np.bincount(cells.ravel(), weight.ravel(), _SIDE**3)
    cube: Array = counts.reshape(_SIDE, _SIDE, _SIDE)
    for axis in range(3):
        plane = np.moveaxis(cube, axis, 0)
        blurred = cv2.GaussianBlur(plane.reshape(_SIDE, -1), (1, 5), sigmaX=1, sigmaY=0.8,
                                   borderType=cv2.BORDER_CONSTANT)  # fmt: skip
        cube = np.moveaxis(blurred.reshape(plane.shape), 0, axis)
    return np.asarray(cube.ravel() / max(float(cube.sum()), 1e-9) + _RARE)
