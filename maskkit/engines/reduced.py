"""What the local engines look at: the picture at a reduced size, 8-bit RGB, the transparent part grey."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.kernels import convert
from maskkit.pixels import Array, split_alpha

__all__ = ["lab", "reduced"]

_GREY = 128  # what shows through a picture that has alpha already: a plain backdrop to an engine


def reduced(image: Array, side: int) -> Array:
    """The picture as ``(h, w, 3)`` uint8 whose long side is at most ``side``, averaged down, never enlarged.

    >>> reduced(np.zeros((10, 40, 3), np.float32), 20).shape
    (5, 20, 3)
    """
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    # Converting is cheapest on the small picture; bool cannot be averaged.
    full = convert(image, np.uint8) if image.dtype == np.bool_ else image
    small = full if size == (width, height) else cv2.resize(full, size, interpolation=cv2.INTER_AREA)
    colour, alpha = split_alpha(convert(np.ascontiguousarray(small), np.uint8))
    if alpha is None:
        return colour
    share = alpha[..., None].astype(np.float32) / 255
    return np.rint(colour * share + _GREY * (1 - share)).astype(np.uint8)


def lab(rgb: Array) -> Array:
    """CIE L*a*b* of 8-bit sRGB, float32: L 0-100, distances in units of one just visible difference."""
    return cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
