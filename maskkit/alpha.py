"""Alpha arithmetic: a mask becomes alpha, and one straight-alpha picture goes over another."""

from __future__ import annotations

from typing import Any

import numpy as np

from maskkit.kernels import compose
from maskkit.pixels import Array, check_image, check_mask, check_out, check_same_size

__all__ = ["apply_mask", "over"]


def apply_mask(image: Any, mask: Any, *, replace: bool = False, out: Array | None = None) -> Array:
    """``out = (C, a m)``: the mask as alpha; colour is never touched, also where alpha is 0.

    A picture that has alpha already keeps it as a factor; with ``replace`` the mask takes its place.

    Parameters
    ----------
    image: (H, W, 3) or straight (H, W, 4).
    mask: (H, W), any dtype of the convention; white keeps.
    replace: drop the alpha that the image has.
    out: (H, W, 4) of the image's dtype to write to; must not share memory with the inputs.

    Returns
    -------
    (H, W, 4) of the image's dtype; integer alpha is the nearest value of the exact product.

    Raises
    ------
    PixelError: shape, dtype or range outside the convention, or sizes that differ.

    >>> image = np.array([[[10, 20, 30, 128], [10, 20, 30, 255]]], np.uint8)
    >>> apply_mask(image, np.array([[128, 0]], np.uint8)).tolist()
    [[[10, 20, 30, 64], [10, 20, 30, 0]]]
    """
    image, mask = check_image(image), check_mask(mask)
    check_same_size(mask, image)
    out = check_out(out, (*mask.shape, 4), image.dtype, image, mask)
    compose.apply_mask(image, mask, out, replace=replace)
    return out


def over(source: Any, backdrop: Any, *, out: Array | None = None) -> Array:
    """``a = as + ab (1 - as)``, ``C = (as Cs + ab (1 - as) Cb) / a``: source over backdrop, straight alpha.

    Where ``a`` is 0 the backdrop's colour stays: a fully transparent source changes nothing.

    Parameters
    ----------
    source, backdrop: (H, W, 3) or straight (H, W, 4), of one size; RGB counts as opaque.
    out: array to write to, of the result's shape and dtype; must not share memory with the inputs.

    Returns
    -------
    The backdrop's shape. The wider dtype of the two, so that neither loses anything; integer results are the
    nearest value of the exact rational.

    Raises
    ------
    PixelError: shape, dtype or range outside the convention, or sizes that differ.

    References
    ----------
    Porter, Duff: Compositing Digital Images, SIGGRAPH 1984. W3C Compositing and Blending Level 1, section 5.

    >>> red, blue = [[[255, 0, 0, 128]]], [[[0, 0, 255, 255]]]
    >>> over(np.array(red, np.uint8), np.array(blue, np.uint8)).tolist()
    [[[128, 0, 127, 255]]]
    """
    source, backdrop = check_image(source, "source"), check_image(backdrop, "backdrop")
    check_same_size(source, backdrop, "source", "backdrop")
    out = check_out(out, backdrop.shape, np.result_type(source, backdrop), source, backdrop)
    compose.over(source, backdrop, None, out)
    return out
