"""What every effect begins and ends with: a subject that is there, and one colour laid on a backdrop."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.checks import check_amount
from maskkit.codec.css_color import parse_color
from maskkit.errors import PixelError
from maskkit.kernels import convert, source_over
from maskkit.masks import feather, levels
from maskkit.pixels import Array, max_value

__all__ = ["base_of", "check_subject", "laid", "moved", "radius_of", "softened", "toned"]

_SHARE = 0.01  # of the long side: a length that is not given


def radius_of(given: float | None, shape: tuple[int, ...], name: str = "radius") -> float:
    """The length that was given, or 1% of the long side, a pixel at least. Raises PixelError for none."""
    if given is None:
        return max(1.0, _SHARE * max(shape[:2]))
    check_amount(given, name)
    return float(given)


def check_subject(mask: Array, effect: str) -> None:
    """Raise PixelError for a mask that keeps nothing.

    >>> check_subject(np.zeros((2, 2), np.uint8), "shadow")
    Traceback (most recent call last):
    maskkit.errors.PixelError: mask: is all 0, so there is no subject for the shadow
    """
    if not (mask[::16, ::16].any() or mask.any()):  # most subjects are found among few pixels
        raise PixelError(f"mask: is all 0, so there is no subject for the {effect}")


def base_of(mask: Array, effect: str) -> int:
    """The last row in which the mask keeps a pixel by half or more, or by anything if it keeps none so."""
    check_subject(mask, effect)
    most = mask.max(axis=1)
    half = most * 2.0 >= min(max_value(mask.dtype), 2.0 * float(most.max()))
    return int(np.flatnonzero(half)[-1])


def moved(mask: Array, x: int, y: int) -> Array:
    """The mask ``x`` pixels to the right and ``y`` down; nothing comes in from outside.

    >>> moved(np.array([[1, 2], [3, 4]], np.uint8), 1, -1).tolist()
    [[0, 3], [0, 0]]
    """
    out = np.zeros(mask.shape, mask.dtype)
    spans = [_span(shift, side) for shift, side in zip((y, x), mask.shape, strict=True)]
    out[spans[0][0], spans[1][0]] = mask[spans[0][1], spans[1][1]]
    return out


def _span(shift: int, side: int) -> tuple[slice, slice]:
    shift = min(max(shift, -side), side)
    return slice(max(shift, 0), side + min(shift, 0)), slice(max(-shift, 0), side - max(shift, 0))


def softened(mask: Array, radius: float) -> Array:
    """``G(mask)``; a bool mask as bytes, which can hold it."""
    return feather(convert(mask, np.uint8) if mask.dtype == np.bool_ else mask, radius)


def toned(soft: Array, gain: float, opacity: float) -> tuple[Array, float]:
    """``min(1, gain soft) opacity`` and 1: bytes by a table, in place; others leave the opacity."""
    if soft.dtype == np.uint8:
        every, scale = np.arange(256), gain * opacity
        table = np.floor(np.minimum(every * gain, 255) * opacity + 0.5).astype(np.uint8)
        # OpenCV scales four times as fast as it looks up, and mostly rounds alike
        if np.array_equal(cv2.convertScaleAbs(every.astype(np.uint8), alpha=scale).ravel(), table):
            return cv2.convertScaleAbs(soft, dst=soft, alpha=scale), 1.0
        return cv2.LUT(soft, table, dst=soft), 1.0
    return (soft if gain == 1 else levels(soft, white=1 / gain)), opacity


def laid(color: str, coverage: Array, backdrop: Array, opacity: float, out: Array) -> Array:
    """``over(color * coverage * opacity, backdrop)`` into ``out``, which is not the backdrop."""
    *straight, alpha = parse_color(color)
    line = np.empty((1, coverage.shape[1], 3), backdrop.dtype)  # one row serves every row, and stays in cache
    line[...] = convert(np.array([straight])[None], backdrop.dtype)
    colour = np.broadcast_to(line, (*coverage.shape, 3))
    source_over.over(colour, backdrop, coverage, out, opacity=opacity * alpha)
    return out
