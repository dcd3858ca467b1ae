"""How far to trust a hinted mask: the chance that its IoU with the subject is at least 0.8."""

from __future__ import annotations

import numpy as np

from maskkit.engines.colour_odds import colour_odds
from maskkit.engines.min_cut import min_cut
from maskkit.engines.ranking import overlap
from maskkit.engines.seen import Seen
from maskkit.pixels import Array

__all__ = ["hint_advice", "hint_marks", "hint_trust"]

# Fitted to 35 of the calibration photos of ECSSD, with and without a box and up to two points each: the area
# under the curve is .84 there, .92 with a box. On every third of the calibration photos it says
# .81 to .85 in the mean, by the kind of hint, where .79 to .89 are that good
# (tests/benchmarks/hint_reliability.py --every 3).
_WEIGHT = (6.15, 2.31, -5.19)
_UNKNOWN = 0.8  # the overlap that counts where no network looked


def hint_marks(picture: Seen, mask: Array, beliefs: Array | None) -> tuple[float, float]:
    """How well a mask agrees with what was believed, and with a cut by its own colours alone; 0-1 each.

    Parameters
    ----------
    mask: (h, w) bool, after the hints.
    beliefs: (n, h, w) float, chances; None where only the mask itself is known.
    """
    if not 12 <= np.count_nonzero(mask) <= mask.size - 12:
        return 0.0, 0.0
    odds = colour_odds(picture.cells, mask.astype(np.float32), (~mask).astype(np.float32))
    again = min_cut(picture.edges, odds, np.zeros(mask.shape, np.uint8))
    if beliefs is None:
        return _UNKNOWN, overlap(mask, again)
    agree = [np.minimum(belief, mask).sum() / np.maximum(belief, mask).sum() for belief in beliefs]
    return float(np.mean(agree)), overlap(mask, again)


def hint_trust(marks: tuple[float, float]) -> float:
    """``1 / (1 + exp(-(w1 m1 + w2 m2 + b)))``; 0 for a mask with nothing in it.

    >>> hint_trust((0.95, 0.95)) > 0.7, hint_trust((0.3, 0.3)) < 0.3, hint_trust((0.0, 0.0))
    (True, True, 0.0)
    """
    if not any(marks):
        return 0.0
    return float(1 / (1 + np.exp(-(np.dot(_WEIGHT[:2], marks) + _WEIGHT[2]))))


def hint_advice(confidence: float, *, boxed: bool, network: bool) -> str | None:
    """What would help, where the confidence is below one half."""
    if confidence >= 0.5:
        return None
    hint = "paint over what is missing or too much" if boxed else "give a box around the subject"
    return hint if network else f"{hint}, or fetch a network: maskkit models --fetch u2netp"
