"""What speaks for a region being subject: twelve numbers, and the chance that follows from them."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.background_detection import background_detection, boundary_connectivity, unit
from maskkit.engines.manifold_ranking import manifold_ranking
from maskkit.engines.slic import Superpixels
from maskkit.pixels import Array

__all__ = ["CUES", "region_cues", "subject_chance"]

# In the order of the columns of `region_cues`.
CUES = (
    "manifold ranking",
    "background detection",
    "background probability",
    "colour distance to the nearest border regions",
    "distance to the likest side of the border",
    "distance to the border as a whole, colour and texture",
    "colour distance to all regions",
    "texture distance to the border",
    "chroma",
    "height in the picture",
    "distance from the centre",
    "distance of the like-coloured from the middle line",
)


# Fitted by tests/benchmarks/fit_classical.py to 60 photos of ECSSD.
_MEAN = np.array([0.281, 0.263, 0.888, 0.155, 0.127, 0.235, 0.226, 0.853, 0.366, 0.5, 0.165, 0.125])
_DEVIATION = np.array([0.275, 0.213, 0.267, 0.179, 0.123, 0.145, 0.217, 0.541, 0.29, 0.288, 0.104, 0.093])
_WEIGHT = np.array([0.418, 0.501, 0.032, 0.207, 0.791, 0.225, -0.474, 0.581, -0.61, 0.505, -0.908, -0.434])
_BIAS = -2.192


def region_cues(rgb: Array, regions: Superpixels) -> Array:
    """The cues of each region, (n, 12), in the order of `CUES`.

    References
    ----------
    Jiang et al. 2013, Salient object detection: a discriminative regional feature integration approach (the
    idea of weighing such cues). Perazzi et al. 2012, Saliency filters (uniqueness).
    """
    colour = np.linalg.norm(regions.lab[:, None] - regions.lab[None], axis=2)
    rim = np.asarray(regions.sides.any(axis=1))
    share = regions.size / regions.size.sum()
    texture = _texture(rgb, regions)
    nearest = np.sort(colour[:, rim], axis=1)[:, :3].mean(axis=1)
    like = np.exp(-(colour**2) / 200) * share
    x, y = regions.place.T
    like_height = like @ y / like.sum(axis=1)
    columns = [
        manifold_ranking(regions),
        background_detection(regions),
        1 - np.exp(-(boundary_connectivity(regions, colour) ** 2) / 2),
        np.minimum(nearest, 40) / 40,
        np.minimum(_nearest_side(regions), 12) / 12,
        np.minimum(_mahalanobis(np.c_[regions.lab / 20, texture], rim, 0.05), 10) / 10,
        unit((colour * share).sum(axis=1)),
        np.linalg.norm(texture - texture[rim].mean(axis=0), axis=1),
        np.hypot(regions.lab[:, 1], regions.lab[:, 2]) / 50,
        y,
        (x - 0.5) ** 2 + (y - 0.5) ** 2,
        np.abs(like_height - 0.5),
    ]
    return np.stack(columns, axis=1)


def subject_chance(cues: Array) -> Array:
    """``1 / (1 + exp(-(w . z + b)))`` with the cues z shifted and scaled by the fit's mean and deviation.

    >>> chance = subject_chance(np.array([_MEAN]))
    >>> bool(0 < chance[0] < 1)
    True
    """
    return np.asarray(1 / (1 + np.exp(-((cues - _MEAN) / _DEVIATION @ _WEIGHT + _BIAS))))


def _texture(rgb: Array, regions: Superpixels) -> Array:
    """Fine and coarse detail (differences of Gaussians, logarithmic), direction and sharpness: (n, 4)."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    one, three = (cv2.GaussianBlur(grey, (0, 0), sigma) for sigma in (1, 3))
    fine = np.log1p(cv2.GaussianBlur(cv2.absdiff(grey, one), (0, 0), 3))
    coarse = np.log1p(cv2.GaussianBlur(cv2.absdiff(one, three), (0, 0), 4))
    across, along = (
        cv2.GaussianBlur(np.abs(cv2.Sobel(grey, cv2.CV_32F, *step)), (0, 0), 3) for step in ((1, 0), (0, 1))
    )
    planes = (fine, coarse, (across - along) / (across + along + 8), fine - coarse)
    return np.stack([regions.mean(plane) for plane in planes], axis=1)


def _nearest_side(regions: Superpixels) -> Array:
    sides = [regions.sides[:, k] > 0 for k in range(4)]
    return np.asarray(np.min([_mahalanobis(regions.lab, side, 8.0) for side in sides], axis=0))


def _mahalanobis(points: Array, among: Array, least: float) -> Array:
    """The distance of every point to the Gaussian of those ``among``, its variances raised by ``least``."""
    some = points[among]
    covariance = np.cov(some.T) if len(some) > 1 else np.zeros((points.shape[1],) * 2)
    away = points - some.mean(axis=0)
    inverse = np.linalg.inv(covariance + least * np.eye(points.shape[1]))
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", away, inverse, away)))
