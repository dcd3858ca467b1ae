"""The pixel loops of alpha compositing: plain arrays in, ``out`` written, nothing checked.

Colours are ``(H, W, 3)`` or straight-alpha ``(H, W, 4)`` of ``out``'s dtype or a narrower one, a mask is
``(H, W)`` of any dtype. Every integer result is one quotient of whole numbers, rounded once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from maskkit.kernels import native
from maskkit.kernels.bands import map_pixels
from maskkit.kernels.convert import convert
from maskkit.kernels.coverage import Opacity, cover, factors, opacity_of, unit_of
from maskkit.kernels.planes import join, mix, plain, quotient, split, weigh, work_dtype
from maskkit.pixels import Array, max_value

__all__ = ["apply_mask", "over", "premultiply", "unpremultiply"]


def apply_mask(image: Array, mask: Array, out: Array, *, replace: bool = False) -> None:
    """``out = (image's colour, mask x image's alpha)``, or the mask alone where ``replace``."""
    if out is image:
        map_pixels(partial(_mask_alpha, replace), mask, out)
    elif compiled := native.find("apply_mask", out, image, mask):
        native.run(compiled, image, mask, out, extra=(replace,))
    elif fine := native.find_fine("apply_mask", out, mask, image):
        native.run(fine, image, mask, out, extra=(replace,))
    else:
        map_pixels(partial(_apply_mask, replace), image, mask, out)


def over(source: Array, backdrop: Array, mask: Array | None, out: Array, *, opacity: float = 1.0) -> None:
    """``out = source over backdrop``, the source's alpha times mask times opacity, N of D.

    ``out`` has the backdrop's channels. Over an opaque backdrop ``C = (N Cs + (D - N) Cb) / D``; over RGBA
    the weights are ``ws = A N`` and ``wb = b (D - N)``, ``alpha = (ws + wb) / D`` in units of 1/A, and
    ``C = (ws Cs + wb Cb) / (ws + wb)``, the backdrop's colour where both are 0.
    """
    share = opacity_of(opacity, out.dtype)
    compiled = native.find("over", out, source, backdrop, mask)
    if compiled and (share == (1, 1) or (share[0] and out.dtype == np.uint8)):
        native.run(compiled, source, backdrop, mask, out, extra=share)
    elif share == (1, 1) and (fine := _find_fine(source, backdrop, mask, out)):
        native.run(fine, source, backdrop, mask, out)
    else:
        map_pixels(partial(_over, share), source, backdrop, mask, out)


def _find_fine(source: Array, backdrop: Array, mask: Array | None, out: Array) -> Callable[..., None] | None:
    """At 16 bits over RGBA the quotient's terms pass 64 bits, so that is left to NumPy."""
    fits = out.dtype == np.uint8 or out.shape[2] == 3
    return native.find_fine("over", out, mask, source, backdrop) if fits else None


def premultiply(image: Array, out_pre: Array) -> None:
    """``C_pre = C a``; ``out_pre`` is ``(H, W, 4)`` of the image's dtype; three channels are opaque."""
    if (compiled := native.find("premultiply", out_pre, image)) and image.shape[2] == 4:
        native.run(compiled, image, out_pre)
    else:
        map_pixels(_premultiply, image, out_pre)


def unpremultiply(image_pre: Array, out: Array) -> None:
    """``C = C_pre / a``, at most white, and 0 where a is 0; both ``(H, W, 4)`` of one dtype."""
    if compiled := native.find("unpremultiply", out, image_pre):
        native.run(compiled, image_pre, out)
    else:
        map_pixels(_unpremultiply, image_pre, out)


def _mask_alpha(replace: bool, mask: Array, out: Array) -> None:
    out[..., 3] = convert(mask, out.dtype) if replace else _multiply(out, mask)


def _apply_mask(replace: bool, image: Array, mask: Array, out: Array) -> None:
    import cv2

    keeps = image.shape[2] == 4 and not replace
    alpha = _multiply(image, mask) if keeps else convert(mask, image.dtype)
    target = plain(out)
    cv2.mixChannels([plain(image), plain(alpha)], [target], [0, 0, 1, 1, 2, 2, image.shape[2], 3])
    if not np.may_share_memory(target, out):  # a strided out
        out[...] = target.view(out.dtype)


def _multiply(image: Array, mask: Array) -> Array:
    planes = factors(image, mask, image.dtype)
    unit = unit_of(planes, (1, 1))
    work = work_dtype(image.dtype, 2 * unit)
    product = cover(planes, (1, 1), mask.shape, work)
    return quotient(product, work(unit // max_value(image.dtype)), image.dtype).astype(image.dtype)


def _over(opacity: Opacity, source: Array, backdrop: Array, mask: Array | None, out: Array) -> None:
    source, backdrop = convert(source, out.dtype), convert(backdrop, out.dtype)
    planes = factors(source, mask, out.dtype)
    if source.shape[2] == backdrop.shape[2] == 3 and opacity == (1, 1) and _is_bytes(planes, out):
        _over_bytes(source, backdrop, planes[0][0], out)
    else:
        _over_any(opacity, planes, source, backdrop, out)


def _is_bytes(planes: list[tuple[Array, int]], out: Array) -> bool:
    return len(planes) == 1 and planes[0][0].dtype == out.dtype == np.uint8


def _over_bytes(source: Array, backdrop: Array, mask: Array, out: Array) -> None:
    """``Cb + m (Cs - Cb) / 255``, the two signs apart; 255 is odd, so no such quotient ends in a half."""
    import cv2

    source, backdrop = plain(source), plain(backdrop)
    wide = cv2.cvtColor(plain(mask), cv2.COLOR_GRAY2RGB)
    rise = cv2.multiply(cv2.subtract(source, backdrop), wide, scale=1 / 255)
    fall = cv2.multiply(cv2.subtract(backdrop, source), wide, scale=1 / 255)
    out[...] = cv2.subtract(cv2.add(backdrop, rise), fall)


def _over_any(
    opacity: Opacity, planes: list[tuple[Array, int]], source: Array, backdrop: Array, out: Array
) -> None:
    top, opaque = max_value(out.dtype), backdrop.shape[2] == 3
    whole = unit_of(planes, opacity)
    largest = whole * top if opaque else whole * top * top
    work = work_dtype(out.dtype, largest + largest // top)
    n, unit = cover(planes, opacity, out.shape[:2], work), work(whole)
    colour, ground = split(source, work)[:3], split(backdrop, work)
    if opaque:
        join(weigh(colour, ground, n, unit - n, unit, dtype=out.dtype), out)
    else:
        mix(colour, ground[:3], n * work(top), ground[3] * (unit - n), out, unit=unit)


def _premultiply(image: Array, out_pre: Array) -> None:
    top = max_value(image.dtype)
    if image.shape[2] == 3:
        out_pre[..., :3], out_pre[..., 3] = image, top
        return
    work = work_dtype(image.dtype, 2 * top * top)
    *colour, alpha = split(image, work)
    join([*(quotient(c * alpha, work(top), image.dtype) for c in colour), alpha], out_pre)


def _unpremultiply(image_pre: Array, out: Array) -> None:
    top = max_value(out.dtype)
    work = work_dtype(out.dtype, 2 * top * top)
    *colour_pre, alpha = split(image_pre, work)
    divisor = alpha + (alpha == 0)
    held = [np.minimum(c, alpha) for c in colour_pre]  # past its alpha a colour is whiter than white
    join([*(quotient(c * work(top), divisor, out.dtype) for c in held), alpha], out)
