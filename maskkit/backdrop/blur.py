"""A backdrop made of the photo itself: out of focus and without its subject."""

from __future__ import annotations

import numpy as np

from maskkit.checks import check_amount
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.kernels import convert, gaussian_blur, map_bands
from maskkit.pixels import Array, check_same_size

__all__ = ["blur"]


def blur(photo: ImageInput, radius: float, mask: MaskInput | None = None) -> Array:
    """``C = G(C a w) / G(a w)``, ``a = G(a w) / G(w)``, ``w = 1 - mask``: the photo out of focus.

    The subject is left out, so that its colour does not bleed into what lies around it. Where the subject is
    so large that no backdrop is near, the backdrop's mean colour comes in.

    Parameters
    ----------
    photo : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        Colour counts by its alpha ``a``, and the alpha is blurred with it.
    radius : float
        The Gaussian's standard deviation in pixels, 0 or more.
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it, optional
        The subject; without it, everything is blurred.

    Returns
    -------
    Array of the photo's shape and dtype.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention or sizes differ.

    References
    ----------
    Knutsson and Westin, Normalized and Differential Convolution, CVPR 1993.

    Examples
    --------
    >>> photo = np.full((5, 5, 3), 90, np.uint8); photo[2, 2] = 255
    >>> mask = np.zeros((5, 5), np.uint8); mask[2, 2] = 255
    >>> bool((blur(photo, 1, mask) == 90).all())
    True
    """
    pixels = to_pixels(photo, "photo")
    check_amount(radius, "radius")
    if radius == 0:
        return pixels.copy()
    shown = np.full(pixels.shape[:2], 65535, np.uint16)
    if mask is not None:
        mask = to_mask(mask)
        check_same_size(mask, pixels, other="photo")
        shown -= convert(mask, np.uint16)
    out = np.empty_like(pixels)
    weight = shown
    if pixels.shape[2] == 4:
        alpha = convert(np.ascontiguousarray(pixels[..., 3]), np.uint16)
        out[..., 3] = convert(_blurred(alpha, shown, gaussian_blur(shown, radius), radius), out.dtype)
        weight = np.empty_like(shown)
        map_bands(_weigh_band, alpha, shown, weight)
    below = gaussian_blur(weight, radius)
    for channel in range(3):
        plane = convert(np.ascontiguousarray(pixels[..., channel]), np.uint16)
        out[..., channel] = convert(_blurred(plane, weight, below, radius), out.dtype)
    return out


def _blurred(plane: Array, weight: Array, below: Array, radius: float) -> Array:
    """``G(plane weight) / below``, which is ``G(weight)``; the mean of all where no weight is near."""
    total = float(weight.sum(dtype=np.float64))
    mean = float(np.vdot(plane.astype(np.float32), weight.astype(np.float32))) / total if total else 0.0
    weighted, result = np.empty_like(plane), np.empty_like(plane)
    map_bands(_weigh_band, plane, weight, weighted)

    def divide(above: Array, below: Array, result: Array) -> None:
        _divide_band(above, below, result, mean)

    map_bands(divide, gaussian_blur(weighted, radius), below, result)
    return result


def _weigh_band(plane: Array, weight: Array, out: Array) -> None:
    out[...] = (plane.astype(np.uint32) * weight + 32767) // 65535


def _divide_band(above: Array, below: Array, out: Array, mean: float) -> None:
    # two levels of 65535 of the mean: nothing beside a real weight, everything where there is none
    quotient = (above.astype(np.float32) * 65535 + np.float32(2 * mean)) / (below + np.float32(2))
    out[...] = np.minimum(quotient + 0.5, 65535)
