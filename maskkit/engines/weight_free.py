"""The weight-free engine: border colours and GrabCut, NumPy and OpenCV only."""

from __future__ import annotations

import numpy as np

from maskkit.engines.backdrop_model import cut_backdrop, fit_backdrop
from maskkit.engines.base import Estimate
from maskkit.engines.edge_colours import settle_edge
from maskkit.engines.grabcut import DROP, MAYBE_KEEP, grabcut
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
    mask = (
        settle_edge(small, cut_backdrop(small, colours, backdrop))
        if backdrop.plain
        else _in_the_middle(small)
    )
    confidence = 0.9 if backdrop.plain and mask.any() else 0.4
    return Estimate(lift(mask, image), confidence, "classical", None if confidence > 0.5 else _ADVICE)


def _in_the_middle(rgb: Array) -> Array:
    height, width = rgb.shape[:2]
    belief = np.full((height, width), DROP, np.uint8)
    top, left = height // 12, width // 12
    belief[top : height - top, left : width - left] = MAYBE_KEEP
    return grabcut(rgb, belief)
