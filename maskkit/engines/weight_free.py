"""The weight-free engine: a plain backdrop, else what stands out; NumPy and OpenCV only."""

from __future__ import annotations

import numpy as np

from maskkit.engines.base import Estimate
from maskkit.engines.confidence import advice, trust
from maskkit.engines.lift import lift
from maskkit.engines.plain import Plain, before_plain
from maskkit.engines.reduced import reduced
from maskkit.engines.salient import salient
from maskkit.pixels import Array, check_image

__all__ = ["classical"]

_SIDE = 640
# What is as grey as its backdrop looks like a shadow of it; guesses at it agree (0.6 to 0.98), those at an
# empty backdrop do not (0.4).
_SOMETHING = 0.5


def classical(image: Array) -> Estimate:
    """The subject of ``image``: what differs from a plain backdrop, else what stands out.

    The two paths are `cut_backdrop`, where the border shows one smooth colour field, and `salient`, a vote
    of ranked guesses, for the rest and for what the first takes for a shadow. Both work at a reduced
    size; `lift` brings the edge to the picture's size. The result is the same on every run; OpenCV's
    random generator, which is process-wide, is seeded on the way.

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
    plain = before_plain(small)
    if plain is not None and plain.found:
        return Estimate(plain.alpha(image), plain.confidence, "classical", advice(plain.confidence))
    mask, confidence = _salient(small, plain)
    return Estimate(lift(mask, image, small=small), confidence, "classical", advice(confidence))


def _salient(small: Array, plain: Plain | None) -> tuple[Array, float]:
    mask, agreement = salient(small)
    if plain is not None and not plain.cut.any() and agreement < _SOMETHING:
        return plain.cut, 0.0
    return mask, trust(agreement) if mask.any() else 0.0
