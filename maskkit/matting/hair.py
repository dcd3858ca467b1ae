"""The hair mode: colour sampling and closed-form matting, one subject at a time, at a bounded size."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np

from maskkit.kernels import convert
from maskkit.kernels.grid import shrink
from maskkit.kernels.tiles import Box
from maskkit.matting.closed_form import closed_form
from maskkit.matting.edge import fused
from maskkit.matting.guided import dot, planes
from maskkit.matting.lift import lift
from maskkit.matting.sampling import sample_alpha
from maskkit.matting.separability import (
    REACH,
    Fit,
    evidence,
    fisher_ratio,
    smoothstep,
    stretch,
    veil,
)
from maskkit.pixels import Array

__all__ = ["hair", "solve"]

_SIDE = 1000  # of the size at which a subject is solved, pixels
_MARGIN = 0.08  # around a subject
_SUBJECTS = 64  # at most; smaller ones stay as they are


def hair(image: Array, mask: Array, radius: int | None = None) -> Array:
    """``argmin_p p^T L p + sum w (p - t)^2`` in the unknown band of each subject, lifted to full size.

    The band is where a colour guided filter is undecided. Its alpha and that of sampled colour pairs are the
    data term t. The matte counts where the edge mode's wide windows do (the mask does not fit the picture
    as it is) and the colours inside and outside differ (Fisher's ratio, 0.5 to 2); elsewhere the edge mode
    stands in. Flecks and pinholes that touch nothing are removed.

    Parameters
    ----------
    image : (H, W, 3) array
    mask : (H, W) array
    radius : int, optional
        How far hair may reach from the mask's edge, pixels; 2.5% of each subject's side by default.

    Returns
    -------
    (H, W) float32 within 0-1.

    References
    ----------
    See `closed_form` and `sample_alpha`.
    """
    out = np.array(convert(mask, np.float32))
    for subject in _subjects(mask):
        box = subject.box
        factor = max(1, math.ceil(max(image[box].shape[:2]) / _SIDE))
        small = shrink(image[box], factor), shrink(convert(mask[box], np.float32), factor)
        matte = solve(*small, None if radius is None else max(1, round(radius / factor)))
        changed = cv2.dilate((matte != small[1]).astype(np.uint8), np.ones((3, 3), np.uint8))
        own = changed & subject.nearest(changed.shape[::-1])
        alpha = lift(image[box], small[0], matte, factor, own > 0)
        rows, columns = (np.arange(side) // factor for side in alpha.shape)
        np.copyto(out[box], alpha, where=own[rows[:, None], columns].view(bool))
    return out


def solve(image: Array, mask: Array, radius: int | None = None) -> Array:
    """The matte of one subject at the size it comes in; ``mask`` is float32."""
    colour = planes(image)
    radius = radius or max(1, round(max(mask.shape) * REACH))
    seen = evidence(colour, mask, radius)
    guess, unknown = _band(colour, mask, seen.wide)
    known = cv2.erode((~unknown).astype(np.uint8), _disc(2), borderValue=1).view(bool)
    sampled, trust = sample_alpha(image, known & (mask > 0.5), known & (mask <= 0.5))
    weight = 0.02 * trust + np.float32(3e-3)
    target = (0.02 * trust * sampled + np.float32(3e-3) * guess) / weight
    matte = closed_form(image, guess, unknown, target, weight)
    clear = stretch(matte, veil(seen.wide, seen.distance, 0.15 * radius, radius))
    tells = seen.share * smoothstep(fisher_ratio(colour, mask, radius), 0.5, 2)
    safe = fused(colour, radius, seen)
    return _tidy(safe + tells * (clear - safe), mask)


def _band(colour: Array, mask: Array, fit: Fit) -> tuple[Array, Array]:
    """A first alpha, and where it is undecided or disagrees with the mask, grown by a pixel."""
    alpha = stretch(dot(fit.a, colour) + fit.b, 0.3 * fit.residual)
    unknown = ((alpha > 0.05) & (alpha < 0.95)) | ((alpha > 0.5) != (mask > 0.5))
    unknown = cv2.dilate(unknown.astype(np.uint8), _disc(1)).view(bool)
    return np.where(unknown, alpha, mask > 0.5).astype(np.float32), unknown


def _tidy(alpha: Array, mask: Array) -> Array:
    """Parts of the matte that hold no pixel of the mask become 0; holes that hold none outside it, 1."""
    return 1 - _attached(1 - _attached(alpha, mask > 0.5), mask <= 0.5)


def _attached(alpha: Array, anchor: Array) -> Array:
    count, labels = cv2.connectedComponents((alpha > 0.04).astype(np.uint8), connectivity=8)
    kept = np.zeros(count, bool)
    kept[np.unique(labels[anchor])] = True
    return np.where(kept[labels], alpha, np.float32(0))


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
    hard = (shrink(convert(mask, np.float32), factor) > 0.5).astype(np.uint8)
    if hard.min() == hard.max():
        return []
    grown = cv2.dilate(hard, _disc(max(1, round(0.015 * max(hard.shape)))))
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


def _disc(radius: int) -> Array:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
