"""The pixel loop of source over backdrop. It writes ``out`` and checks nothing.

Every integer result is one quotient of whole numbers, rounded once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from maskkit.kernels import native
from maskkit.kernels.bands import BLOCK_PIXELS, map_pixels
from maskkit.kernels.convert import convert
from maskkit.kernels.coverage import Factor, Opacity, cover, factors, opacity_of, unit_of
from maskkit.kernels.planes import (
    at_pixels,
    copy_where,
    in_channels,
    join,
    mix,
    plain,
    split,
    weigh,
    work_dtype,
)
from maskkit.layout import regular
from maskkit.pixels import Array, max_value

__all__ = ["over"]

# Soft pixels are picked out and put back where they are at most this share of a block.
_FEW = 0.6
_PIXELS = 3 << 14  # a block of bytes, of whose twenty planes none is wider than float32


def over(foreground: Array, backdrop: Array, mask: Array | None, out: Array, *, opacity: float = 1.0) -> None:
    """``out = foreground over backdrop``, the foreground's alpha times mask times opacity, N of D.

    ``out`` has the backdrop's channels. Over an opaque backdrop ``C = (N Cs + (D - N) Cb) / D``; over RGBA
    the weights are ``ws = A N`` and ``wb = b (D - N)``, ``alpha = (ws + wb) / D`` in units of 1/A, and
    ``C = (ws Cs + wb Cb) / (ws + wb)``, the backdrop's colour where both are 0.
    """
    share = opacity_of(opacity, out.dtype)
    compiled = native.find("over", out, foreground, backdrop, mask)
    if compiled and (share == (1, 1) or (share[0] and out.dtype == np.uint8)):
        native.run(compiled, foreground, backdrop, mask, out, extra=share)
    elif share == (1, 1) and (fine := _find_fine(foreground, backdrop, mask, out)):
        native.run(fine, foreground, backdrop, mask, out)
    else:
        pixels = _PIXELS if out.dtype == np.uint8 else BLOCK_PIXELS
        map_pixels(partial(_over, share), foreground, backdrop, mask, out, pixels=pixels)


def _find_fine(
    foreground: Array, backdrop: Array, mask: Array | None, out: Array
) -> Callable[..., None] | None:
    """The compiled kernel for a float mask; 16 bits over RGBA pass 64 bits and are left to NumPy."""
    fits = out.dtype == np.uint8 or out.shape[2] == 3
    return native.find_fine("over", out, mask, foreground, backdrop) if fits else None


def _over(opacity: Opacity, foreground: Array, backdrop: Array, mask: Array | None, out: Array) -> None:
    """One block: copied where the coverage is full or zero, computed by the formula in between."""
    foreground, backdrop = (regular(convert(image, out.dtype)) for image in (foreground, backdrop))
    planes, target = factors(foreground, mask, out.dtype), regular(out)
    if opacity == (1, 1) and _is_bytes(planes, backdrop):
        _over_bytes(foreground, backdrop, planes[0][0], target)
    else:
        n, unit, work = _coverage(opacity, planes, out)
        soft, formula = (n > 0) & (n < unit), partial(_over_any, work(unit))
        if np.count_nonzero(soft) > _FEW * soft.size:
            formula(foreground, backdrop, n, target)
        else:
            copy_where(n == unit, in_channels(foreground, out.shape[2]), backdrop, target)
            at_pixels(formula, soft, (foreground, backdrop, n), target)
    if target is not out:
        out[...] = target


def _coverage(opacity: Opacity, planes: list[Factor], out: Array) -> tuple[Array, int, Any]:
    """``N`` of every pixel, ``D``, and the dtype to compute in."""
    top, whole = max_value(out.dtype), unit_of(planes, opacity)
    largest = whole * top if out.shape[2] == 3 else whole * top * top
    work = work_dtype(out.dtype, largest + largest // top)
    alone = opacity == (1, 1) and len(planes) == 1
    return planes[0][0] if alone else cover(planes, opacity, out.shape[:2], work), whole, work


def _is_bytes(planes: list[Factor], backdrop: Array) -> bool:
    """Whether one plane of bytes covers an opaque backdrop of bytes."""
    if not (len(planes) == 1 and planes[0][0].dtype == backdrop.dtype == np.uint8):
        return False
    return backdrop.shape[2] == 3 or bool(backdrop[..., 3].min() == 255)


def _over_bytes(foreground: Array, backdrop: Array, n: Array, out: Array) -> None:
    """``Cb + n (Cs - Cb) / 255``, each sign for itself; 255 is odd, so no quotient ends in a half."""
    import cv2

    opaque = out.shape[2] == 3
    foreground = in_channels(foreground, out.shape[2])
    wide = cv2.cvtColor(plain(n), cv2.COLOR_GRAY2RGB if opaque else cv2.COLOR_GRAY2RGBA)
    rise = cv2.multiply(cv2.subtract(foreground, backdrop), wide, scale=1 / 255)
    fall = cv2.multiply(cv2.subtract(backdrop, foreground), wide, scale=1 / 255)
    cv2.subtract(cv2.add(backdrop, rise), fall, dst=out)
    if not opaque:
        out[..., 3] = 255


def _over_any(unit: Any, foreground: Array, backdrop: Array, n: Array, out: Array) -> None:
    work, top = type(unit), max_value(out.dtype)
    n = n.astype(work, copy=False)
    colour, ground = split(foreground, work)[:3], split(backdrop, work)
    if out.shape[2] == 3:
        join(weigh(colour, ground, n, unit - n, unit, dtype=out.dtype), out)
    else:
        mix(colour, ground[:3], n * work(top), ground[3] * (unit - n), out, unit=unit)
