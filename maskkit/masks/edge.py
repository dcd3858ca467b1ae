"""Edits of the edge: feather, grow, shrink, smooth. Every amount is in pixels and may be a fraction."""

from __future__ import annotations

import numpy as np

from maskkit.checks import check_amount, check_choice
from maskkit.codec.inputs import MaskInput, to_mask
from maskkit.errors import PixelError
from maskkit.kernels import convert, dilate_disc, erode_disc, gaussian_blur
from maskkit.masks.tone import combine, invert, levels, threshold
from maskkit.pixels import Array, check_out

__all__ = ["FEATHER_EDGES", "feather", "grow", "shrink", "smooth"]

FEATHER_EDGES = ("both", "inside", "outside")


def feather(mask: MaskInput, radius: float, edge: str = "both", out: Array | None = None) -> Array:
    """``out = G(mask)``, G the Gaussian of sigma ``radius``: a hard edge becomes a soft one.

    - "both": ``G(mask)``; the half-level contour stays where it was.
    - "inside": ``mask * clip(2 G(hard) - 1, 0, 1)`` with ``hard = threshold(mask)``; the fade starts at the
      contour and goes inwards, nothing is added outside.
    - "outside": the same of the inverse mask, inverted; nothing is taken away inside.

    Parameters
    ----------
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
    radius : float
        The Gaussian's standard deviation in pixels, 0 or more; 0 changes nothing.
    edge : str
        "both", "inside" or "outside".
    out : array, optional
        Where to write the result.

    Returns
    -------
    (H, W) array of the mask's dtype (bool masks have no soft edge and are refused unless radius is 0).

    Raises
    ------
    PixelError
        If ``mask`` is not a mask, ``radius`` is negative or not finite, or ``edge`` is unknown.

    Examples
    --------
    >>> mask = np.array([[0, 0, 0, 0, 255, 255, 255, 255]], np.uint8)
    >>> feather(mask, 1).tolist()
    [[0, 1, 15, 77, 178, 240, 254, 255]]
    >>> feather(mask, 1, edge="inside").tolist()
    [[0, 0, 0, 0, 102, 225, 253, 255]]
    """
    mask = to_mask(mask)
    check_amount(radius, "radius")
    check_choice(edge, "edge", FEATHER_EDGES)
    if radius == 0:
        return _copy(mask, out)
    if mask.dtype == np.bool_:
        raise PixelError("mask: need uint8, uint16 or float for a soft edge, got bool")
    if edge == "both":
        return gaussian_blur(mask, radius, out=out)
    if edge == "outside":
        return invert(feather(invert(mask), radius, edge="inside"), out=out)
    fade = levels(gaussian_blur(_fine(threshold(mask)), radius), black=0.5)
    return _back(combine(_fine(mask), fade, "multiply"), mask, out)


def grow(mask: MaskInput, px: float, out: Array | None = None) -> Array:
    """``out(p) = max of mask(q), |p - q| <= px``: dilation by a disc.

    Parameters
    ----------
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
    px : float
        The disc's radius in pixels, 0 or more; fractions move an edge by fractions.
    out : array, optional
        Where to write the result.

    Returns
    -------
    (H, W) array of the mask's dtype.

    Raises
    ------
    PixelError
        If ``mask`` is not a mask, or ``px`` is negative or not finite.

    References
    ----------
    Serra, Image Analysis and Mathematical Morphology, 1982.

    Examples
    --------
    >>> grow(np.array([[0, 0, 0, 255, 0, 0, 0]], np.uint8), 1).tolist()
    [[0, 0, 255, 255, 255, 0, 0]]
    """
    mask = to_mask(mask)
    check_amount(px, "px")
    return _copy(mask, out) if px == 0 else dilate_disc(mask, px, out=out)


def shrink(mask: MaskInput, px: float, out: Array | None = None) -> Array:
    """``out(p) = min of mask(q), |p - q| <= px``: erosion by a disc, the dual of `grow`.

    The picture's frame does not erode: what lies outside counts as the nearest pixel inside.

    Examples
    --------
    >>> shrink(np.array([[255, 255, 255, 255, 0, 0, 0]], np.uint8), 1).tolist()
    [[255, 255, 255, 0, 0, 0, 0]]
    """
    mask = to_mask(mask)
    check_amount(px, "px")
    return _copy(mask, out) if px == 0 else erode_disc(mask, px, out=out)


def smooth(mask: MaskInput, radius: float, out: Array | None = None) -> Array:
    """``out = clip((G(mask) - 1/2) / (2 w) + 1/2, 0, 1)``, ``w = 0.3 / radius``: a rounder contour.

    The Gaussian takes away corners, steps and noise smaller than ``radius``; the contrast makes the edge
    about one pixel wide again. Soft areas (hair, glass) become edges too: smooth before refining.

    Parameters
    ----------
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
    radius : float
        The Gaussian's standard deviation in pixels, 0 or more; 0 changes nothing.
    out : array, optional
        Where to write the result.

    Returns
    -------
    (H, W) array of the mask's dtype.

    Raises
    ------
    PixelError
        If ``mask`` is not a mask, or ``radius`` is negative or not finite.

    Examples
    --------
    >>> mask = np.zeros((9, 9), np.uint8); mask[:, 5:] = 255; mask[4, 4] = 255
    >>> smooth(mask, 2)[4].tolist()
    [0, 0, 0, 0, 77, 242, 255, 255, 255]
    """
    mask = to_mask(mask)
    check_amount(radius, "radius")
    if radius == 0:
        return _copy(mask, out)
    half_width = min(0.5, 0.3 / radius)  # a hard edge blurred by sigma has the slope 1 / (2.5 sigma)
    return _back(levels(feather(_fine(mask), radius), 0.5 - half_width, 0.5 + half_width), mask, out)


def _fine(mask: Array) -> Array:
    """An 8-bit mask with 16 bits, because a contrast curve would show the rounding as steps."""
    return convert(mask, np.uint16) if mask.dtype == np.uint8 else mask


def _back(fine: Array, mask: Array, out: Array | None) -> Array:
    return convert(fine, mask.dtype, check_out(out, mask.shape, mask.dtype, mask))


def _copy(mask: Array, out: Array | None) -> Array:
    out = check_out(out, mask.shape, mask.dtype, mask)
    out[...] = mask
    return out
