"""How good a guess at the subject in a box is, by thirteen marks."""

from __future__ import annotations

import numpy as np

from maskkit.engines.box_guesses import Guesses, filled, lines
from maskkit.engines.ranking import edge_contrast, outline, overlap, same_colours
from maskkit.engines.seen import Seen
from maskkit.pixels import Array

__all__ = ["BOX_MARKS", "box_marks", "merit"]

# In the order of the columns of `box_marks`.
BOX_MARKS = (
    "overlap of its bounding box with the box",
    "largest gap to a side of the box",
    "overlap with the network's map",
    "the same, times how well that fills the box",
    "the same, times its largest gap",
    "the same, times how decided it is",
    "overlap with GrabCut's vote",
    "gradient along the edge over the mean gradient",
    "colour histograms inside and outside, Bhattacharyya",
    "area over the box's",
    "outline squared over area, logarithm",
    "area over its convex hull",
    "overlap with the other guesses",
)

# Fitted by tests/benchmarks/fit_hints.py to 140 photos of ECSSD, each once more with a network that finds
# only a part of the subject.
_WEIGHT = np.array(
    [0.607, -0.285, 0.138, 0.275, -0.411, -0.327, 0.123, 0.006, -0.506, -0.304, 0.042, 0.135, 0.694]
)


def merit(marks: Array) -> Array:
    """``w . marks``, marks (n, 13): differences are differences of IoU to be expected."""
    return np.asarray(marks @ _WEIGHT)


def box_marks(picture: Seen, within: Array, found: Guesses) -> Array:
    """The marks of every guess, (n, 13), in the order of `BOX_MARKS`; zeros where one is empty."""
    sure = found.chance > 0.5
    about = (
        overlap(filled(sure), within),
        _gap(sure, within) if sure.any() else 1.0,
        overlap(found.chance > 0.3, found.chance > 0.7),
    )
    return np.array([_marks(mask, picture, within, found, about) for mask in found.masks])


def _marks(mask: Array, picture: Seen, within: Array, found: Guesses, about: tuple[float, ...]) -> Array:
    area = np.count_nonzero(mask)
    if not 12 <= area <= mask.size - 12:
        return np.zeros(len(BOX_MARKS))
    soft = float(np.minimum(found.chance, mask).sum() / np.maximum(found.chance, mask).sum())
    return np.array(
        [
            overlap(filled(mask), within),
            _gap(mask, within),
            soft,
            *(soft * each for each in about),
            overlap(mask, found.vote > 0.5),
            edge_contrast(picture.lab, mask),
            same_colours(picture.lab, mask),
            area / np.count_nonzero(within),
            *outline(mask),
            np.mean([overlap(mask, other) for other in found.masks]),
        ]
    )


def _gap(mask: Array, within: Array) -> float:
    """The widest of the four strips between the mask's bounding box and the box, as a share of its sides."""
    gaps = []
    for inner, outer in zip(lines(mask), lines(within), strict=True):
        ends, box = np.flatnonzero(inner)[[0, -1]], np.flatnonzero(outer)[[0, -1]]
        gaps += [(ends[0] - box[0]) / np.count_nonzero(outer), (box[1] - ends[1]) / np.count_nonzero(outer)]
    return float(max(gaps))
