"""One subject at a time, at a bounded size, and lifted to full size."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from maskkit.kernels import convert
from maskkit.kernels.grid import shrink, shrink_as
from maskkit.kernels.tiles import Box
from maskkit.matting.lift import lift
from maskkit.matting.separability import REACH
from maskkit.pixels import Array

__all__ = ["by_subject", "disc", "reach"]

_SIDE = 1000  # of the size at which a subject is solved, pixels
_MARGIN = 0.08  # around a subject
_SUBJECTS = 64  # at most; smaller ones stay as they are


def by_subject(image: Array, mask: Array, solve: Callable[..., Array], *planes: Array) -> Array:
    """What ``solve(factor, image, mask, *planes)`` makes of each subject, lifted to full size.

    Subjects are the parts of the mask that lie apart, each in a box with a margin. Where the matte is the
    mask, and outside of all boxes, the mask stays as it is.

    Parameters
    ----------
    image : (H, W, 3) array
    mask : (H, W) array
    solve : function
        Of the factor by which all is reduced, of the (h, w, 3) picture, the (h, w) float32 mask and planes;
        gives (h, w) float32.
    planes : (H, W) arrays, handed on

    Returns
    -------
    (H, W) float32 within 0-1.
    """
    out = None
    for subject in _subjects(mask):
        box = subject.box
        factor = max(1, math.ceil(max(image[box].shape[:2]) / _SIDE))
        whole = mask if out is None else out
        small, *more = (shrink(plane[box], factor) for plane in (image, *planes))
        own = shrink_as(whole[box], factor, np.float32)
        matte = solve(factor, small, own, *more)
        changed = cv2.dilate((matte != own).astype(np.uint8), np.ones((3, 3), np.uint8))
        changed = changed & subject.nearest(changed.shape[::-1])
        out = _copied(mask) if out is None else out  # not before: solving takes as much memory
        lift(image[box], small, matte, factor, changed > 0, out=out[box])
    return _copied(mask) if out is None else out


def _copied(mask: Array) -> Array:
    """The mask as float32 that may be written to."""
    return convert(mask, np.float32, np.empty(mask.shape, np.float32))


def reach(mask: Array, factor: int, radius: int | None) -> int:
    """How far to look, in pixels of the reduced picture: ``radius`` of the full one, or 2.5% of the side."""
    return max(1, round(max(mask.shape) * REACH) if radius is None else round(radius / factor))


class _Subject(NamedTuple):
    box: Box
    near: Array | None  # on a coarse grid: where no other subject is nearer; None for everywhere

    def nearest(self, size: tuple[int, int]) -> Array:
        """1 where no other subject is nearer, else 0; ``size`` is (width, height)."""
        if self.near is None:
            return np.ones(size[::-1], np.uint8)
        return cv2.resize(self.near.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)


def _subjects(mask: Array) -> list[_Subject]:
    """The parts of the mask that lie apart, each in its box with a margin, the largest first.

    Strands that the mask has lost the connection of belong to the subject within 1.5% of the side.
    """
    factor = max(1, math.ceil(max(mask.shape) / _SIDE))
    hard = (shrink_as(mask, factor, np.float32) > 0.5).astype(np.uint8)
    if hard.min() == hard.max():
        return []
    grown = cv2.dilate(hard, disc(max(1, round(0.015 * max(hard.shape)))))
    _, owner = cv2.distanceTransformWithLabels(1 - grown, cv2.DIST_L2, 5)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
    return [
        _subject(stats[label], factor, None if count == 2 else owner == owner[labels == label][0])
        for label in np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:_SUBJECTS] + 1
    ]


def _subject(stats: Array, factor: int, near: Array | None) -> _Subject:
    left, top, width, height = (int(value) for value in stats[:4])
    margin = max(16, math.ceil(_MARGIN * max(width, height)))
    rows = slice(max(0, top - margin), top + height + margin)
    columns = slice(max(0, left - margin), left + width + margin)
    box = tuple(slice(side.start * factor, side.stop * factor) for side in (rows, columns))
    return _Subject((box[0], box[1]), None if near is None else near[rows, columns])


def disc(radius: int) -> Array:
    """The disc of a radius in pixels, as a structuring element."""
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
