"""GrabCut as the engines use it: from a map of what is surely, probably and surely not the subject."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.pixels import Array

__all__ = ["DROP", "KEEP", "MAYBE_DROP", "MAYBE_KEEP", "grabcut"]

DROP, KEEP, MAYBE_DROP, MAYBE_KEEP = cv2.GC_BGD, cv2.GC_FGD, cv2.GC_PR_BGD, cv2.GC_PR_FGD


def grabcut(rgb: Array, belief: Array, rounds: int = 3) -> Array:
    """``argmin E(alpha, colour models)`` by graph cuts, the pixels marked KEEP and DROP fixed; bool (H, W).

    Gives back the belief itself where one of the two sides is empty, for then there is nothing to learn.
    OpenCV's generator is seeded first (the k-means start draws from it), so results repeat; the seed is
    process-wide state that OpenCV offers no way to put back.

    References
    ----------
    Rother, Kolmogorov and Blake 2004, "GrabCut": interactive foreground extraction using iterated graph cuts.
    """
    kept = np.isin(belief, (KEEP, MAYBE_KEEP))
    # five Gaussians a side need at least five pixels
    if not 5 <= np.count_nonzero(kept) <= kept.size - 5:
        return kept
    labels = belief.copy()
    cv2.setRNGSeed(1)
    whole = (0, 0, *rgb.shape[1::-1])  # not looked at when a map is given
    cv2.grabCut(rgb, labels, whole, np.zeros((1, 65)), np.zeros((1, 65)), rounds, cv2.GC_INIT_WITH_MASK)
    return np.isin(labels, (KEEP, MAYBE_KEEP))
