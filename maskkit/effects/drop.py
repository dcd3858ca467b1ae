"""A drop shadow: the mask's own shape, moved and softened."""

from __future__ import annotations

from maskkit.checks import check_pair, check_unit
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.effects.layer import check_subject, laid, moved, radius_of, softened, toned
from maskkit.keywords import keywords
from maskkit.pixels import Array, check_out, check_same_size

__all__ = ["drop_shadow"]


@keywords()
def drop_shadow(
    backdrop: ImageInput,
    mask: MaskInput,
    *,
    offset: tuple[int, int] | None = None,
    radius: float | None = None,
    color: str = "black",
    opacity: float = 0.4,
    out: Array | None = None,
) -> Array:
    """The backdrop with the mask's shadow: ``over(color * G(mask shifted) * opacity, backdrop)``.

    Parameters
    ----------
    backdrop : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
        Of the backdrop's size.
    offset : (x, y), optional
        Pixels to the right and down; by default as far down as the radius.
    radius : float, optional
        The Gaussian's standard deviation in pixels; 1% of the long side by default.
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
    >>> import numpy as np
    >>> paper, mask = np.full((3, 3, 3), 255, np.uint8), np.zeros((3, 3), np.uint8)
    >>> mask[0, 0] = 255
    >>> drop_shadow(paper, mask, offset=(1, 1), radius=0)[..., 0].tolist()
    [[255, 255, 255], [255, 153, 255], [255, 255, 255]]
    """
    backdrop, mask = to_pixels(backdrop, "backdrop"), to_mask(mask)
    check_same_size(mask, backdrop, other="backdrop")
    radius = radius_of(radius, mask.shape)
    check_unit(opacity, "opacity")
    x, y = (0, round(radius)) if offset is None else check_pair(offset, "offset")
    check_subject(mask, "shadow")
    out = check_out(out, backdrop.shape, backdrop.dtype, backdrop, mask)
    cast = moved(mask, x, y)
    if radius:
        cast, opacity = toned(softened(cast, radius), 1, opacity)
    return laid(color, cast, backdrop, opacity, out)
