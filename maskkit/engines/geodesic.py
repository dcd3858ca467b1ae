"""How far apart two places are for someone who does not like to step over edges."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.kernels.channels import total
from maskkit.pixels import Array

__all__ = ["geodesic"]

_SIDE = 120
_ROUNDS = 2


def geodesic(lab: Array, seeds: Array, edges: float = 0.1) -> Array:
    """``min over paths to a seed of sum(|dx| + edges |dLab|)``, in long sides of the picture; float32 (H, W).

    It is found by raster scans of the picture at 120 px, each row at once; a path that winds more than
    ``_ROUNDS`` times up and down can come out longer than it is.

    References
    ----------
    Toivanen 1996, New geodesic distance transforms for gray-scale images. Criminisi, Sharp and Blake 2008,
    GeoS: geodesic image segmentation.

    >>> scene = np.zeros((9, 9, 3), np.float32)
    >>> scene[:, 5:] = 100
    >>> seeds = np.zeros((9, 9), bool)
    >>> seeds[4, 3] = True
    >>> far = geodesic(scene, seeds)
    >>> bool(far[4, 5] > far[4, 1])
    True
    """
    height, width = seeds.shape
    scale = min(1.0, _SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    colours = cv2.resize(lab, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], 3) * edges
    near = cv2.resize(seeds.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    distance = np.where(near, 0, np.inf).astype(np.float32)
    for _ in range(_ROUNDS):
        for turned in (distance, distance.T):
            across = colours if turned is distance else colours.transpose(1, 0, 2)
            _scan(turned, across)
            _scan(turned[::-1], across[::-1])
    far = np.float32(8 * max(size) + 1000)  # where there is no seed at all
    return np.asarray(cv2.resize(np.minimum(distance, far), (width, height)) / max(size))


def _scan(distance: Array, colours: Array) -> None:
    """From each row to the next, straight and aslant; writes to ``distance``."""
    straight = _step(colours[1:] - colours[:-1], 1.0)
    right = _step(colours[1:, 1:] - colours[:-1, :-1], 2**0.5)
    left = _step(colours[1:, :-1] - colours[:-1, 1:], 2**0.5)
    for row in range(1, len(distance)):
        here, before = distance[row], distance[row - 1]
        np.minimum(here, before + straight[row - 1], out=here)
        np.minimum(here[1:], before[:-1] + right[row - 1], out=here[1:])
        np.minimum(here[:-1], before[1:] + left[row - 1], out=here[:-1])


def _step(change: Array, length: float) -> Array:
    return np.asarray(np.sqrt(total(np.square(change))) + np.float32(length))
