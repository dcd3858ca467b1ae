"""A screen: the colour that is behind the subject at every pixel, and how far a colour stands from it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from maskkit.color.plain_backdrop import fit_backdrop
from maskkit.engines.plates import plate
from maskkit.engines.reduced import lab, reduced
from maskkit.kernels import convert
from maskkit.pixels import Array

__all__ = ["fitted", "primary", "standing"]

_SIDE = 640
_LEAST = 0.12  # a screen's primary above the other two; felt, paint and paper measure 0.2-0.6


def fitted(image: Array, screen: Any = None) -> tuple[Array, float]:
    """The backdrop (H, W, 3), said or fitted to the border, and the trust in it, 0-1.

    A fitted one is as good as the share of the border that follows it.
    """
    if screen is not None:
        return plate(screen, image, "screen"), 0.9
    model = fit_backdrop(lab(reduced(image, _SIDE)))
    field = np.clip(cv2.cvtColor(model.lab, cv2.COLOR_Lab2RGB), 0, 1)
    full = cv2.resize(convert(field, np.uint8), image.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    # Without a primary, a subject in the backdrop's grey goes with it.
    plain = 0.6 if model.plain else 0.3
    return full, min(0.95, model.inliers) * (plain if primary(full) is None else 1.0)


def primary(behind: Array) -> int | None:
    """The primary that a screen is made of (0 red, 1 green, 2 blue), None where none stands out.

    >>> primary(np.full((4, 4, 3), (20, 180, 60), np.uint8))
    1
    """
    mean = convert(behind[:: max(1, len(behind) // 16)], np.float32).mean(axis=(0, 1))
    index = int(mean.argmax())
    return index if mean[index] - np.delete(mean, index).max() > _LEAST else None


def standing(colour: Array, index: int) -> Array:
    """``d(C) = C_p - max(C_q, C_r)``: how far primary p stands above the other two; float32 (H, W)."""
    others = [k for k in range(3) if k != index]
    return np.asarray(colour[..., index] - np.maximum(colour[..., others[0]], colour[..., others[1]]))
