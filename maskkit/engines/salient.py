"""The subject of a picture without a plain backdrop: what stands out, guessed several times and voted on."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.grabcut import DROP, KEEP, MAYBE_DROP, MAYBE_KEEP, grabcut
from maskkit.engines.proposals import proposals, tidy
from maskkit.engines.ranking import expected_iou, mask_marks, overlap
from maskkit.engines.reduced import lab, reduced
from maskkit.engines.region_cues import region_cues, subject_chance
from maskkit.engines.slic import superpixels
from maskkit.matting.guided import guided_filter
from maskkit.pixels import Array

__all__ = ["guesses", "saliency_maps", "salient"]

_SIDE, _GUESS_SIDE = 320, 160


def salient(rgb: Array) -> tuple[Array, float]:
    """The subject, bool (h, w) at 320 px, and its mean IoU with the guesses: the confidence."""
    rgb = reduced(rgb, _SIDE)
    small, maps, masks = guesses(rgb)
    colours = lab(small)
    marks = np.array([mask_marks(colours, mask, maps, masks) for mask in masks])
    expected = expected_iou(marks)
    weight = np.exp(20 * (expected - expected.max()))
    vote = np.average(np.array(masks, np.float32), axis=0, weights=weight)
    mask = _final_cut(rgb, vote)
    cut = cv2.resize(mask.astype(np.float32), vote.shape[::-1], interpolation=cv2.INTER_AREA) >= 0.5
    return mask, float(np.mean([overlap(cut, other) for other in masks]))


def guesses(rgb: Array) -> tuple[Array, list[Array], list[Array]]:
    """The picture at 160 px, the maps of chance and barrier there, and the proposals that follow."""
    small = reduced(rgb, _GUESS_SIDE)
    maps = [cv2.resize(m, small.shape[1::-1], interpolation=cv2.INTER_AREA) for m in saliency_maps(rgb)]
    return small, maps, proposals(small, *maps)


def saliency_maps(rgb: Array) -> tuple[Array, Array]:
    """The chance of being subject, and the barrier distance with its prior for the centre; (h, w), 0-1."""
    regions = superpixels(lab(rgb))
    cues = region_cues(rgb, regions)
    # the last of the cues
    values = subject_chance(regions, cues), cues[:, -1]
    chance, barrier = (_along_edges(rgb, regions.spread(each)) for each in values)
    return chance, barrier


def _along_edges(rgb: Array, plane: Array) -> Array:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    return np.clip(guided_filter(grey, np.clip(plane, 0, 1), radius=6, eps=1e-3), 0, 1)


def _final_cut(rgb: Array, vote: Array) -> Array:
    vote = cv2.GaussianBlur(cv2.resize(vote, rgb.shape[1::-1]), (0, 0), 3)
    belief = np.where(vote > 0.5, MAYBE_KEEP, MAYBE_DROP).astype(np.uint8)
    belief[vote > 0.95], belief[vote < 0.02] = KEEP, DROP
    return tidy(grabcut(rgb, belief, rounds=2))
