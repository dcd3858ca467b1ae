"""Faults of the alpha alone. Each measure gives a value, a text and the spots."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.kernels import convert
from maskkit.pixels import Array
from maskkit.quality.report import Box

__all__ = ["banding", "empty", "frame", "full", "hard", "inverted", "islands", "pinholes"]

Measure = tuple[float | None, str, list[Box]]

_FAINT = 0.04  # alpha that begins to be seen beside more of it
_PLAIN = 0.1  # and by itself
_SPOTS = 12


def empty(alpha: Array) -> Measure:
    """Whether no pixel is at least half kept."""
    nothing = not (alpha >= 0.5).any()
    return float(nothing), "nothing is kept" if nothing else "something is kept", []


def full(alpha: Array) -> Measure:
    """Whether no pixel is at least half removed."""
    everything = not (alpha < 0.5).any()
    return float(everything), "nothing is removed" if everything else "something is removed", []


def inverted(alpha: Array) -> Measure:
    """The share of the frame that is kept, where the middle is kept less."""
    share = float(_frame(alpha >= 0.5).mean())
    height, width = alpha.shape
    middle = alpha[height // 4 : height - height // 4, width // 4 : width - width // 4]
    if (alpha >= 0.5).all() or middle.mean() >= share:
        share = 0.0
    if not share:
        return share, "the middle is kept, not the frame around it", []
    return share, f"{share:.0%} of the frame is kept around a removed middle", []


def frame(alpha: Array) -> Measure:
    """The share of the frame that the subject touches."""
    kept = alpha >= 0.5
    share = float(_frame(kept).mean())
    height, width = alpha.shape
    sides: dict[Box, Array] = {
        (0, 0, width, 1): kept[0],
        (0, height - 1, width, height): kept[-1],
        (0, 0, 1, height): kept[:, 0],
        (width - 1, 0, width, height): kept[:, -1],
    }
    return (
        share,
        f"the subject touches {share:.1%} of the frame",
        [box for box, side in sides.items() if side.any()],
    )


def islands(alpha: Array) -> Measure:
    """Parts below 0.5% of the largest (or 16 pixels) more than 1% of the side from anything larger.

    Specks whose alpha stays below 10% cannot be seen and are none.
    """
    seen = (alpha > _FAINT).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(seen, connectivity=8)
    area = stats[:, cv2.CC_STAT_AREA].copy()
    area[0] = 0
    small = (area > 0) & (area < max(16, 0.005 * area.max()))
    large = (area > 0) & ~small
    if not small.any() or not large.any():
        return 0.0, "no small part lies apart from the subject", []
    away = cv2.distanceTransform(1 - large[labels].astype(np.uint8), cv2.DIST_L2, 5)
    nearest = np.full(area.size, np.inf)
    inside = small[labels]
    np.minimum.at(nearest, labels[inside], away[inside])
    peak = np.zeros(area.size, np.float32)
    np.maximum.at(peak, labels[inside], alpha[inside])
    found = np.flatnonzero(small & (peak >= _PLAIN) & (nearest > max(3, 0.01 * max(alpha.shape))))
    return (
        float(found.size),
        f"small parts that lie apart from the subject: {found.size}",
        _boxes(stats, found),
    )


def pinholes(alpha: Array, original: Array | None) -> Measure:
    """Holes below 0.1% of the subject's area (or 16 pixels), deep in solid alpha (1% of the side).

    Where the original is known, a hole through which something else is seen than around it is meant.
    """
    solid = alpha >= 0.5
    hole = (alpha < 0.9).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(hole, connectivity=4)
    area = stats[:, cv2.CC_STAT_AREA]
    small = (area > 0) & (area < max(16, 0.001 * np.count_nonzero(solid)))
    small[0] = False
    # depth below the surface of the subject with its small holes filled
    filled = ((hole == 0) | small[labels]).astype(np.uint8)
    depth = cv2.distanceTransform(np.pad(filled, 1, "edge"), cv2.DIST_L2, 5)[1:-1, 1:-1]
    least = np.full(area.size, np.inf)
    inside = small[labels]
    np.minimum.at(least, labels[inside], depth[inside])
    deep = np.flatnonzero(small & (least > max(3, 0.01 * max(alpha.shape))) & np.isfinite(least))
    found = np.array([n for n in deep if _is_fault(alpha, original, labels, stats[n], n)], int)
    return float(found.size), f"small holes deep inside: {found.size}", _boxes(stats, found)


def _is_fault(alpha: Array, original: Array | None, labels: Array, stats: Array, label: int) -> bool:
    """Seen (below 50%), solid in the ring of 2-5 pixels around (no gap in hair), and of the ring's colour."""
    left, top, width, height, _ = stats
    box = slice(max(0, top - 6), top + height + 6), slice(max(0, left - 6), left + width + 6)
    away = cv2.distanceTransform((labels[box] != label).astype(np.uint8), cv2.DIST_L2, 5)
    ring, hole = (away >= 2) & (away <= 5), away == 0
    if not ring.any() or alpha[box][hole].min() > 0.5 or alpha[box][ring].mean() < 0.98:
        return False
    if original is None:
        return True
    colour = convert(np.ascontiguousarray(original[box]), np.float32)
    core = hole & (alpha[box] <= alpha[box][hole].min() + 0.1)
    spread = np.linalg.norm(colour[ring] - colour[ring].mean(0), axis=1).mean()
    gap = np.linalg.norm(colour[core].mean(0) - colour[ring].mean(0))
    return bool(gap < max(0.1, 1.2 * spread))


def hard(alpha: Array) -> Measure:
    """The share of the contour's pixels with no soft one (5-95%) in their 3x3."""
    kept = (alpha >= 0.5).astype(np.uint8)
    square = np.ones((3, 3), np.uint8)
    contour = (kept == 1) & (cv2.erode(kept, square, borderValue=1) == 0)
    if not contour.any():
        return None, "there is no contour", []
    soft = cv2.dilate(((alpha > 0.05) & (alpha < 0.95)).astype(np.uint8), square).view(bool)
    share = float((contour & ~soft).sum() / contour.sum())
    return share, f"{share:.0%} of the contour has no soft pixel: a staircase", []


def banding(alpha: Array) -> Measure:
    """How many of 32 equal steps of alpha between 3% and 97% hold no pixel, as a share."""
    levels = alpha[(alpha > 0.03) & (alpha < 0.97)]
    if levels.size < 400:
        return None, "too few soft pixels to say", []
    used = np.unique(((levels - 0.03) / 0.94 * 32).astype(np.int32)).size
    return 1 - min(used, 32) / 32, f"soft pixels use {min(used, 32)} of 32 steps of alpha", []


def _frame(array: Array) -> Array:
    return np.concatenate([array[0], array[-1], array[:, 0], array[:, -1]])


def _boxes(stats: Array, labels: Array) -> list[Box]:
    """Boxes of components, the largest first."""
    order = labels[np.argsort(-stats[labels, cv2.CC_STAT_AREA], kind="stable")][:_SPOTS]
    return [(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats[order]]
