"""Guesses at the subject in a box: cuts of what the network believed, of colours, and of both."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np

from maskkit.engines.colour_odds import colour_odds
from maskkit.engines.grabcut import DROP, MAYBE_DROP, MAYBE_KEEP, grabcut
from maskkit.engines.min_cut import logit, min_cut
from maskkit.engines.proposals import otsu, tidy
from maskkit.engines.ranking import overlap
from maskkit.engines.reduced import lab, reduced
from maskkit.engines.seen import Seen
from maskkit.kernels.channels import length
from maskkit.pixels import Array

__all__ = ["Guesses", "filled", "from_middle", "guesses", "lines"]

_SIDE = 160  # of what GrabCut begins with
_LEVELS = (0.5, 0.25, 0.1, 0.05)  # of a network that finds only a part, the rest is above a lower one


class Guesses(NamedTuple):
    """Masks of the subject in a box, bool (n, h, w); what was believed, by the network and by GrabCut."""

    masks: Array
    chance: Array
    vote: Array


def guesses(picture: Seen, within: Array, looks: list[Array]) -> Guesses:
    """Some fifteen masks of the subject that fills the box ``within`` (bool, a rectangle).

    Parameters
    ----------
    picture: the box and its surroundings, reduced.
    looks: what the network believed, float (h, w) each; none where there is no network.
    """
    begun = _beginnings(picture.rgb, within)
    weight = np.exp([10 * overlap(filled(mask), within) for mask in begun])
    vote = np.asarray(np.average(np.array(begun, np.float32), axis=0, weights=weight))
    looks = [look * within for look in looks] or [vote]
    chance = np.asarray(np.mean(looks, axis=0, dtype=np.float32))
    odds = [*_of_network(looks, chance), *_with_colours(picture, within, chance, vote)]
    fixed = np.where(within, 0, 2).astype(np.uint8)
    cuts = [min_cut(picture.edges, each, fixed) for each in odds]
    found = [tidy(mask & within, 0.05, 0.002) for mask in (*cuts, _plain(picture.rgb, within), vote > 0.5)]
    return Guesses(np.array(found), chance, vote)


def _of_network(looks: list[Array], chance: Array) -> Iterator[Array]:
    for level in _LEVELS:
        yield logit(chance) - logit(level)
    yield from map(logit, looks)
    yield logit(np.max(looks, axis=0)) - logit(0.3)


def _with_colours(picture: Seen, within: Array, chance: Array, vote: Array) -> Iterator[Array]:
    def told(soft: Array) -> Array:
        return colour_odds(picture.cells, soft * within, np.where(within, 1 - soft, 1))

    both = 0.5 * chance + 0.5 * vote
    colours = 0.5 * told(chance)
    yield logit(chance) + colours
    yield logit(chance) - logit(0.2) + colours
    yield logit(both) + 0.5 * told(both)
    yield logit(vote) + 0.4 * told(vote)


def _plain(rgb: Array, within: Array) -> Array:
    """What GrabCut makes of the box alone in five rounds."""
    return grabcut(rgb, np.where(within, MAYBE_KEEP, DROP).astype(np.uint8), rounds=5)


def _beginnings(rgb: Array, within: Array) -> list[Array]:
    """What GrabCut makes in two rounds of six beginnings, found at 160 px.

    References
    ----------
    Lempitsky, Kohli, Rother and Sharp 2009, Image segmentation with a bounding box prior: a box that is drawn
    around a subject touches it on all sides, so a guess counts by how well it fills the box.
    """
    small = reduced(rgb, _SIDE)
    size = rgb.shape[1::-1]
    inside = cv2.resize(within.astype(np.uint8), small.shape[1::-1], interpolation=cv2.INTER_AREA) > 0
    cuts = [tidy(grabcut(small, belief, rounds=2) & inside) for belief in _beliefs(small, inside)]
    return [(cv2.resize(cut.astype(np.float32), size) > 0.5) & within for cut in cuts]


def _beliefs(rgb: Array, within: Array) -> list[Array]:
    """The whole box; ellipses in it; and what differs in colour from its surroundings."""
    whole = np.where(within, MAYBE_KEEP, DROP).astype(np.uint8)
    away = from_middle(within)
    maps = [away < 0.9, away < 0.5]
    if np.count_nonzero(~within) > 50:
        unlike = _unlike_surroundings(rgb, within)
        level = otsu(unlike[within][None])
        maps += [unlike > 0.5 * level, unlike > level, unlike * np.exp(-away / 2) > 0.5 * level]
    return [whole, *(np.where(within & ~m, MAYBE_DROP, whole).astype(np.uint8) for m in maps)]


def from_middle(within: Array) -> Array:
    """Squared distance from the box's middle: 1 on the ellipse that touches its sides."""
    axes = []
    for line in lines(within):
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
    distance = np.min([length(colours - colour) for colour in main], axis=0)
    return np.asarray(np.clip(cv2.GaussianBlur(distance, (0, 0), 2) / 50, 0, 1))


def filled(mask: Array) -> Array:
    """The bounding box of a mask."""
    rows, columns = lines(mask)
    return np.asarray(rows[:, None] & columns[None])


def lines(mask: Array) -> tuple[Array, Array]:
    """The rows and the columns that hold some of the mask."""
    return np.asarray(mask.any(axis=1)), np.asarray(mask.any(axis=0))
