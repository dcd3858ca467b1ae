"""Split and join channels, and divide whole numbers exactly in a work dtype."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from maskkit.layout import regular
from maskkit.pixels import Array, max_value

__all__ = [
    "at_pixels",
    "copy_where",
    "in_channels",
    "join",
    "mix",
    "plain",
    "put_alpha",
    "quotient",
    "split",
    "weigh",
    "work_dtype",
]

_WORDS = {1: "u1", 2: "u2", 4: "u4", 8: "u8"}
_CONVERTIBLE = (np.uint8, np.uint16, np.float32)  # what OpenCV changes the channels of


def plain(array: Array) -> Array:
    """The array as OpenCV takes it: contiguous, with bool as bytes of 0 and 1."""
    array = regular(array)
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


def in_channels(image: Array, channels: int) -> Array:
    """The picture with 3 or 4 channels: its alpha is left out, or a white one is added.

    >>> in_channels(np.array([[[1, 2, 3]]], np.uint8), 4).tolist()
    [[[1, 2, 3, 255]]]
    """
    import cv2

    if image.shape[2] == channels:
        return regular(image)
    out = np.empty((*image.shape[:2], channels), image.dtype)
    if channels == 4:
        put_alpha(image, None, out)
    elif image.dtype in _CONVERTIBLE:
        cv2.cvtColor(plain(image), cv2.COLOR_RGBA2RGB, dst=out)
    else:
        out[...] = image[..., :3]
    return out


def put_alpha(image: Array, alpha: Array | None, out: Array) -> None:
    """``out = (colour of image, alpha)``; without ``alpha`` it is white. ``out`` is contiguous."""
    import cv2

    if image.shape[2] == 4:
        out[...] = image
    elif image.dtype in _CONVERTIBLE:
        cv2.cvtColor(plain(image), cv2.COLOR_RGB2RGBA, dst=out)
        if alpha is None:
            return
    else:
        out[..., :3] = image
    if alpha is None:
        out[..., 3] = max_value(out.dtype)
    else:
        cv2.insertChannel(plain(alpha), plain(out), 3)


def copy_where(chosen: Array, image: Array, other: Array, out: Array) -> None:
    """``out = image`` where ``chosen``, else ``other``; all contiguous, of one dtype and shape."""
    import cv2

    out[...] = other
    cv2.copyTo(plain(image), plain(chosen), plain(out))


def at_pixels(formula: Callable[..., None], chosen: Array, arrays: Sequence[Array], out: Array) -> None:
    """``formula(*arrays, out)`` for the chosen pixels alone, in one row; ``out`` is contiguous."""
    at = np.flatnonzero(chosen)
    if not at.size:
        return
    row = np.empty((1, at.size, out.shape[2]), out.dtype)
    formula(*(_picked(array, at) for array in arrays), row)
    np.put(_whole_pixels(out), at, _whole_pixels(row))


def _picked(array: Array, at: Array) -> Array:
    picked = _whole_pixels(regular(array)).take(at)
    return picked.view(array.dtype).reshape(1, at.size, *array.shape[2:])


def _whole_pixels(array: Array) -> Array:
    """A contiguous array as a flat view with one item a pixel, of a whole number where the size allows."""
    size = array.itemsize * (array.shape[2] if array.ndim == 3 else 1)
    return array.reshape(-1).view(_WORDS.get(size, f"V{size}"))


def work_dtype(dtype: Any, largest: int) -> Any:
    """A float dtype itself; otherwise the fastest dtype that divides whole numbers up to ``largest`` exactly.

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

    In floats too, a weight of 0 then gives exactly the other colour.
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
