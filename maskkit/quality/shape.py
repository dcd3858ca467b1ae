"""Faults of the alpha alone. Each measure gives a value, a text and the spots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import cv2
import numpy as np

from maskkit.kernels import convert, stream_bands
from maskkit.pixels import Array
from maskkit.quality.report import Box

__all__ = ["banding", "by_bands", "empty", "frame", "full", "hard", "inverted", "islands", "pinholes"]

Measure = tuple[float | None, str, list[Box]]

_FAINT = 0.04  # alpha that begins to be seen beside more of it
_PLAIN = 0.1  # and by itself
_SPOTS = 12
_BAND = 1 << 20  # pixels: their float32 scratch takes some 20 MB

T = TypeVar("T")


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
    labels, area = _parts(alpha > _FAINT, 8)
    small = (area > 0) & (area < max(16, 0.005 * area.max()))
    large = (area > 0) & ~small
    if not small.any() or not large.any():
        return 0.0, "no small part lies apart from the subject", []
    peak = np.zeros(area.size, np.float32)

    def seen_well(rows: slice) -> tuple[Array, Array]:
        inside = small[labels[rows]]
        return labels[rows][inside], alpha[rows][inside]

    for part, level in by_bands(seen_well, alpha.shape):
        np.maximum.at(peak, part, level)
    found = np.flatnonzero(_apart(labels, small, large) & (peak >= _PLAIN))
    return (
        float(found.size),
        f"small parts that lie apart from the subject: {found.size}",
        _largest(_boxes(labels, found, area.size), area[found]),
    )


def pinholes(alpha: Array, original: Array | None) -> Measure:
    """Holes below 0.1% of the subject's area (or 16 pixels), deep in solid alpha (1% of the side).

    Where the original is known, a hole through which something else is seen than around it is meant.
    """
    labels, area = _parts(alpha < 0.9, 4)
    small = (area > 0) & (area < max(16, 0.001 * np.count_nonzero(alpha >= 0.5)))
    if not small.any():
        return 0.0, "small holes deep inside: 0", []
    around = ~small  # what is below the surface of the subject with its small holes filled
    around[0] = False
    deep = np.flatnonzero(_apart(labels, small, around))
    boxes = _boxes(labels, deep, area.size)
    faults = [n for n, part in enumerate(deep.tolist()) if _is_fault(alpha, original, labels, boxes[n], part)]
    found = deep[faults]
    return (
        float(found.size),
        f"small holes deep inside: {found.size}",
        _largest(boxes[faults], area[found]),
    )


def _parts(inside: Array, connectivity: int) -> tuple[Array, Array]:
    """The label of each pixel, and the area of each connected part; 0 is outside, and has none.

    OpenCV's statistics of the parts take three to seven times as long as their labels.
    """
    count, labels = cv2.connectedComponents(inside.view(np.uint8), connectivity=connectivity)
    if count == 2:
        return labels, np.array([0, np.count_nonzero(inside)])
    areas = by_bands(lambda rows: np.bincount(labels[rows].ravel(), minlength=count), labels.shape)
    area = np.sum(list(areas), axis=0)
    area[0] = 0
    return labels, area


def _apart(labels: Array, parts: Array, others: Array) -> Array:
    """Which of ``parts`` lie more than 1% of the side (3 pixels) from any of ``others``; tables by label."""
    reach = max(3, 0.01 * max(labels.shape))
    halo = int(reach) + 2
    nearest = np.where(parts, np.inf, 0.0)

    def distances(rows: slice) -> tuple[Array, Array]:
        inside = parts[labels[rows]]
        found = labels[rows][inside]
        if not found.size:
            return found, nearest[:0]
        first = max(0, rows.start - halo)
        free = ~others[labels[first : rows.stop + halo]]
        away = cv2.distanceTransform(free.view(np.uint8), cv2.DIST_L2, 5)[rows.start - first :]
        return found, away[: inside.shape[0]][inside]

    for part, distance in by_bands(distances, labels.shape, 4 * halo):
        np.minimum.at(nearest, part, distance)
    apart: Array = nearest > reach
    return apart


def by_bands(function: Callable[[slice], T], shape: tuple[int, ...], least: int = 1) -> Iterator[T]:
    """`stream_bands` of about `_BAND` pixels, and of at least ``least`` rows."""
    rows = max(least, _BAND // shape[1])
    return stream_bands(lambda top, bottom: function(slice(top, bottom)), shape[0], rows)


def _is_fault(alpha: Array, original: Array | None, labels: Array, around: Array, label: int) -> bool:
    """Seen (below 50%), solid in the ring of 2-5 pixels around (no gap in hair), and of the ring's colour."""
    left, top, right, bottom = around
    box = slice(max(0, top - 6), bottom + 6), slice(max(0, left - 6), right + 6)
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
    contour, bare = np.array(list(by_bands(lambda rows: _contour(alpha, rows), alpha.shape))).sum(axis=0)
    if not contour:
        return None, "there is no contour", []
    share = float(bare / contour)
    return share, f"{share:.0%} of the contour has no soft pixel: a staircase", []


