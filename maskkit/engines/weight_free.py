"""The weight-free engine: border colours and GrabCut, NumPy and OpenCV only."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.backdrop_model import cut_backdrop, fit_backdrop
from maskkit.engines.base import Estimate
from maskkit.engines.grabcut import DROP, KEEP, MAYBE_DROP, MAYBE_KEEP, grabcut
from maskkit.engines.lift import lift
from maskkit.engines.reduced import lab, reduced
from maskkit.pixels import Array, check_image

__all__ = ["classical"]

_SIDE = 640
_ADVICE = "give a box around the subject, or install a network: pip install 'maskkit[onnx]'"


def classical(image: Array) -> Estimate:
    """The subject of ``image``: what differs from a plain backdrop, else what GrabCut finds in the middle.

    Parameters
    ----------
    image : (H, W, 3) or (H, W, 4) array, any dtype of the pixel convention.

    Returns
    -------
    Estimate with float32 alpha (H, W) and the chance that it is usable.
    """
    image = check_image(image)
    small = reduced(image, _SIDE)
    if min(small.shape[:2]) < 8:
        return Estimate(np.ones(image.shape[:2], np.float32), 0.0, "classical", _ADVICE)
    colours = lab(small)
    backdrop = fit_backdrop(colours)
    mask = _on_plain(small, cut_backdrop(colours, backdrop)) if backdrop.plain else _in_the_middle(small)
    confidence = 0.9 if backdrop.plain and mask.any() else 0.4
    return Estimate(lift(mask, image), confidence, "classical", None if confidence > 0.5 else _ADVICE)


def _on_plain(rgb: Array, subject: Array) -> Array:
    """One GrabCut round in a thin band around the cut, kept only where it agrees with the cut."""
    if not subject.any():
        return subject
    square = np.ones((3, 3), np.uint8)
    inner = cv2.erode(subject.astype(np.uint8), square, iterations=3) > 0
    outer = cv2.dilate(subject.astype(np.uint8), square, iterations=3) > 0
    belief = np.where(subject, MAYBE_KEEP, MAYBE_DROP).astype(np.uint8)
    belief[inner], belief[~outer] = KEEP, DROP
    refined = grabcut(rgb, belief, rounds=1)
    overlap = float(np.count_nonzero(refined & subject)) / max(1, int(np.count_nonzero(refined | subject)))
    return refined if overlap > 0.85 else subject


def _in_the_middle(rgb: Array) -> Array:
    height, width = rgb.shape[:2]
    belief = np.full((height, width), DROP, np.uint8)
    top, left = height // 12, width // 12
    belief[top : height - top, left : width - left] = MAYBE_KEEP
    return grabcut(rgb, belief)
