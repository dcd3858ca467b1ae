"""A cutout whose colour is multiplied by its alpha, in a format that holds straight colour."""

from __future__ import annotations

import numpy as np

from maskkit.kernels import convert
from maskkit.pixels import Array
from maskkit.quality.shape import Measure

__all__ = ["premultiplied"]

_SOFT = (0.05, 0.95)
_ROUNDING = 1.5 / 255
_ENOUGH = 16  # soft pixels that would be brighter than their alpha, if the colour were straight


def premultiplied(image: Array, alpha: Array) -> Measure:
    """1 if no soft pixel is brighter than its alpha, where straight colour would be: ``max C <= a``.

    What straight colour would be is taken from the solid pixels: half of them are brighter than ``bright``,
    so soft pixels of less alpha than that would stand out. A black subject is black either way, and passes.
    """
    soft = (alpha > _SOFT[0]) & (alpha < _SOFT[1])
    brightness = convert(np.ascontiguousarray(image), np.float32).max(axis=2)
    solid = brightness[alpha >= _SOFT[1]]
    bright = float(np.median(solid)) if solid.size else 0.0
    telling = soft & (alpha < 0.8 * bright)
    if np.count_nonzero(telling) < _ENOUGH or (brightness[soft] > alpha[soft] + _ROUNDING).any():
        return 0.0, "colour is straight, as it should be", []
    said = (
        "looks premultiplied: no soft pixel is brighter than its alpha, which looks dark wherever it is put"
    )
    return 1.0, f"{said}; read(premultiplied=True), --premultiplied or unpremultiply mends it", []
