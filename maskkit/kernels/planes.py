"""Channels apart and together again, and exact quotients of whole numbers held in a work dtype."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from maskkit.pixels import Array

__all__ = ["join", "mix", "plain", "quotient", "split", "weigh", "work_dtype"]


def plain(array: Array) -> Array:
    """The block as OpenCV takes it: contiguous, and bool as bytes of 0 and 1."""
    array = np.ascontiguousarray(array)
    return array.view(np.uint8) if array.dtype == np.bool_ else array


def split(image: Array, work: Any) -> list[Array]:
    """The channels of ``(h, w, C)`` as planes of the work dtype."""
    import cv2

    return [plane.astype(work, copy=False) for plane in cv2.split(plain(image))]


def join(planes: Sequence[Array], out: Array) -> None:
    """``out[..., i] = planes[i]``; values are whole already where ``out`` is."""
    import cv2

    kind = np.dtype(np.uint8) if out.dtype == np.bool_ else out.dtype
    out[...] = cv2.merge([plane.astype(kind, copy=False) for plane in planes]).reshape(out.shape)


def work_dtype(dtype: Any, largest: int) -> Any:
    """A float dtype itself; else the fastest that divides whole numbers up to ``largest`` exactly.

    A quotient ``n / d <= top`` that is not whole lies at least ``1 / d`` below the next whole number, and a
    float of p bits keeps it below while ``top d < 2^p``. Past 2^64 float64 errs by its own rounding only.
    """
    if np.dtype(dtype).kind == "f":
        return np.dtype(dtype).type
    if largest < 1 << 24:
        return np.float32
    return np.uint64 if 1 << 53 <= largest < 1 << 64 else np.float64


def quotient(numerator: Array, denominator: Any, dtype: Any) -> Array:
    """``n / d``; where ``dtype`` holds whole numbers (and so do n and d) the nearest one, halves up.

    ``floor((n + floor(d / 2)) / d)``, which is the same and needs no more bits. Overwrites the numerator.
    """
    if np.dtype(dtype).kind == "f":
        numerator /= denominator
    elif numerator.dtype == np.uint64:
        numerator += denominator >> np.uint64(1)
        numerator //= denominator
    else:
        numerator += np.floor(denominator * numerator.dtype.type(0.5))
        numerator /= denominator
        np.floor(numerator, out=numerator)
    return numerator


def weigh(
    colour: Sequence[Array], ground: Sequence[Array], ws: Array, wb: Array, total: Any, *, dtype: Any
) -> list[Array]:
    """``(ws Cs + wb Cb) / total`` of each pair; floats as ``t Cs + (1 - t) Cb``, ``t = ws / total``.

    So a weight of 0 gives the other colour to the bit in floats too.
    """
    pairs = zip(colour, ground, strict=True)
    if np.dtype(dtype).kind == "f":
        share = ws / total
        rest = 1 - share
        return [np.minimum(s * share + b * rest, 1) for s, b in pairs]
    return [quotient(s * ws + b * wb, total, dtype) for s, b in pairs]


def mix(
    colour: Sequence[Array], ground: Sequence[Array], ws: Array, wb: Array, out: Array, *, unit: Any
) -> None:
    """``alpha = (ws + wb) / unit``, ``C = (ws Cs + wb Cb) / (ws + wb)``, the ground's where both are 0."""
    total = ws + wb
    nothing = total == 0
    planes = weigh(colour, ground, ws, wb + nothing, total + nothing, dtype=out.dtype)
    alpha = quotient(total, unit, out.dtype)
    join([*planes, np.minimum(alpha, 1) if out.dtype.kind == "f" else alpha], out)
