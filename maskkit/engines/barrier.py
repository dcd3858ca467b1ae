"""Saliency from the minimum barrier distance: what cannot be reached from the border without a jump."""

from __future__ import annotations

import numpy as np

from maskkit.engines.background_detection import unit
from maskkit.pixels import Array

__all__ = ["barrier_distance"]

_ROUNDS = 3


def barrier_distance(lab: Array) -> Array:
    """``min over paths from the border of max(path) - min(path)``, summed over the channels; (H, W), 0-1.

    Unlike a sum of steps it hardly grows along a slow gradient, and one noisy pixel does not lengthen it.
    The raster scan goes row by row and column by column, both ways.

    References
    ----------
    Zhang et al. 2015, Minimum barrier salient object detection at 80 FPS.

    >>> scene = np.zeros((7, 9, 3), np.float32)
    >>> scene[3, 4] = 50
    >>> barrier_distance(scene)[3, 3:6].tolist()
    [0.0, 1.0, 0.0]
    """
    planes = np.ascontiguousarray(np.moveaxis(lab, 2, 1), np.float32)  # (H, 3, W)
    distance = np.full(planes.shape, np.inf, np.float32)
    distance[[0, -1]] = distance[..., [0, -1]] = 0
    state = (planes, distance, planes.copy(), planes.copy())  # the highest and the lowest of the path so far
    for _ in range(_ROUNDS):
        for way in (1, -1):
            _scan([array[::way] for array in state])
            _scan([array[..., ::way].transpose(2, 1, 0) for array in state])
    return unit(distance.sum(axis=1))


def _scan(state: list[Array]) -> None:
    planes, distance, highest, lowest = state
    for row in range(1, len(planes)):
        high = np.maximum(highest[row - 1], planes[row])
        low = np.minimum(lowest[row - 1], planes[row])
        span = high - low
        nearer = span < distance[row]
        for array, value in ((distance, span), (highest, high), (lowest, low)):
            np.copyto(array[row], value, where=nearer)
