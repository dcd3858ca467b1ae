"""The pixel loops of alpha compositing: plain arrays in, ``out`` written, nothing checked.

Colours are ``(H, W, 3)`` or straight-alpha ``(H, W, 4)`` of ``out``'s dtype or a narrower one, a mask is
``(H, W)`` of any dtype. With ``m, a, b`` the mask's, source's and backdrop's alpha as whole numbers below
``M, A, A`` and the opacity as the fraction p/q, the effective alpha is ``N / D = m a p / (M A q)``, and every
integer result is one quotient of whole numbers, rounded once.
"""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from math import prod
from typing import Any

import cv2
import numpy as np

from maskkit.kernels import native
from maskkit.kernels.bands import map_pixels
from maskkit.kernels.convert import convert
from maskkit.kernels.planes import join, mix, plain, quotient, split, widened, work_dtype
from maskkit.pixels import Array, max_value

__all__ = ["apply_mask", "over"]

_OPACITY_STEPS = 65_536  # the largest q; a decimal of up to four places is taken exactly


def apply_mask(image: Array, mask: Array, out: Array, *, replace: bool = False) -> None:
    """``out = (image's colour, mask x image's alpha)``, or the mask alone where ``replace``."""
    if compiled := native.find("apply_mask", out, image, mask):
        native.run(compiled, image, mask, out, extra=(replace,))
    else:
        map_pixels(partial(_apply_mask, replace), image, mask, out)


def over(source: Array, backdrop: Array, mask: Array | None, out: Array, *, opacity: float = 1.0) -> None:
    """``out = source over backdrop``, the source's alpha times mask times opacity.

    ``out`` has the backdrop's channels. Over an opaque backdrop ``C = (N Cs + (D - N) Cb) / D``; over RGBA
    the weights are ``ws = A N`` and ``wb = b (D - N)``, ``alpha = (ws + wb) / D`` in units of 1/A, and
    ``C = (ws Cs + wb Cb) / (ws + wb)``, the backdrop's colour where both are 0.
    """
    share = opacity if out.dtype.kind == "f" else Fraction(opacity).limit_denominator(_OPACITY_STEPS)
    compiled = native.find("over", out, source, backdrop, mask)
    if compiled and (share == 1 or (share and out.dtype == np.uint8)):
        native.run(compiled, source, backdrop, mask, out, extra=share.as_integer_ratio())
    else:
        map_pixels(partial(_over, share), source, backdrop, mask, out)


def _apply_mask(replace: bool, image: Array, mask: Array, out: Array) -> None:
    keeps = image.shape[2] == 4 and not replace
    alpha = _multiply(image[..., 3], mask) if keeps else convert(mask, image.dtype)
    target = plain(out)
    cv2.mixChannels([plain(image), plain(alpha)], [target], [0, 0, 1, 1, 2, 2, image.shape[2], 3])
    if not np.may_share_memory(target, out):  # a strided out
        out[...] = target.view(out.dtype)


def _multiply(alpha: Array, mask: Array) -> Array:
    mask = widened(mask, alpha.dtype)
    if alpha.dtype.kind == "f":
        return alpha * mask
    unit = max_value(mask.dtype)
    work = work_dtype(mask, 2 * unit * max_value(alpha.dtype))
    product = alpha.astype(work) * mask.astype(work)
    return quotient(product, work(unit), mask.dtype.kind != "f").astype(alpha.dtype)


def _over(opacity: Any, source: Array, backdrop: Array, mask: Array | None, out: Array) -> None:
    source, backdrop = convert(source, out.dtype), convert(backdrop, out.dtype)
    mask = None if mask is None else widened(mask, out.dtype)
    if out.dtype.kind == "f":
        _over_float(source, backdrop, mask, opacity, out)
    elif mask is not None and opacity == 1 and _all_bytes(source[..., 3:], backdrop[..., 3:], mask):
        _over_bytes(source, backdrop, mask, out)
    else:
        _over_whole(source, backdrop, mask, opacity, out)


def _all_bytes(alpha_s: Array, alpha_b: Array, mask: Array) -> bool:
    """The commonest job, RGB over RGB through an 8-bit mask."""
    return alpha_s.size == alpha_b.size == 0 and alpha_s.dtype == mask.dtype == np.uint8


def _over_bytes(source: Array, backdrop: Array, mask: Array, out: Array) -> None:
    """``Cb + m (Cs - Cb) / 255``, the two signs apart; 255 is odd, so no such quotient ends in a half."""
    source, backdrop = plain(source), plain(backdrop)
    wide = cv2.cvtColor(plain(mask), cv2.COLOR_GRAY2RGB)
    rise = cv2.multiply(cv2.subtract(source, backdrop), wide, scale=1 / 255)
    fall = cv2.multiply(cv2.subtract(backdrop, source), wide, scale=1 / 255)
    out[...] = cv2.subtract(cv2.add(backdrop, rise), fall)


def _over_whole(source: Array, backdrop: Array, mask: Array | None, opacity: Fraction, out: Array) -> None:
    top, opaque = max_value(out.dtype), backdrop.shape[2] == 3
    factors = [plane for plane in (mask, _alpha(source)) if plane is not None]
    unit = opacity.denominator * prod(max_value(plane.dtype) for plane in factors)
    largest = unit * (1 if opaque else top) * top
    work = work_dtype(mask, largest + largest // top)
    whole = mask is None or mask.dtype.kind != "f"
    cover = np.full(out.shape[:2], opacity.numerator, work)
    for plane in factors:
        cover *= plane
    rest = work(unit) - cover
    colour, below = split(source[..., :3], work), split(backdrop, work)
    if opaque:
        pairs = zip(colour, below, strict=True)
        join([quotient(s * cover + b * rest, work(unit), whole) for s, b in pairs], out)
    else:
        rest *= below[3]
        mix(colour, below[:3], cover * work(top), rest, out, unit=work(unit), whole=whole)


def _over_float(source: Array, backdrop: Array, mask: Array | None, opacity: float, out: Array) -> None:
    work = out.dtype.type
    cover: Any = np.full(out.shape[:2], opacity, work)
    for plane in (mask, _alpha(source)):
        if plane is not None:
            cover *= plane
    colour, below = split(source[..., :3], work), split(backdrop, work)
    if backdrop.shape[2] == 3:
        join([np.minimum(s * cover + b * (1 - cover), 1) for s, b in zip(colour, below, strict=True)], out)
    else:
        mix(colour, below[:3], cover, below[3] * (1 - cover), out, unit=work(1), whole=False)


def _alpha(image: Array) -> Array | None:
    return image[..., 3] if image.shape[2] == 4 else None
