"""The subject's own colour at its soft edge: multi-level foreground estimation on the tiles that need it."""

from __future__ import annotations

from functools import partial

import numpy as np

from maskkit.checks import check_unit
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.color.srgb import linear_to_srgb, srgb_to_linear
from maskkit.kernels import convert, map_bands, map_pixels
from maskkit.kernels.foreground import finish, halved, photo_level, relaxed_level
from maskkit.keywords import keywords
from maskkit.pixels import Array, check_out, check_same_size, max_value

__all__ = ["decontaminate"]

_ROUNDS = 4  # at levels above _SMALL pixels
_ROUNDS_FINEST = 2
_ROUNDS_SMALL = 12
_SMALL = 64


@keywords()
def decontaminate(
    image: ImageInput, mask: MaskInput, amount: float = 1.0, *, linear: bool = False, out: Array | None = None
) -> Array:
    """``out = image + amount (F - image)``, F of ``image = alpha F + (1 - alpha) B`` where 0 < alpha < 1.

    Old background shines through a soft edge. F, the subject's own colour there, and B, the backdrop's, are
    the smoothest pair that explains the photo, found from coarse to fine.

    Parameters
    ----------
    image : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        The photo; an alpha it has is kept.
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
        The matte that the cutout is to have. Its errors become colour errors: refine it first.
    amount : float
        0 to 1.
    linear : bool
        The mix is one of light, not of sRGB values: right where alpha is the share of a pixel that the
        subject covers (renderings, two-plate mattes), and the cutout is composited with ``linear=True``.
        Mattes found in a photo's sRGB values, as `refine` and networks find them, explain those values.
    out : array, optional
        Where to write the result.

    Returns
    -------
    The image's shape and dtype; unchanged where the mask is 0 or white.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention, sizes differ, or the amount is outside 0 to 1.

    References
    ----------
    Germer, Uelwer, Conrad, Harmeling 2020, Fast Multi-Level Foreground Estimation, ICPR.

    Examples
    --------
    >>> x = np.clip((np.arange(16) - 5) / 6, 0, 1)[None, :, None].repeat(4, 0)
    >>> photo = x * (1, 0, 0) + (1 - x) * (0, 0, 1)  # red in front of blue
    >>> decontaminate(photo, x[..., 0])[0, 8].round(1).tolist()
    [1.0, 0.0, 0.0]
    """
    image, alpha = to_pixels(image), to_mask(mask)
    check_same_size(alpha, image)
    check_unit(amount, "amount")
    out = check_out(out, image.shape, image.dtype, image, alpha)
    map_bands(np.copyto, out, image)
    if not amount or alpha.dtype == np.bool_ or not _any_soft(alpha):
        return out
    if linear:
        own = decontaminate(_light(image), alpha)
        map_pixels(partial(_encode_soft, amount), out, own, alpha)
    else:
        # a level needs no finer steps than 16 bits; bytes stay bytes
        depth = np.uint8 if image.dtype in (np.bool_, np.uint8) else np.uint16
        coarse = _layers(halved(image, depth), halved(alpha, np.uint16))
        finish(coarse, image, alpha, out, amount=amount, rounds=_ROUNDS_FINEST)
    return out


def _light(image: Array) -> Array:
    """Linear light in 16 bits: finer than sRGB's 8 down to black."""
    light = np.empty((*image.shape[:2], 3), np.uint16)
    map_pixels(_decode, image[..., :3], light)
    return light


def _decode(image: Array, light: Array) -> None:
    light[...] = convert(srgb_to_linear(image), np.uint16)


def _encode_soft(amount: float, out: Array, light: Array, alpha: Array) -> None:
    soft = (alpha > 0) & (alpha < max_value(alpha.dtype))
    if not soft.any():
        return
    colour = convert(out[soft][None, :, :3], np.float32)
    own = linear_to_srgb(light[soft][None], np.float32)
    out[..., :3][soft] = convert(colour + np.float32(amount) * (own - colour), out.dtype)[0]


def _any_soft(alpha: Array) -> bool:
    white = max_value(alpha.dtype)
    bands = (alpha[top : top + 256] for top in range(0, len(alpha), 256))
    return any(bool(((band > 0) & (band < white)).any()) for band in bands)


def _layers(image: Array, alpha: Array) -> Array:
    """F and B at this size, from those at half of it."""
    size = max(alpha.shape)
    if size <= 2:
        return photo_level(image)
    coarse = _layers(halved(image, image.dtype.type), halved(alpha, np.uint16))
    return relaxed_level(coarse, image, alpha, _ROUNDS_SMALL if size <= _SMALL else _ROUNDS)
