"""The shadow that the photo has, kept: its ratio to the plain backdrop it fell on."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.checks import check_unit
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.color.plain_backdrop import fit_backdrop
from maskkit.effects.layer import check_subject, laid
from maskkit.errors import PixelError
from maskkit.kernels import convert, map_bands
from maskkit.kernels.grid import enlarge, shrink
from maskkit.keywords import keywords
from maskkit.layout import regular
from maskkit.pixels import Array, check_out, check_same_size

__all__ = ["own_shadow"]

_SIDE = 768  # the long side, at most, of what the shadow is seen at
_FIT = 384  # and of what the backdrop is fitted to
_NOISE = 0.02  # a darkening that is the backdrop's own
_DARK = 5.0  # L*: on a darker backdrop noise alone would be a shadow
_LEAST = 0.02  # of the weight: nearer to what is seen, the nearest of it counts alone
_FILL = 4.0  # sigma at that size: how far the shadow goes on below the subject's edge


@keywords()
def own_shadow(
    backdrop: ImageInput,
    photo: ImageInput,
    mask: MaskInput,
    *,
    opacity: float = 1.0,
    out: Array | None = None,
) -> Array:
    """``backdrop * (1 - opacity s)``, ``s = clip((1 - k - 0.02) / 0.98, 0, 1)``, ``k = C.B / B.B``.

    ``C`` is the photo and ``B`` the smooth backdrop fitted to its border, so ``k`` is how much darker the
    photo is there: a layer to multiply by. It is taken at a long side of 768 pixels at most, beside the
    subject, and goes on below the subject's edge.

    Parameters
    ----------
    backdrop : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        The new one. A transparent one gets the shadow as black with alpha.
    photo : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        Of the backdrop's size; its alpha is not looked at.
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
        The subject. Of a cutout whose colours were decontaminated, ``alpha > 0``: the colour of a pixel that
        is kept at all is no longer the photo's.
    opacity : float
        0 to 1; 0 changes nothing.
    out : array, optional
        Where to write the result; must not share memory with the inputs.

    Returns
    -------
    Array of the backdrop's shape and dtype.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention, sizes differ, the mask keeps nothing, or the photo has
        no plain backdrop, or a black one.

    References
    ----------
    Horprasert, Harwood and Davis 1999, A statistical approach for real-time robust background subtraction
    and shadow detection (brightness distortion).

    Examples
    --------
    >>> photo = np.full((40, 40, 3), 200, np.uint8); photo[20:30, 10:30] = 100
    >>> mask = np.zeros((40, 40), np.uint8); mask[10:20, 10:30] = 255
    >>> own_shadow(np.full((40, 40, 3), 250, np.uint8), photo, mask)[[5, 25], 20, 0].tolist()
    [250, 128]
    """
    backdrop, photo, mask = to_pixels(backdrop, "backdrop"), to_pixels(photo, "photo"), to_mask(mask)
    check_same_size(photo, backdrop, "photo", "backdrop")
    check_same_size(mask, backdrop, other="backdrop")
    check_unit(opacity, "opacity")
    check_subject(mask, "shadow")
    factor = -(-max(mask.shape) // _SIDE)
    shade = _shade(shrink(photo[..., :3], factor), shrink(mask, factor))
    out = check_out(out, backdrop.shape, backdrop.dtype, backdrop, photo, mask)

    def band(rows: Array, backdrop: Array, out: Array) -> None:
        lifted = enlarge(shade, factor, slice(rows[0, 0], rows[-1, 0] + 1), slice(0, out.shape[1]))
        laid("black", convert(np.clip(lifted, 0, 1), np.uint16), backdrop, opacity, out)

    map_bands(band, np.arange(len(out))[:, None], backdrop, out, rows=max(1, 64 // factor) * factor)
    return out


def _shade(photo: Array, mask: Array) -> Array:
    """``s`` of a small picture, float32: beside the subject as seen, below it as around it."""
    dark = 1 - _kept(regular(convert(photo, np.float32)))
    covered = (convert(mask, np.float32) > 2 / 255).astype(np.uint8)
    beside = 1 - cv2.dilate(covered, np.ones((3, 3), np.uint8)).astype(np.float32)
    (near, weight), (far, _) = _mean(dark, beside, 1.0), _mean(dark, beside, _FILL)
    whole = np.where(weight > _LEAST, near, far)
    return np.asarray(np.clip((whole - _NOISE) / (1 - _NOISE), 0, 1), np.float32)


def _kept(colour: Array) -> Array:
    """``k`` of a small float32 picture. Raises PixelError where it has no plain backdrop."""
    coarse = -(-max(colour.shape) // _FIT)
    found = fit_backdrop(cv2.cvtColor(shrink(colour, coarse), cv2.COLOR_RGB2Lab))
    if not found.plain:
        raise PixelError("photo: has no plain backdrop, so its own shadow cannot be told from it")
    light = float(np.median(found.lab[..., 0]))
    if light < _DARK:
        raise PixelError(
            f"photo: its backdrop is black (L* {light:.1f}, need {_DARK:g}), so no shadow is seen on it; "
            "a cutout needs the photo's colour under alpha 0"
        )
    behind = np.clip(cv2.cvtColor(found.lab, cv2.COLOR_Lab2RGB), 0.02, 1)
    behind = enlarge(behind, coarse, slice(0, colour.shape[0]), slice(0, colour.shape[1]))
    kept: Array = np.einsum("yxc,yxc->yx", colour, behind) / np.einsum("yxc,yxc->yx", behind, behind)
    return kept


def _mean(value: Array, weight: Array, sigma: float) -> tuple[Array, Array]:
    """``G(value weight) / G(weight)``, 0 where there is no weight; and ``G(weight)``."""
    above = cv2.GaussianBlur(value * weight, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    below = cv2.GaussianBlur(weight, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return above / np.maximum(below, 1e-3), below