def _contour(alpha: Array, rows: slice) -> tuple[int, int]:
    """Pixels of the contour in ``rows``, and those of them without a soft one beside."""
    first = max(0, rows.start - 1)
    level, square = alpha[first : rows.stop + 1], np.ones((3, 3), np.uint8)
    kept = (level >= 0.5).astype(np.uint8)
    contour = kept > cv2.erode(kept, square, borderValue=1)
    soft = cv2.dilate(((level > 0.05) & (level < 0.95)).astype(np.uint8), square).view(bool)
    core = slice(rows.start - first, rows.stop - first)
    return int(np.count_nonzero(contour[core])), int(np.count_nonzero((contour & ~soft)[core]))


def banding(alpha: Array) -> Measure:
    """How many of 32 equal steps of alpha between 3% and 97% hold no pixel, as a share."""
    steps = np.array(list(by_bands(lambda rows: _steps(alpha[rows]), alpha.shape))).sum(axis=0)
    if steps.sum() < 400:
        return None, "too few soft pixels to say", []
    used = min(int(np.count_nonzero(steps)), 32)
    return 1 - used / 32, f"soft pixels use {used} of 32 steps of alpha", []


def _steps(alpha: Array) -> Array:
    """How many pixels each step of alpha has; a 33rd for what float arithmetic puts at its very end."""
    levels = alpha[(alpha > 0.03) & (alpha < 0.97)]
    return np.bincount(((levels - 0.03) / 0.94 * 32).astype(np.int32), minlength=33)


def _frame(array: Array) -> Array:
    return np.concatenate([array[0], array[-1], array[:, 0], array[:, -1]])


def _boxes(labels: Array, parts: Array, count: int) -> Array:
    """The box (left, top, right, bottom) of each of some parts, ``(n, 4)``; ``count`` labels there are."""
    place = np.full(count, -1)
    place[parts] = np.arange(parts.size)
    boxes = np.tile([labels.shape[1], labels.shape[0], 0, 0], (parts.size, 1))

    def points(rows: slice) -> tuple[Array, Array, Array]:
        found = place[labels[rows]]
        down, right = np.nonzero(found >= 0)
        return found[down, right], right, down + rows.start

    for part, x, y in by_bands(points, labels.shape) if parts.size else ():
        for side, value in enumerate((x, y)):
            np.minimum.at(boxes[:, side], part, value)
            np.maximum.at(boxes[:, side + 2], part, value + 1)
    return boxes


def _largest(boxes: Array, area: Array) -> list[Box]:
    """The boxes of the largest parts, the largest first."""
    order = np.argsort(-area, kind="stable")[:_SPOTS]
    return [(int(left), int(top), int(right), int(bottom)) for left, top, right, bottom in boxes[order]]
