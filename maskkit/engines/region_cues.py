"""What speaks for a region being subject: thirteen numbers, and the chance that follows from them."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.background_detection import background_detection, background_probability, unit
from maskkit.engines.barrier import barrier_distance
from maskkit.engines.manifold_ranking import manifold_ranking
from maskkit.engines.reduced import lab, reduced
from maskkit.engines.slic import Superpixels
from maskkit.kernels.channels import length, total
from maskkit.pixels import Array

__all__ = ["CUES", "among_like", "both_ways", "chance", "region_cues", "subject_chance"]

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
    "barrier distance and unlikeness to the border",
)


# Fitted by tests/benchmarks/fit_classical.py to 60 photos of ECSSD: for the cues as they are and standardised
# in the picture, then for the first chance and its means over like neighbours.
_WEIGHT = np.array([
    0.527, 1.554, -0.057, -0.152, 8.892, -1.724, -1.271, 1.846, -2.668, 0.949, -2.456, -4.981, -1.669,
    0.282, 0.046, 0.172, 0.112, -0.48, 0.615, -0.313, -0.562, 0.112, 0.247, -0.242, -0.031, 1.221,
])  # fmt: skip
_BIAS = -2.924
_AROUND_WEIGHT = np.array([0.621, 0.85, 3.224, 5.468])
_AROUND_BIAS = -4.177
# Whose chance counts: within so much colour difference, L*a*b*, and so much of the picture's side; sigmas.
_AROUND = ((15, 0.15), (8, 0.4), (1000, 0.07))
_BARRIER_SIDE = 160


def region_cues(rgb: Array, regions: Superpixels) -> Array:
    """The cues of each region, (n, 13), in the order of `CUES`.

    References
    ----------
    Jiang et al. 2013, Salient object detection: a discriminative regional feature integration approach (the
    idea of weighing such cues). Perazzi et al. 2012, Saliency filters (uniqueness).
    """
    colour = length(regions.lab[:, None] - regions.lab[None])
    rim = np.asarray(regions.sides.any(axis=1))
    share = regions.size / regions.size.sum()
    texture = _texture(rgb, regions)
    nearest = np.sort(colour[:, rim], axis=1)[:, :3].mean(axis=1)
    like = np.exp(-(colour**2) / 200) * share
    x, y = regions.place.T
    like_height = like @ y / like.sum(axis=1)
    background = background_probability(regions, colour)
    columns = [
        manifold_ranking(regions),
        background_detection(regions, colour, background),
        background,
        np.minimum(nearest, 40) / 40,
        np.minimum(_nearest_side(regions), 12) / 12,
        np.minimum(_mahalanobis(np.c_[regions.lab / 20, texture], rim, 0.05), 10) / 10,
        unit((colour * share).sum(axis=1)),
        np.linalg.norm(texture - texture[rim].mean(axis=0), axis=1),
        np.hypot(regions.lab[:, 1], regions.lab[:, 2]) / 50,
        y,
        (x - 0.5) ** 2 + (y - 0.5) ** 2,
        np.abs(like_height - 0.5),
        _barrier(rgb, regions),
    ]
    return np.stack(columns, axis=1)


def subject_chance(regions: Superpixels, cues: Array) -> Array:
    """The chance of each region, 0-1: a logistic of its cues, then one of it and its neighbours'."""
    first = chance(both_ways(regions, cues), _WEIGHT, _BIAS)
    return chance(among_like(regions, first), _AROUND_WEIGHT, _AROUND_BIAS)


def chance(columns: Array, weight: Array, bias: float) -> Array:
    """``1 / (1 + exp(-(columns . w + b)))``."""
    return np.asarray(1 / (1 + np.exp(-(columns @ weight + bias))))


def both_ways(regions: Superpixels, cues: Array) -> Array:
    """The cues, and the cues with the picture's mean 0 and deviation 1, (n, 26)."""
    share = regions.size / regions.size.sum()
    away = cues - share @ cues
    return np.hstack([cues, away / np.sqrt(share @ away**2 + 1e-6)])


def among_like(regions: Superpixels, first: Array) -> Array:
    """The first chance and its means over neighbours, by nearness in colour and place, (n, 4)."""
    colour, place = (_square_distances(points) for points in (regions.lab, regions.place))
    columns = [first]
    for sigma, reach in _AROUND:
        weight = np.exp(-colour / (2 * sigma**2) - place / (2 * reach**2)) * regions.size
        columns.append(weight @ first / weight.sum(axis=1))
    return np.stack(columns, axis=1)


def _barrier(rgb: Array, regions: Superpixels) -> Array:
    """Barrier distance plus unlikeness to three of the border's sides, with a prior for the centre."""
    small = cv2.GaussianBlur(lab(reduced(rgb, _BARRIER_SIDE)), (0, 0), 1)
    barrier = regions.mean(cv2.resize(barrier_distance(small), rgb.shape[1::-1]))
    sides = np.array([away / max(away.max(), 1e-9) for away in _from_sides(regions, 4.0)])
    unlike = unit(sides.sum(axis=0) - sides.max(axis=0))
    prior = 0.5 + 0.5 * np.exp(-np.square(regions.place - 0.5).sum(axis=1) / (2 * 0.3**2))
    return np.asarray(unit(barrier + unlike) * prior)


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
    return np.asarray(np.min(_from_sides(regions, 8.0), axis=0))


def _from_sides(regions: Superpixels, least: float) -> list[Array]:
    return [_mahalanobis(regions.lab, regions.sides[:, k] > 0, least) for k in range(4)]


def _mahalanobis(points: Array, among: Array, least: float) -> Array:
    """The distance of every point to the Gaussian of those ``among``, its variances raised by ``least``."""
    some = points[among]
    covariance = np.cov(some.T) if len(some) > 1 else np.zeros((points.shape[1],) * 2)
    away = points - some.mean(axis=0)
    inverse = np.linalg.inv(covariance + least * np.eye(points.shape[1]))
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", away, inverse, away)))


def _square_distances(points: Array) -> Array:
    return np.asarray(total(np.square(points[:, None] - points[None])))
