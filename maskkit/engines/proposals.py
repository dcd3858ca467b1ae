"""Several guesses at the subject, by GrabCut from several beginnings."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.grabcut import DROP, KEEP, MAYBE_DROP, MAYBE_KEEP, grabcut
from maskkit.kernels import stream_bands
from maskkit.pixels import Array

__all__ = ["otsu", "proposals", "tidy"]


def proposals(rgb: Array, chance: Array, barrier: Array) -> list[Array]:
    """The masks that GrabCut finds from two maps, a box and the middle; each bool (H, W).

    The map of the ``chance`` is cut at three levels around Otsu's, once more in L*a*b* at the middle one; the
    ``barrier`` distance below it.
    """
    seeds = [_seeds(chance, otsu(chance) * factor) for factor in (0.5, 0.8, 1.1)]
    seeds += [_seeds(barrier, otsu(barrier) * 0.7), _box(rgb.shape[:2], 0.8), _middle(rgb.shape[:2])]
    looked_at = [rgb] * len(seeds) + [cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)]
    pairs = list(zip(looked_at, [*seeds, seeds[1]], strict=True))
    return list(stream_bands(lambda at, _: tidy(grabcut(*pairs[at], rounds=2)), len(pairs), 1))


def otsu(values: Array) -> float:
    """The threshold of values in 0-1 with the least variance on its two sides (Otsu 1979)."""
    levels = (np.clip(values, 0, 1) * 255).astype(np.uint8)
    return max(1.0, cv2.threshold(levels, 0, 255, cv2.THRESH_OTSU)[0]) / 255


def tidy(mask: Array, part: float = 0.15, hole: float = 0.01) -> Array:
    """Without parts below ``part`` of the largest; holes below ``hole`` of the picture filled."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    size = stats[:, cv2.CC_STAT_AREA]
    if len(size) < 2:
        return mask
    large = size >= part * size[1:].max()
    large[0] = False
    mask = large[labels]
    _, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8))
    small = stats[:, cv2.CC_STAT_AREA] < hole * mask.size
    small[0] = False
    return np.asarray(mask | small[labels])


def _seeds(chance: Array, level: float) -> Array:
    belief = np.where(chance > level, MAYBE_KEEP, MAYBE_DROP).astype(np.uint8)
    belief[chance > 2.5 * level], belief[chance < 0.4 * level] = KEEP, DROP
    return belief


def _box(shape: tuple[int, ...], share: float) -> Array:
    return np.where(_off_centre(shape) < share, MAYBE_KEEP, DROP).astype(np.uint8)


def _middle(shape: tuple[int, ...]) -> Array:
    away = _off_centre(shape)
    belief = np.where(away < 0.6, MAYBE_KEEP, MAYBE_DROP).astype(np.uint8)
    belief[away < 0.15], belief[away > 0.97] = KEEP, DROP
    return belief


def _off_centre(shape: tuple[int, ...]) -> Array:
    """0 in the middle, 1 at the border, along the worse axis."""
    y, x = (np.abs(np.arange(n) + 0.5 - n / 2) / (n / 2) for n in shape)
    return np.asarray(np.maximum(y[:, None], x[None]))
