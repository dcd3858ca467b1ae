"""A contact shadow: dark and narrow, where the subject stands."""

from __future__ import annotations

import math

import cv2
import numpy as np

from maskkit.checks import check_amount, check_unit
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.effects.layer import base_of, laid, radius_of
from maskkit.kernels import map_bands
from maskkit.keywords import keywords
from maskkit.pixels import Array, check_out, check_same_size, max_value

__all__ = ["contact_shadow"]

_REACH = 3.0  # standard deviations


@keywords()
def contact_shadow(
    backdrop: ImageInput,
    mask: MaskInput,
    *,
    radius: float | None = None,
    height: float | None = None,
    color: str = "black",
    opacity: float = 0.6,
    out: Array | None = None,
) -> Array:
    """``over(color * c * opacity, backdrop)``, ``c = G_x(w(x) exp(-2 (y - f(x))^2 / radius^2))``.

    ``f(x)`` is the lowest row that the mask keeps by half in the column, ``w(x) = clip(1 - (b - f(x)) /
    height, 0, 1)`` how near that is to the mask's base ``b``, and ``G_x`` the Gaussian of sigma ``radius``
    along the row: a flat ellipse under every foot, none under what hangs in the air.

    Parameters
    ----------
    backdrop : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
        Of the backdrop's size.
    radius : float, optional
        How far the shadow reaches beside the feet, in pixels; 1% of the long side by default.
    height : float, optional
        How far above the base a part still touches the ground, in pixels; four times the radius by default.
    color : str
        A CSS colour.
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
        If an argument is not by the pixel convention, sizes differ, or the mask keeps nothing.

    Examples
    --------
    >>> paper, mask = np.full((4, 3, 3), 255, np.uint8), np.zeros((4, 3), np.uint8)
    >>> mask[:2] = 255
    >>> contact_shadow(paper, mask, radius=1, opacity=1)[:, 1, 0].tolist()
    [220, 0, 220, 255]
    """
    backdrop, mask = to_pixels(backdrop, "backdrop"), to_mask(mask)
    check_same_size(mask, backdrop, other="backdrop")
    radius = radius_of(radius, mask.shape)
    height = 4 * radius if height is None else height
    check_amount(height, "height")
    check_unit(opacity, "opacity")
    base = base_of(mask, "shadow")
    out = check_out(out, backdrop.shape, backdrop.dtype, backdrop, mask)
    out[...] = backdrop
    reach = math.ceil(min(_REACH * radius, 2 * sum(mask.shape)))
    rows = slice(max(0, math.floor(base - min(height, base)) - reach), min(len(mask), base + reach + 1))
    cover = _cover(mask[: base + 1], rows, radius, height)
    laid(color, cover, backdrop[rows], opacity, out[rows])
    return out


def _cover(mask: Array, rows: slice, radius: float, height: float) -> Array:
    """``c`` in some rows of the picture, float32; ``mask`` ends with the base."""
    base = len(mask) - 1
    half = max_value(mask.dtype) / 2 if mask[base].max() * 2.0 >= max_value(mask.dtype) else 0
    kept = mask >= half if half else mask > 0
    foot = base - kept[::-1].argmax(axis=0)  # the lowest row kept; the base where there is none
    near = np.clip(1 - (base - foot) / max(height, 1e-6), 0, 1) * kept.any(axis=0)
    ellipse = np.empty((rows.stop - rows.start, mask.shape[1]), np.float32)

    def band(number: Array, ellipse: Array) -> None:
        away = (number - foot) / max(radius, 1e-6)
        ellipse[...] = near * np.exp(-2 * away**2)

    map_bands(band, np.arange(rows.start, rows.stop)[:, None], ellipse, rows=8)
    if radius == 0:
        return ellipse
    sigma = min(radius, 1000.0 * mask.shape[1])
    across = 2 * min(math.ceil(_REACH * sigma), 4 * mask.shape[1]) + 1
    soft = cv2.GaussianBlur(ellipse, (across, 1), sigma, sigmaY=1, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.minimum(soft, 1))
