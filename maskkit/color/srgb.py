"""Colour arithmetic: the sRGB transfer."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.kernels import convert, map_pixels
from maskkit.kernels.planes import plain
from maskkit.layout import regular
from maskkit.pixels import Array, check_out, max_value
from maskkit.srgb import decode, encode

__all__ = ["linear_to_srgb", "srgb_to_linear"]


def srgb_to_linear(image: ImageInput, *, out: Array | None = None) -> Array:
    """``L = v / 12.92`` up to 0.04045, else ``((v + 0.055) / 1.055)^2.4``; alpha is not encoded and stays.

    Parameters
    ----------
    image
        (H, W, 3) or (H, W, 4), sRGB-encoded.
    out : array, optional
        Array of the result's shape and dtype to write to; must not share memory with the image.

    Returns
    -------
    The image's shape, float32 (float64 of float64): linear light needs about 12 bits where sRGB needs 8.

    Raises
    ------
    PixelError
        For a shape, dtype or range outside the convention.

    References
    ----------
    IEC 61966-2-1:1999, section 5.2.

    Examples
    --------
    >>> print(srgb_to_linear(np.array([[[0, 128, 255]]], np.uint8)).round(4))
    [[[0.     0.2159 1.    ]]]
    """
    image = to_pixels(image)
    work = np.float64 if image.dtype == np.float64 else np.float32
    out = check_out(out, image.shape, work, image)
    map_pixels(_decode, image, out)
    return out


def linear_to_srgb(light: ImageInput, dtype: DTypeLike | None = None, *, out: Array | None = None) -> Array:
    """``v = 12.92 L`` up to 0.0031308, else ``1.055 L^(1/2.4) - 0.055``; alpha stays.

    Parameters
    ----------
    light
        (H, W, 3) or (H, W, 4), linear light 0-1; float, or whole numbers that stand for it.
    dtype
        Of the result, any of the convention; None is light's own.
    out : array, optional
        Array of the result's shape and dtype to write to; must not share memory with the light.

    Returns
    -------
    Light's shape, sRGB-encoded; integer results are the nearest value.

    Raises
    ------
    PixelError
        For a shape, dtype or range outside the convention.

    References
    ----------
    IEC 61966-2-1:1999, section 5.2.

    Examples
    --------
    >>> linear_to_srgb(np.array([[[0, 0.2159, 1]]]), np.uint8).tolist()
    [[[0, 128, 255]]]
    """
    light = to_pixels(light, "light")
    dtype = light.dtype if dtype is None else dtype
    max_value(dtype)
    out = check_out(out, light.shape, dtype, light)
    work = np.float64 if light.dtype in (np.float64, np.uint16) else np.float32
    map_pixels(partial(_encode, work), light, out)
    return out


def _decode(image: Array, out: Array) -> None:
    out[..., :3] = decode(plain(image[..., :3]), image.dtype, out.dtype)
    out[..., 3:] = convert(image[..., 3:], out.dtype)


def _encode(work: Any, light: Array, out: Array) -> None:
    out[..., :3] = encode(regular(convert(light[..., :3], work)), out.dtype)
    out[..., 3:] = convert(light[..., 3:], out.dtype)
