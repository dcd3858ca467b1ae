"""Where exactly an edge runs: halfway between the colours on its two sides."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.kernels.channels import total
from maskkit.pixels import Array

__all__ = ["settle_edge"]


def settle_edge(rgb: Array, subject: Array, band: int = 3, window: float = 3.0) -> Array:
    """``(C - B) . (F - B) / |F - B|^2`` within ``band`` pixels of the edge; float32 (H, W), 0-1.

    F and B are the mean colours beyond the band, inside and outside, weighted by a Gaussian of sigma
    ``window``. Where they hardly differ, or one side is nowhere near, the mask stays as it is.
    """
    inside = subject.astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * band + 1,) * 2)
    inner, outer = cv2.erode(inside, disc, borderValue=1), 1 - cv2.dilate(inside, disc)
    colour = rgb.astype(np.float32) / 255
    own, near_own = _mean_nearby(colour, inner, window)
    other, near_other = _mean_nearby(colour, outer, window)
    line = own - other
    square = total(np.square(line))
    share = total((colour - other) * line) / np.maximum(square, 1e-6)
    told = (inner == outer) & near_own & near_other & (square > 0.05**2)
    return np.where(told, np.clip(share, 0, 1), inside).astype(np.float32)


def _mean_nearby(colour: Array, where: Array, sigma: float) -> tuple[Array, Array]:
    weight = where.astype(np.float32)
    colours = cv2.GaussianBlur(colour * weight[..., None], (0, 0), sigma)
    count = cv2.GaussianBlur(weight, (0, 0), sigma)
    return colours / np.maximum(count, 1e-6)[..., None], count > 1e-3
