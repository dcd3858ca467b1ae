"""The backdrop's light on the subject's rim."""

from __future__ import annotations

from typing import Any

import numpy as np

from maskkit.checks import check_amount, check_unit
from maskkit.codec.inputs import ImageInput
from maskkit.codec.one_space import to_one_space
from maskkit.errors import PixelError
from maskkit.kernels import convert, gaussian_blur, map_pixels
from maskkit.keywords import keywords
from maskkit.pixels import Array, check_out, check_same_size

__all__ = ["light_wrap"]


@keywords(source="foreground")
def light_wrap(
    foreground: ImageInput,
    backdrop: ImageInput,
    radius: float | None = None,
    amount: float = 0.5,
    *,
    out: Array | None = None,
) -> Array:
    """``C' = C + w L (1 - C)``: the backdrop's light, screened over the rim of a cutout.

    ``w L = amount G(backdrop (1 - alpha))``, G the Gaussian of sigma ``radius``: only light from beside the
    subject wraps around it.

    Parameters
    ----------
    foreground : (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        The cutout.
    backdrop : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        What it is going to be composited over; an alpha dims it.
    radius : float, optional
        Pixels; 1% of the long side by default.
    amount : float
        0 to 1.
    out : array, optional
        Where to write the result.

    Returns
    -------
    The foreground with its colour changed; its dtype and its alpha.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention, the foreground has no alpha, or sizes differ.

    Examples
    --------
    >>> dark = np.zeros((1, 9, 4)); dark[:, 4:, 3] = 1
    >>> light_wrap(dark, np.ones((1, 9, 3)), radius=1, amount=1)[0, 4:, 0].round(2).tolist()
    [0.3, 0.06, 0.0, 0.0, 0.0]
    """
    foreground, backdrop = to_one_space(foreground, backdrop)
    if foreground.shape[2] != 4:
        raise PixelError(f"foreground: need a cutout (H, W, 4) with alpha, got shape {foreground.shape}")
    check_same_size(backdrop, foreground, "backdrop", "foreground")
    check_unit(amount, "amount")
    radius = 0.01 * max(foreground.shape[:2]) if radius is None else radius
    check_amount(radius, "radius")
    out = check_out(out, foreground.shape, foreground.dtype, foreground, backdrop)
    out[..., 3] = foreground[..., 3]
    for channel in range(3):
        light = np.empty(foreground.shape[:2], np.float32)
        map_pixels(_beside, foreground[..., 3], backdrop[..., channel], light)
        if backdrop.shape[2] == 4:
            light *= convert(backdrop[..., 3], np.float32)
        wrapped = gaussian_blur(light, radius) if radius else light
        map_pixels(_screen(amount), foreground[..., channel], wrapped, out[..., channel])
    return out


def _beside(alpha: Array, colour: Array, light: Array) -> None:
    light[...] = convert(colour, np.float32) * (1 - convert(alpha, np.float32))


def _screen(amount: float) -> Any:
    def band(colour: Array, light: Array, out: Array) -> None:
        own = convert(colour, np.float32)
        lit = own + np.float32(amount) * light * (1 - own)
        out[...] = convert(np.clip(lit, 0, 1), out.dtype)

    return band
