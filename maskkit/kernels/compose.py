"""The pixel loops that multiply and divide by alpha. They write ``out`` and check nothing.

Colours are ``(H, W, 3)`` or straight-alpha ``(H, W, 4)`` of ``out``'s dtype or a narrower one, a mask is
``(H, W)`` of any dtype. Every integer result is one quotient of whole numbers, rounded once.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from maskkit.kernels import native
from maskkit.kernels.bands import map_pixels
from maskkit.kernels.convert import convert
from maskkit.kernels.coverage import cover, factors, unit_of
from maskkit.kernels.planes import join, plain, put_alpha, quotient, split, work_dtype
from maskkit.layout import regular
from maskkit.pixels import Array, max_value

__all__ = ["apply_mask", "premultiply", "unpremultiply"]

_PIXELS = 1 << 17  # a block of a formula with hardly a plane of its own


def apply_mask(image: Array, mask: Array, out: Array, *, replace: bool = False) -> None:
    """``out = (image's colour, mask x image's alpha)``, or the mask alone where ``replace``."""
    if out is image:
        map_pixels(partial(_mask_alpha, replace), mask, out, pixels=_PIXELS)
    elif compiled := native.find("apply_mask", out, image, mask):
        native.run(compiled, image, mask, out, extra=(replace,))
    elif fine := native.find_fine("apply_mask", out, mask, image):
        native.run(fine, image, mask, out, extra=(replace,))
    else:
        map_pixels(partial(_apply_mask, replace), image, mask, out, pixels=_PIXELS)


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
    keeps = image.shape[2] == 4 and not replace
    alpha = _multiply(image, mask) if keeps else convert(mask, image.dtype)
    target = regular(out)
    put_alpha(image, alpha, target)
    if target is not out:
        out[...] = target


def _multiply(image: Array, mask: Array) -> Array:
    """``a m``; 255 is odd, so for two bytes no quotient lies half way between two levels."""
    import cv2

    if image.dtype == mask.dtype == np.uint8:
        return cv2.multiply(cv2.extractChannel(plain(image), 3), plain(mask), scale=1 / 255)
    planes = factors(image, mask, image.dtype)
    unit = unit_of(planes, (1, 1))
    work = work_dtype(image.dtype, 2 * unit)
    product = cover(planes, (1, 1), mask.shape, work)
    return quotient(product, work(unit // max_value(image.dtype)), image.dtype).astype(image.dtype)


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
