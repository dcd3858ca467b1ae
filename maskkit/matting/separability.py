"""How far colour can tell subject from backdrop here, and what to do where it cannot."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from maskkit.kernels import together
from maskkit.matting.guided import Planes, box, lines, windows
from maskkit.pixels import Array

__all__ = [
    "EPS",
    "FINE",
    "REACH",
    "Evidence",
    "Fit",
    "edge_distance",
    "evidence",
    "fisher_ratio",
    "local_fit",
    "smoothstep",
    "stretch",
    "veil",
]

EPS = 1e-5  # variance of colour below which a window counts as smooth
REACH = 0.025  # radius of the wide windows as a share of the long side
FINE = 0.004  # of the fine ones
_LITTLE = 500_000  # pixels; a fit takes 70 bytes for each


class Fit(NamedTuple):
    """Colour lines ``alpha = a . colour + b`` around every pixel, and how well they explain the mask."""

    a: Planes
    b: Array
    explained: Array  # R^2: the share of the mask's variance, 0-1
    residual: Array  # standard deviation of what is left, 0-0.5


class Evidence(NamedTuple):
    """What two fits of a mask say around every pixel."""

    wide: Fit
    fine: Fit
    known: Array  # 0-1, how surely the mask fits the picture as it is
    share: Array  # 0-1, what the wide windows' finding counts against the fine ones'
    distance: Array  # see `edge_distance`


def evidence(colour: Array, mask: Array, radius: int) -> Evidence:
    """``share = S(R^2 wide, 0.1, 0.4) (1 - S(R^2 fine, 0.75, 0.9)) (1 - S(R^2 fine around, 0.6, 0.8))``.

    The wide windows count where colour tells the sides of the mask apart (not a smooth dark dog on dark
    wood), and where the mask does not fit the picture already, here and around.
    """
    small = max(1, round(radius * FINE / REACH))
    wide, fine = _two_fits(colour, mask, radius, small)
    around = _fits_around(mask, fine, small, max(1, radius // 2))
    share = smoothstep(wide.explained, 0.1, 0.4) * (1 - smoothstep(fine.explained, 0.75, 0.9))
    share *= 1 - smoothstep(around, 0.6, 0.8)
    return Evidence(wide, fine, smoothstep(around, 0.3, 0.6), share, edge_distance(mask))


def _two_fits(colour: Array, mask: Array, radius: int, small: int) -> tuple[Fit, Fit]:
    """`local_fit` of two radii; side by side where that takes little memory."""
    if mask.size > _LITTLE:
        return local_fit(colour, mask, radius), local_fit(colour, mask, small)
    return together(lambda: local_fit(colour, mask, radius), lambda: local_fit(colour, mask, small))


def local_fit(colour: Array, mask: Array, radius: int) -> Fit:
    """The guided filter's lines with ``R^2 = a . cov / var(mask)`` and ``sqrt(var(mask) - a . cov)``.

    A flat R^2 is a smooth dark dog on dark wood: the lines are noise, and the filter would spill.
    """
    mean = box(mask, radius)
    a, b, along = lines(windows(colour, radius, EPS), mask, mean)
    variance = box(np.maximum(box(mask * mask, radius) - mean * mean, 0), radius)
    known = box(along, radius)
    explained = np.clip(known / (variance + np.float32(1e-4)), 0, 1)
    residual = np.sqrt(np.clip(variance - known, 0, 0.25))
    return Fit([box(one, radius) for one in a], box(b, radius), explained, residual)


def fisher_ratio(colour: Array, mask: Array, radius: int) -> Array:
    """``|F - B|^2 / (var F + var B + noise)`` of the colours inside and outside the mask in each window.

    Fisher: The Use of Multiple Measurements in Taxonomic Problems, Annals of Eugenics 7(2), 1936.
    """
    inside, outside = _moments(colour, mask, radius), _moments(colour, 1 - mask, radius)
    gap = [one - other for one, other in zip(inside[0], outside[0], strict=True)]
    square = gap[0] * gap[0] + gap[1] * gap[1] + gap[2] * gap[2]
    ratio: Array = square / (inside[1] + outside[1] + np.float32(4e-4))
    return ratio


def veil(fit: Fit, distance: Array, near: float, far: float, known: Array | float = 0.0) -> Array:
    """``t = (0.15 + 1.1 S(distance, near, far)) residual``: how much alpha here may be noise of the fit.

    More so, up to ``(0.5 + 2.3 S) residual``, where the mask is ``known`` (0-1) to fit the picture. Noise
    shows as a faint veil outside the subject and faint holes inside. Hair far from the mask's edge is well
    explained, hence has a small residual and stays.
    """
    level = 0.15 + 0.35 * known + (1.1 + 1.2 * known) * smoothstep(distance, near, far)
    t: Array = np.clip(level * fit.residual, 0, 0.45)
    return t


def stretch(alpha: Array, t: Array | float) -> Array:
    """``clip((alpha - t) / (1 - 2t), 0, 1)``: values within t of an end go to that end."""
    clear: Array = np.clip((alpha - t) / (1 - 2 * t), 0, 1)
    return clear


def edge_distance(mask: Array) -> Array:
    """Pixels to the nearest point of the mask's half level, inside and outside."""
    hard = (mask > 0.5).astype(np.uint8)
    if hard.min() == hard.max():
        return np.full(mask.shape, np.inf, np.float32)
    inside, outside = (cv2.distanceTransform(side, cv2.DIST_L2, 5) for side in (hard, 1 - hard))
    distance: Array = np.maximum(inside, outside)
    return distance


def smoothstep(value: Array, low: float, high: float) -> Array:
    """``3 t^2 - 2 t^3``, ``t = clip((value - low) / (high - low), 0, 1)``.

    >>> smoothstep(np.array([0.0, 0.5, 1.0]), 0, 1).tolist()
    [0.0, 0.5, 1.0]
    """
    t = np.clip((value - low) / (high - low), 0, 1)
    curve: Array = t * t * (3 - 2 * t)
    return curve


def _fits_around(mask: Array, fit: Fit, radius: int, reach: int) -> Array:
    """The share of the mask's variance within ``reach`` that the windows' own lines explain, 0-1."""
    mean = box(mask, radius)
    variance = box(mean * (1 - mean), 1)
    share: Array = box(fit.explained * variance, reach) / (box(variance, reach) + np.float32(1e-5))
    return share


def _moments(colour: Array, weight: Array, radius: int) -> tuple[list[Array], Array]:
    """The weighted mean of each channel (H, W), and the variance (H, W) summed over them."""
    whole = box(weight, radius) + np.float32(1e-6)
    means, variance = [], np.zeros_like(weight)
    for one in cv2.split(colour):
        means.append(box(one * weight, radius) / whole)
        variance += box(one * one * weight, radius) / whole - means[-1] * means[-1]
    return means, np.maximum(variance, 0)
