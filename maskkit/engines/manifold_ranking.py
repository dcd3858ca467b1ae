"""Saliency by ranking: how little a region resembles the four borders, along the picture's own graph."""

from __future__ import annotations

import numpy as np

from maskkit.engines.background_detection import unit
from maskkit.engines.slic import Superpixels
from maskkit.kernels.channels import length
from maskkit.pixels import Array

__all__ = ["manifold_ranking"]


def manifold_ranking(regions: Superpixels, alpha: float = 0.99, sigma2: float = 0.1) -> Array:
    """``f = (D - alpha W)^-1 q``, first for each border as the query, then for what they leave; 0-1 a region.

    W links regions to neighbours and neighbours' neighbours, and the border's regions to one another.

    References
    ----------
    Yang, Zhang, Lu, Ruan and Yang 2013, Saliency detection via graph-based manifold ranking.
    """
    ranking = np.linalg.inv(_laplacian(regions, alpha, sigma2))
    np.fill_diagonal(ranking, 0)
    first = np.ones(len(regions.size))
    for side in range(4):
        first *= 1 - unit(ranking @ (regions.sides[:, side] > 0))
    query = first > first.mean()
    return unit(ranking @ query)


def _laplacian(regions: Superpixels, alpha: float, sigma2: float) -> Array:
    near = regions.touching.astype(np.float32)
    linked = (near + near @ near) > 0
    rim = regions.sides.any(axis=1)
    linked |= np.logical_and.outer(rim, rim)
    np.fill_diagonal(linked, False)
    # the paper's CIELAB is scaled to 0-1 a channel
    scaled = regions.lab / (100.0, 255.0, 255.0)
    distance = length(scaled[:, None] - scaled[None])
    peak = max(float(distance[linked].max(initial=0)), 1e-9)
    weight = np.exp(-distance / peak / sigma2) * linked
    return np.asarray(np.diag(weight.sum(axis=1)) - alpha * weight)
