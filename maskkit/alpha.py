"""Alpha arithmetic: a mask becomes alpha, and one straight-alpha picture goes over another.

Pictures and masks come as arrays, or in any form that `maskkit.cutout` takes; results are arrays.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from maskkit.checks import check_choice
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.codec.one_space import to_one_space
from maskkit.errors import PixelError
from maskkit.kernels import compose, operators, source_over
from maskkit.keywords import keywords
from maskkit.pixels import Array, check_out, check_same_size

__all__ = ["PORTER_DUFF", "Operator", "apply_mask", "over", "porter_duff", "premultiply", "unpremultiply"]

Operator = Literal[
    "clear", "copy", "dest", "over", "dest-over", "in", "dest-in", "out", "dest-out", "atop", "dest-atop",
    "xor", "lighter",
]  # fmt: skip
PORTER_DUFF: tuple[Operator, ...] = get_args(Operator)


def apply_mask(
    image: ImageInput, mask: MaskInput, *, replace: bool = False, out: Array | None = None
) -> Array:
    """``out = (C, a m)``: the mask as alpha; colour is never touched, also where alpha is 0.

    A picture that has alpha already keeps it as a factor; with ``replace`` the mask takes its place.

    Parameters
    ----------
    image
        (H, W, 3) or straight (H, W, 4), or a picture as `maskkit.cutout` takes it.
    mask
        (H, W), any dtype of the convention, or a mask as `maskkit.cutout` takes it; white keeps. A
        Cutout's is its alpha.
    replace : bool
        Drop the alpha that the image has.
    out : array, optional
        (H, W, 4) of the image's dtype to write to; must not share memory with the inputs, but may be the
        image itself, of which then the alpha alone is written.

    Returns
    -------
    (H, W, 4) of the image's dtype; integer alpha is the nearest value of the exact product.

    Raises
    ------
    PixelError
        For a shape, dtype or range outside the convention, or sizes that differ.
    CodecError
        For a file that cannot be read.

    Examples
    --------
    >>> image = np.array([[[10, 20, 30, 128], [10, 20, 30, 255]]], np.uint8)
    >>> apply_mask(image, np.array([[128, 0]], np.uint8)).tolist()
    [[[10, 20, 30, 64], [10, 20, 30, 0]]]
    """
    image, mask = to_pixels(image), to_mask(mask)
    check_same_size(mask, image)
    out = check_out(out, (*mask.shape, 4), image.dtype, None if out is image else image, mask)
    compose.apply_mask(image, mask, out, replace=replace)
    return out


@keywords(source="foreground")
def over(foreground: ImageInput, backdrop: ImageInput, *, out: Array | None = None) -> Array:
    """``a = as + ab (1 - as)``, ``C = (as Cs + ab (1 - as) Cb) / a``: straight alpha over straight alpha.

    Where ``a`` is 0 the backdrop's colour stays: a fully transparent foreground changes nothing.

    Parameters
    ----------
    foreground, backdrop
        (H, W, 3) or straight (H, W, 4), or pictures as `maskkit.cutout` takes them; of one size. RGB
        counts as opaque. Of two pictures with profiles, see `maskkit.composite`.
    out : array, optional
        Array to write to, of the result's shape and dtype; must not share memory with the inputs.

    Returns
    -------
    The backdrop's shape. The wider dtype of the two, so that neither loses anything; integer results are the
    nearest value of the exact rational.

    Raises
    ------
    PixelError
        For a shape, dtype or range outside the convention, or sizes that differ.
    CodecError
        For a file that cannot be read.

    References
    ----------
    Porter, Duff: Compositing Digital Images, SIGGRAPH 1984. W3C Compositing and Blending Level 1, section 5.

    Examples
    --------
    >>> red, blue = [[[255, 0, 0, 128]]], [[[0, 0, 255, 255]]]
    >>> over(np.array(red, np.uint8), np.array(blue, np.uint8)).tolist()
    [[[128, 0, 127, 255]]]
    """
    foreground, backdrop = to_one_space(foreground, backdrop)
    check_same_size(foreground, backdrop, "foreground", "backdrop")
    out = check_out(out, backdrop.shape, np.result_type(foreground, backdrop), foreground, backdrop)
    source_over.over(foreground, backdrop, None, out)
    return out


@keywords(source="foreground")
def porter_duff(
    foreground: ImageInput, backdrop: ImageInput, operator: Operator, *, out: Array | None = None
) -> Array:
    """``a = as Fa + ab Fb``, ``C = (as Fa Cs + ab Fb Cb) / a``, with Fa and Fb of the operator.

    =========  ======  ======  =========  ======  ======  =========  ======  ======
    operator   Fa      Fb      operator   Fa      Fb      operator   Fa      Fb
    =========  ======  ======  =========  ======  ======  =========  ======  ======
    clear      0       0       in         ab      0       atop       ab      1 - as
    copy       1       0       dest-in    0       as      dest-atop  1 - ab  as
    dest       0       1       out        1 - ab  0       xor        1 - ab  1 - as
    over       1       1 - as  dest-out   0       1 - as  lighter    1       1
    dest-over  1 - ab  1
    =========  ======  ======  =========  ======  ======  =========  ======  ======

    ``lighter`` holds the sums of alphas and of premultiplied colours to white. An operator with one factor
    leaves that picture's colour untouched, also under alpha 0. Where the others give alpha 0, the picture
    below keeps its colour: the backdrop, for ``dest-over`` and ``dest-atop`` the foreground.

    Parameters
    ----------
    foreground, backdrop
        (H, W, 3) or straight (H, W, 4), or pictures as `maskkit.cutout` takes them; of one size. RGB
        counts as opaque.
    operator : str
        One of PORTER_DUFF.
    out : array, optional
        (H, W, 4) to write to, of the result's dtype; must not share memory with the inputs.

    Returns
    -------
    (H, W, 4), of the wider dtype of the two; integer results are the nearest value of the exact rational.

    Raises
    ------
    PixelError
        For an unknown operator, a shape, dtype or range outside the convention, or sizes that differ.

    References
    ----------
    Porter, Duff: Compositing Digital Images, SIGGRAPH 1984. W3C Compositing and Blending Level 1, section 9.

    Examples
    --------
    >>> half = np.array([[[10, 20, 30, 128]]], np.uint8)
    >>> porter_duff(half, half, "out").tolist()
    [[[10, 20, 30, 64]]]
    """
    foreground, backdrop = to_one_space(foreground, backdrop)
    check_same_size(foreground, backdrop, "foreground", "backdrop")
    check_choice(operator, "operator", PORTER_DUFF)
    shape = (*foreground.shape[:2], 4)
    out = check_out(out, shape, np.result_type(foreground, backdrop), foreground, backdrop)
    operators.porter_duff(foreground, backdrop, out, operator)
    return out


def premultiply(image: ImageInput, *, out: Array | None = None) -> Array:
    """``C_pre = C a``: straight to premultiplied (associated) alpha; RGB counts as opaque.

    Parameters
    ----------
    image
        (H, W, 3) or straight (H, W, 4), or a picture as `maskkit.cutout` takes it.
    out : array, optional
        (H, W, 4) of the image's dtype to write to; must not share memory with it.

    Returns
    -------
    (H, W, 4) of the image's dtype, the nearest values. Whole numbers lose colour where alpha is small: go
    through float to come back to the same colour.

    Raises
    ------
    PixelError
        For a shape, dtype or range outside the convention.

    Examples
    --------
    >>> premultiply(np.array([[[255, 100, 0, 51]]], np.uint8)).tolist()
    [[[51, 20, 0, 51]]]
    """
    image = to_pixels(image)
    out_pre = check_out(out, (*image.shape[:2], 4), image.dtype, image)
    compose.premultiply(image, out_pre)
    return out_pre


def unpremultiply(image_pre: ImageInput, *, out: Array | None = None) -> Array:
    """``C = C_pre / a``: premultiplied to straight alpha, at most white, and black where a is 0.

    Parameters
    ----------
    image_pre
        (H, W, 4), colour premultiplied by alpha.
    out : array, optional
        (H, W, 4) of the same dtype to write to; must not share memory with the input.

    Returns
    -------
    (H, W, 4) of the input's dtype, the nearest values.

    Raises
    ------
    PixelError
        For a shape, dtype or range outside the convention, or no alpha.

    Examples
    --------
    >>> unpremultiply(np.array([[[51, 20, 0, 51]]], np.uint8)).tolist()
    [[[255, 100, 0, 51]]]
    """
    image_pre = to_pixels(image_pre, "image_pre")
    if image_pre.shape[2] == 3:
        raise PixelError(f"image_pre: need four channels, alpha last, got shape {image_pre.shape}")
    out = check_out(out, image_pre.shape, image_pre.dtype, image_pre)
    compose.unpremultiply(image_pre, out)
    return out
