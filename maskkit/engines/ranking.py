"""How good a guess at the subject is: fourteen numbers of a mask, and the IoU to expect from them."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.pixels import Array

__all__ = ["MARKS", "edge_contrast", "expected_iou", "mask_marks", "outline", "overlap", "same_colours"]

# In the order of the columns of `mask_marks`.
MARKS = (
    "gradient along the edge over the mean gradient",
    "colour histograms inside and outside, Bhattacharyya",
    "share of the border inside",
    "area, logarithm",
    "outline squared over area, logarithm",
    "area over its convex hull",
    "off centre, sideways",
    "off centre, up or down",
    "spread sideways",
    "spread up and down",
    "share of the picture's middle",
    "overlap with the chance",
    "overlap with the barrier",
    "overlap with the other guesses",
)


# Fitted by tests/benchmarks/fit_classical.py to 60 photos of ECSSD.
_WEIGHT = np.array(
    [0.011, 0.04, 0.05, 0.011, -0.016, 0.103, 0.184, -0.314, -0.239, 0.377, 0.02, 0.375, -0.161, 0.521]
)
_BIAS = 0.026


def mask_marks(lab: Array, mask: Array, maps: list[Array], others: list[Array]) -> Array:
    """The marks of a mask (H, W) bool on a picture (H, W, 3), in the order of `MARKS`; zeros if it is empty.

    References
    ----------
    Carreira and Sminchisescu 2012, CPMC: automatic object segmentation using constrained parametric min-cuts
    (ranking proposals by such marks).
    """
    height, width = mask.shape
    if not 0.002 < mask.mean() < 0.998:
        return np.zeros(len(MARKS))
    rows, columns = np.nonzero(mask)
    middle = mask[int(height * 0.4) : int(height * 0.6) + 1, int(width * 0.4) : int(width * 0.6) + 1]
    rim = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return np.array(
        [
            edge_contrast(lab, mask),
            same_colours(lab, mask),
            rim.mean(),
            np.log(mask.mean()),
            *outline(mask),
            abs(columns.mean() / width - 0.5),
            abs(rows.mean() / height - 0.5),
            columns.std() / width,
            rows.std() / height,
            middle.mean(),
            *(np.minimum(m, mask).sum() / np.maximum(m, mask).sum() for m in maps),
            np.mean([overlap(mask, other) for other in others]),
        ]
    )


def expected_iou(marks: Array) -> Array:
    """``w . marks + b``, marks (n, 14)."""
    return np.asarray(marks @ _WEIGHT + _BIAS)


def overlap(a: Array, b: Array) -> float:
    """Intersection over union of two bool masks.

    >>> overlap(np.array([[True, True]]), np.array([[True, False]]))
    0.5
    """
    return float(np.count_nonzero(a & b)) / max(1, int(np.count_nonzero(a | b)))


def edge_contrast(lab: Array, mask: Array) -> float:
    """The mean gradient along a mask's edge over the picture's mean, logarithm."""
    gradient = np.zeros(mask.shape, np.float32)
    for plane in cv2.split(lab):
        gradient += np.hypot(cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1))
    square = np.ones((3, 3), np.uint8)
    whole = mask.astype(np.uint8)
    edge = cv2.dilate(whole, square) != cv2.erode(whole, square, borderValue=1)
    return float(np.log((gradient[edge].mean() + 1) / (gradient.mean() + 1))) if edge.any() else 0.0


def same_colours(lab: Array, mask: Array) -> float:
    """How alike the colours on both sides are: Bhattacharyya's coefficient of 8 x 8 x 8 histograms."""
    low, high = np.array([0, -60, -60]), np.array([100, 60, 60])
    cells = np.clip((lab - low) / (high - low) * 8, 0, 7.99).astype(int) @ (64, 8, 1)
    inside, outside = (np.bincount(cells[m], minlength=512) / np.count_nonzero(m) for m in (mask, ~mask))
    return float(np.sqrt(inside * outside).sum())


def outline(mask: Array) -> tuple[float, float]:
    """Outline squared over area, logarithm; and area over that of the convex hull."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    area = int(np.count_nonzero(mask))
    length = sum(len(contour) for contour in contours)
    hull = cv2.contourArea(cv2.convexHull(np.concatenate(contours)))
    return float(np.log(length**2 / area)), area / max(hull, 1.0)
