"""Where exactly an edge runs: halfway between the colours on its two sides."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.kernels.channels import total
from maskkit.pixels import Array

__all__ = ["settle_edge"]


# Beyond one pixel the cut knows better than the colours: with three, the masks of boxes lost 0.011 of their
# IoU on 60 photos of ECSSD, and those of three points after them 0.012.
_BAND = 1
_WINDOW = 1.5


def settle_edge(rgb: Array, subject: Array) -> Array:
    """``(C - B) . (F - B) / |F - B|^2`` within a pixel of the edge; float32 (H, W), 0-1.

    F and B are the mean colours beyond it, inside and outside, weighted by a Gaussian of sigma ``_WINDOW``.
    Where they hardly differ, or one side is nowhere near, the mask stays as it is.
    """
    inside = subject.astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _BAND + 1,) * 2)
    inner, outer = cv2.erode(inside, disc, borderValue=1), 1 - cv2.dilate(inside, disc)
    colour = rgb.astype(np.float32) / 255
    own, near_own = _mean_nearby(colour, inner)
    other, near_other = _mean_nearby(colour, outer)
    line = own - other
    square = total(np.square(line))
    share = total((colour - other) * line) / np.maximum(square, 1e-6)
    told = (inner == outer) & near_own & near_other & (square > 0.05**2)
    return np.where(told, np.clip(share, 0, 1), inside).astype(np.float32)


def _mean_nearby(colour: Array, where: Array) -> tuple[Array, Array]:
    weight = where.astype(np.float32)
    colours = cv2.GaussianBlur(colour * weight[..., None], (0, 0), _WINDOW)
    count = cv2.GaussianBlur(weight, (0, 0), _WINDOW)
    return colours / np.maximum(count, 1e-6)[..., None], count > 1e-3
