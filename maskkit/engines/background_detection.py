"""Saliency from boundary connectivity: what is not connected to the border by like colours."""

from __future__ import annotations

import numpy as np

from maskkit.engines.slic import Superpixels
from maskkit.kernels.channels import length
from maskkit.pixels import Array

__all__ = ["background_detection", "background_probability", "geodesic", "unit"]


def background_detection(
    regions: Superpixels, colour: Array, background: Array, spatial: float = 0.25
) -> Array:
    """``argmin_s sum b_i s_i^2 + f_i (s_i - 1)^2 + sum w_ij (s_i - s_j)^2``; one saliency, 0-1, a region.

    b is the `background_probability`; f the contrast to probable background, weighted by nearness. ``colour``
    holds the colour differences of all regions, (n, n).

    References
    ----------
    Zhu, Liang, Wei and Sun 2014, Saliency optimization from robust background detection.
    """
    nearness = np.exp(-(_distances(regions.place) ** 2) / (2 * spatial**2))
    contrast = unit(colour * nearness @ background)
    contrast[contrast < 0.02] = 0
    smooth = np.exp(-(colour**2) / (2 * 10.0**2)) * _linked(regions) + 0.1 * regions.touching
    system = np.diag(smooth.sum(axis=1) + background + contrast) - smooth
    return unit(np.linalg.solve(system, contrast))


def background_probability(regions: Superpixels, colour: Array, sigma: float = 10.0) -> Array:
    """``1 - exp(-c^2 / 2)``, the boundary connectivity ``c = L / sqrt(A)`` of each region.

    L is the soft length on the border, A the soft area, both of what is near by geodesic distance.
    """
    like = np.exp(-(geodesic(regions, colour) ** 2) / (2 * sigma**2))
    on_border = regions.sides.any(axis=1)
    connectivity = (like @ on_border) / np.sqrt(like.sum(axis=1))
    return np.asarray(1 - np.exp(-(connectivity**2) / 2))


def geodesic(regions: Superpixels, colour: Array) -> Array:
    """The shortest path between all regions, border regions next to one another (Floyd-Warshall)."""
    distance = np.where(_linked(regions, border=True), _clipped(regions, colour), np.inf)
    np.fill_diagonal(distance, 0)
    for k in range(len(distance)):
        np.minimum(distance, distance[:, k, None] + distance[None, k], out=distance)
    return distance


def unit(values: Array) -> Array:
    """Shifted and scaled to 0-1; all 0 where nothing differs."""
    span = values.max() - values.min()
    return np.asarray((values - values.min()) / span) if span > 1e-12 else np.zeros_like(values)


def _clipped(regions: Superpixels, colour: Array) -> Array:
    """Steps below the usual difference of neighbours count as none, so that long smooth paths stay short."""
    nearest = np.where(regions.touching, colour, np.inf).min(axis=1)
    return np.asarray(np.maximum(0, colour - np.mean(nearest[np.isfinite(nearest)])))


def _linked(regions: Superpixels, border: bool = False) -> Array:
    linked = regions.touching
    if not border:
        steps = linked.astype(np.float32)
        return np.asarray(linked | (steps @ steps > 0))
    rim = regions.sides.any(axis=1)
    return np.asarray(linked | np.logical_and.outer(rim, rim))


def _distances(points: Array) -> Array:
    return np.asarray(length(points[:, None] - points[None]))
