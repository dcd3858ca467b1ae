"""Channels apart and together again, and exact quotients of whole numbers held in a work dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from maskkit.kernels.convert import convert
from maskkit.pixels import Array, max_value

__all__ = ["join", "mix", "plain", "quotient", "split", "widened", "work_dtype"]


def plain(array: Array) -> Array:
    """The block as OpenCV takes it: contiguous, and bool as bytes of 0 and 1."""
    array = np.ascontiguousarray(array)
    return array.view(np.uint8) if array.dtype == np.bool_ else array


def split(image: Array, work: Any) -> list[Array]:
    """The channels of ``(h, w, C)`` as planes of the work dtype."""
    return [plane.astype(work, copy=False) for plane in cv2.split(plain(image))]


def join(planes: Sequence[Array], out: Array) -> None:
    """``out[..., i] = planes[i]``; values are whole already where ``out`` is."""
    kind = np.dtype(np.uint8) if out.dtype == np.bool_ else out.dtype
    out[...] = cv2.merge([plane.astype(kind, copy=False) for plane in planes]).reshape(out.shape)


def widened(mask: Array, dtype: Any) -> Array:
    """The mask in ``dtype`` where that loses nothing; a finer mask stays, to be rounded with the rest."""
    finer = mask.dtype.kind == "f" or max_value(mask.dtype) > max_value(dtype)
    return mask if finer and np.dtype(dtype).kind != "f" else convert(mask, dtype)


def work_dtype(mask: Array | None, largest: int) -> Any:
    """The fastest dtype that holds whole numbers up to ``largest`` and divides them exactly.

    A quotient ``n / d <= top`` that is not whole lies at least ``1 / d`` below the next whole number, and a
    float of p bits keeps it below while ``top d < 2^p``. Past 2^64, and for float masks, there are no whole
    numbers to keep: float64, which errs only within its own rounding of a half.
    """
    if mask is not None and mask.dtype.kind == "f":
        return np.float64
    if largest < 1 << 24:
        return np.float32
    return np.uint64 if 1 << 53 <= largest < 1 << 64 else np.float64


def quotient(numerator: Array, denominator: Any, whole: bool = True) -> Array:
    """``floor(numerator / denominator + 1/2)``: the nearest whole number, halves up. Overwrites numerator.

    ``whole``: both hold whole numbers; half the denominator is then rounded down, which changes no result.
    """
    if numerator.dtype == np.uint64:
        numerator += denominator >> np.uint64(1)
        numerator //= denominator
        return numerator
    half = denominator * numerator.dtype.type(0.5)
    numerator += np.floor(half) if whole else half
    numerator /= denominator
    np.floor(numerator, out=numerator)
    return numerator


def mix(
    source: list[Array], backdrop: list[Array], ws: Array, wb: Array, out: Array, *, unit: Any, whole: bool
) -> None:
    """``alpha = (ws + wb) / unit``, ``colour = (ws Cs + wb Cb) / (ws + wb)``; Cb where both weights are 0.

    Colours and weights are planes of one work dtype. Overwrites all of them.
    """
    total = ws + wb
    nothing = total == 0
    wb += nothing
    divisor = total + nothing
    if out.dtype.kind == "f":
        share = np.divide(ws, divisor, out=ws)
        planes = [np.minimum(s * share + b * (1 - share), 1) for s, b in zip(source, backdrop, strict=True)]
        join([*planes, np.minimum(total / unit, 1)], out)
    else:
        planes = [quotient(s * ws + b * wb, divisor, whole) for s, b in zip(source, backdrop, strict=True)]
        join([*planes, quotient(total, unit, whole)], out)
