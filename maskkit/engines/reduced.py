"""What the local engines look at: the picture at a reduced size, 8-bit RGB, the transparent part grey."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.kernels import convert
from maskkit.pixels import Array, split_alpha

__all__ = ["flat", "lab", "lab_tables", "reduced"]

# What shows through a picture that has alpha already: to an engine, a plain backdrop.
_GREY = np.float32(128 / 255)


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
    if small.dtype == np.uint8 and small.shape[2] == 3:
        return np.array(small, order="C")
    return convert(flat(convert(np.ascontiguousarray(small), np.float32)), np.uint8)


def flat(image: Array) -> Array:
    """What a viewer sees of a float32 picture before grey: (H, W, 3) float32."""
    colour, alpha = split_alpha(image)
    if alpha is None:
        return image
    return np.asarray(_GREY + (colour - _GREY) * alpha[..., None])


def lab_tables() -> None:
    """Have OpenCV make its tables of L*a*b*: 0.1 s of the first `lab` in a process."""
    lab(np.zeros((1, 1, 3), np.uint8))


def lab(rgb: Array) -> Array:
    """CIE L*a*b* of 8-bit sRGB, float32: L 0-100, distances in units of one just visible difference."""
    return cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)
