"""What a stroke reaches: all of the thing that it touches, and nothing else."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.colour_odds import colour_odds
from maskkit.engines.geodesic import geodesic
from maskkit.engines.min_cut import logit, min_cut
from maskkit.engines.seen import Seen
from maskkit.pixels import Array

__all__ = ["connected_to", "touched"]

_COLOUR = 0.5
_DOUBT = 0.15  # a network that contradicts the stroke keeps so much of its say


def touched(
    picture: Seen, beliefs: Array, open_to: Array, stroke: Array, barred: Array, *, reach: float
) -> Array:
    """``odds = s logit(p) + log(h1 / h2) / 2 + 2 exp(-d / reach) - 1``, cut; bool (H, W), with the stroke.

    p is the belief that agrees most with the stroke, s how far it does, h1 the colours near the stroke, h2
    those of the rest, d the geodesic distance from it. Of the cut only what is connected to it counts.

    Parameters
    ----------
    picture: the reduced picture.
    beliefs: (n, H, W) float, the chances that a pixel is of the side that the stroke says.
    open_to: (H, W) bool, what is of the other side so far, and may change.
    stroke, barred: (H, W) bool, what is surely of this side, and surely of the other.
    reach: of the stroke where nothing else speaks, in long sides of the picture.
    """
    chance = max(beliefs, key=lambda belief: float(belief[stroke].mean()))
    near = np.exp(-geodesic(picture.lab, stroke) / reach)
    like = np.where(barred, 0, near) + 5 * stroke
    unlike = (open_to & ~stroke) * (1 - near) * (1 - 0.9 * chance) + barred
    if unlike.sum() < 20:
        unlike = unlike + 0.1 * ~open_to
    heard = max(_DOUBT, float(chance[stroke].mean()))
    odds = heard * logit(chance, 0.05) + _COLOUR * colour_odds(picture.cells, like, unlike)
    # What is of this side already is kept, so that its old edge costs the cut nothing.
    fixed = np.where(open_to, 0, 1).astype(np.uint8)
    fixed[barred], fixed[stroke] = 2, 1
    cut = min_cut(picture.edges, odds + 2 * near - 1, fixed)
    return connected_to((cut & open_to) | stroke, stroke)


def connected_to(region: Array, seeds: Array) -> Array:
    """The parts of a region, 4-connected, that hold a seed."""
    labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)[1]
    return np.asarray(region & np.isin(labels, np.unique(labels[region & seeds])))
