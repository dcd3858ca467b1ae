"""The subject in a box: GrabCut from several beginnings, weighed by how well each result fills the box."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.grabcut import DROP, KEEP, MAYBE_DROP, MAYBE_KEEP, grabcut
from maskkit.engines.proposals import otsu, tidy
from maskkit.engines.ranking import overlap
from maskkit.engines.reduced import lab, reduced
from maskkit.pixels import Array

__all__ = ["in_box"]

_SIDE = 160  # of the box and its surroundings, for the guesses
_MARGIN = 0.3  # surroundings a side, as a share of the box


def in_box(rgb: Array, inside: Array) -> Array:
    """The subject that fills the box ``inside`` (bool, a rectangle); bool (H, W).

    A box that is drawn around a subject touches it on all sides, so guesses whose own bounding box is far
    from it count less.

    References
    ----------
    Lempitsky, Kohli, Rother and Sharp 2009, Image segmentation with a bounding box prior.
    """
    around = _around(inside)
    crop, within = rgb[around], inside[around]
    small = reduced(crop, _SIDE)
    small_within = cv2.resize(within.astype(np.uint8), small.shape[1::-1], interpolation=cv2.INTER_AREA) > 0
    masks = [
        tidy(grabcut(small, belief, rounds=2) & small_within) for belief in _beliefs(small, small_within)
    ]
    weight = np.exp([10 * overlap(_filled(mask), small_within) for mask in masks])
    vote = np.average(np.array(masks, np.float32), axis=0, weights=weight)
    mask = np.zeros(inside.shape, bool)
    mask[around] = _first_that_fills(within, _final_cut(crop, within, vote), _from_middle(within) < 1)
    return mask


def _around(inside: Array) -> tuple[slice, slice]:
    slices = []
    for line in _lines(inside):
        first, last = int(line.argmax()), len(line) - int(line[::-1].argmax())
        margin = max(8, round(_MARGIN * (last - first)))
        slices.append(slice(max(0, first - margin), last + margin))
    return slices[0], slices[1]


def _beliefs(rgb: Array, within: Array) -> list[Array]:
    """The whole box; ellipses in it; and what differs in colour from its surroundings."""
    whole = np.where(within, MAYBE_KEEP, DROP).astype(np.uint8)
    away = _from_middle(within)
    maps = [away < 0.9, away < 0.5]
    if np.count_nonzero(~within) > 50:
        unlike = _unlike_surroundings(rgb, within)
        level = otsu(unlike[within][None])
        maps += [unlike > 0.5 * level, unlike > level, unlike * np.exp(-away / 2) > 0.5 * level]
    return [whole, *(np.where(within & ~m, MAYBE_DROP, whole).astype(np.uint8) for m in maps)]


def _from_middle(within: Array) -> Array:
    """Squared distance from the box's middle: 1 on the ellipse that touches its sides."""
    axes = []
    for line in _lines(within):
        places = np.flatnonzero(line)
        middle, half = places.mean(), max(1.0, np.ptp(places) / 2)
        axes.append(((np.arange(len(line)) - middle) / half) ** 2)
    return np.asarray(axes[0][:, None] + axes[1][None])


def _unlike_surroundings(rgb: Array, within: Array) -> Array:
    """Distance in L*a*b* to the nearest of the surroundings' twelve main colours, 50 and more is 1."""
    colours = lab(rgb)
    outside = np.ascontiguousarray(colours[~within])
    cv2.setRNGSeed(1)
    criteria = (cv2.TERM_CRITERIA_COUNT, 10, 0.0)
    labels = np.empty((len(outside), 1), np.int32)
    main = cv2.kmeans(outside, min(12, len(outside)), labels, criteria, 1, cv2.KMEANS_PP_CENTERS)[2]
    distance = np.min([np.linalg.norm(colours - colour, axis=2) for colour in main], axis=0)
    return np.asarray(np.clip(cv2.GaussianBlur(distance, (0, 0), 2) / 50, 0, 1))


def _filled(mask: Array) -> Array:
    """The bounding box of a mask."""
    rows, columns = _lines(mask)
    return np.asarray(rows[:, None] & columns[None])


def _lines(mask: Array) -> tuple[Array, Array]:
    """The rows and the columns that hold some of the mask."""
    return np.asarray(mask.any(axis=1)), np.asarray(mask.any(axis=0))


def _first_that_fills(within: Array, cut: Array, ellipse: Array) -> Array:
    """The cut, unless it is a crumb of what was asked for: then the ellipse in the box, to be corrected."""
    return cut if overlap(_filled(cut), within) > 0.3 else ellipse


def _final_cut(rgb: Array, within: Array, vote: Array) -> Array:
    vote = cv2.GaussianBlur(cv2.resize(vote, rgb.shape[1::-1]), (0, 0), 2)
    belief = np.where(vote > 0.5, MAYBE_KEEP, MAYBE_DROP).astype(np.uint8)
    belief[vote > 0.95], belief[(vote < 0.02) | ~within] = KEEP, DROP
    return tidy(grabcut(rgb, belief, rounds=1))
