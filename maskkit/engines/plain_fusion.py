"""What a network and a plain backdrop's colours say, put together: no shadow stays, and no spot is a hole."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import cv2
import numpy as np

from maskkit.engines.plain import Plain
from maskkit.engines.ranking import overlap
from maskkit.pixels import Array

__all__ = ["settled"]

# The IoU of a map cut at 0.3 and at 0.7 below which it is not asked; the share of the smaller of both masks
# that they need in common.
_SURE, _COMMON = 0.75, 0.5
# A hole is nearer to the backdrop than this share of what nine tenths of the subject are.
_HOLE = 0.25
_THICK = 0.008  # of the long side: half as thick as what the network, too coarse for thin parts, may deny
_DENIED = 0.15  # the network's mean belief in a part that it denies


class _Parts(NamedTuple):
    """Connected parts of a region: labels (H, W), which pixels are in one, and their number."""

    labels: Array
    where: Array
    number: int


def settled(plain: Plain, soft: Array) -> Plain:
    """The cut, where both disagree part by part: colours know what is backdrop, the network what is subject.

    A part that only the cut has leaves it if its colour is that of a shadow, with a wider tolerance where
    the network denies it and it is not thin. A part that only the network has joins it unless it is nearer to
    the backdrop than a quarter of the subject's own distance: a hole. Where the network is undecided, or
    sees something else, the cut stays as it is.

    Parameters
    ----------
    plain : of a reduced picture (h, w)
    soft : float32 array of any size, 0-1, a network's map of the whole picture
    """
    size = plain.cut.shape[::-1]
    soft = cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR)
    seen = soft > 0.5
    both = plain.cut & seen
    least = min(np.count_nonzero(plain.cut), np.count_nonzero(seen))
    if overlap(soft > 0.3, soft > 0.7) < _SURE or np.count_nonzero(both) < max(1, _COMMON * least):
        return plain
    joins = _of_the_subject(plain, seen & ~plain.cut, both)
    return replace(plain, cut=(plain.cut | joins) & ~_shadows(plain, plain.cut & ~seen, soft))


def _of_the_subject(plain: Plain, region: Array, subject: Array) -> Array:
    far = plain.deviation.far
    parts = _parts(region)
    hole = _medians(far, parts) < min(1.0, _HOLE * float(np.quantile(far[subject], 0.1)))
    return region & ~hole[parts.labels]


def _shadows(plain: Plain, region: Array, soft: Array) -> Array:
    """The parts that are darker than the backdrop, nearly in its hue."""
    parts = _parts(region)
    shade, off = (_medians(plane, parts) for plane in (plain.deviation.shade, plain.deviation.off))
    inward = cv2.distanceTransform(region.astype(np.uint8), cv2.DIST_L2, 3) / max(region.shape)
    thick = np.zeros(parts.number)
    np.maximum.at(thick, parts.labels[parts.where], inward[parts.where])
    size = np.bincount(parts.labels[parts.where], minlength=parts.number)
    belief = np.bincount(parts.labels[parts.where], soft[parts.where], parts.number) / np.maximum(size, 1)
    shadow = (shade > 0.42) & (off < 0.012 + 0.15 * (1 - shade))
    denied = (thick > _THICK) & (belief < _DENIED) & (shade > 0.3) & (off < 0.02 + 0.35 * (1 - shade))
    return region & ((shadow | denied) & (shade < 1))[parts.labels]


def _parts(region: Array) -> _Parts:
    count, labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)
    return _Parts(labels, region, count)


def _medians(plane: Array, parts: _Parts) -> Array:
    """The median of the plane in each part, the upper one of an even number; 0 for what is in none."""
    labels, values = parts.labels[parts.where], plane[parts.where]
    ordered = values[np.lexsort((values, labels))]
    size = np.bincount(labels, minlength=parts.number)
    middle = np.cumsum(size) - size + size // 2
    return np.where(size > 0, np.append(ordered, 0.0)[np.minimum(middle, len(ordered))], 0.0)
