"""The weight-free engine: a plain backdrop, else what stands out; NumPy and OpenCV only."""

from __future__ import annotations

import numpy as np

from maskkit.engines.backdrop_model import Backdrop, cut_backdrop, fit_backdrop
from maskkit.engines.base import Estimate
from maskkit.engines.confidence import advice, trust
from maskkit.engines.edge_colours import settle_edge
from maskkit.engines.lift import lift
from maskkit.engines.reduced import lab, reduced
from maskkit.engines.salient import salient
from maskkit.pixels import Array, check_image

__all__ = ["classical"]

_SIDE = 640


def classical(image: Array) -> Estimate:
    """The subject of ``image``: what differs from a plain backdrop, else what stands out.

    The two paths are `cut_backdrop`, where the border shows one smooth colour field, and `salient`, a vote
    of ranked guesses. Both work at a reduced size; `lift` brings the edge to the picture's size. The result
    is the same on every run; OpenCV's random generator, which is process-wide, is seeded on the way.

    Parameters
    ----------
    image: (H, W, 3) or (H, W, 4), any dtype of the pixel convention.

    Returns
    -------
    Estimate with float32 alpha (H, W) and the chance that its IoU with the subject is 0.8 or better. A
    picture with less than 8 pixels a side is kept whole, with confidence 0.
    """
    image = check_image(image)
    small = reduced(image, _SIDE)
    if min(small.shape[:2]) < 8:
        return Estimate(np.ones(image.shape[:2], np.float32), 0.0, "classical", advice(0.0))
    mask, confidence = _mask(small)
    return Estimate(lift(mask, image, small=small), confidence, "classical", advice(confidence))


def _mask(rgb: Array) -> tuple[Array, float]:
    colours = lab(rgb)
    backdrop = fit_backdrop(colours)
    if backdrop.plain:
        cut = cut_backdrop(rgb, colours, backdrop)
        if cut.mean() < 0.995:
            return settle_edge(rgb, cut), _plain_trust(cut, backdrop)
    mask, agreement = salient(rgb)
    return mask, trust(agreement) if mask.any() else 0.0


def _plain_trust(cut: Array, backdrop: Backdrop) -> float:
    """High where all of the border is backdrop; none where nothing stands before it."""
    return 0.95 * backdrop.inliers**2 if cut.any() else 0.0
