"""A glow: light, or any colour, around the subject."""

from __future__ import annotations

from maskkit.checks import check_unit
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.effects.layer import check_subject, laid, radius_of, softened, toned
from maskkit.keywords import keywords
from maskkit.pixels import Array, check_out, check_same_size

__all__ = ["glow"]


@keywords()
def glow(
    backdrop: ImageInput,
    mask: MaskInput,
    *,
    radius: float | None = None,
    color: str = "white",
    opacity: float = 0.75,
    out: Array | None = None,
) -> Array:
    """The backdrop with a glow behind the subject: ``over(color * min(1, 2 G(mask)) * opacity, backdrop)``.

    Along a straight edge ``G`` is one half, so the glow is whole where it leaves the subject.

    Parameters
    ----------
    backdrop : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
        Of the backdrop's size.
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
    >>> night, mask = np.zeros((1, 5, 3), np.uint8), np.array([[255, 255, 255, 0, 0]], np.uint8)
    >>> glow(night, mask, radius=1, opacity=1)[0, :, 0].tolist()
    [255, 255, 255, 154, 30]
    """
    backdrop, mask = to_pixels(backdrop, "backdrop"), to_mask(mask)
    check_same_size(mask, backdrop, other="backdrop")
    radius = radius_of(radius, mask.shape)
    check_unit(opacity, "opacity")
    check_subject(mask, "glow")
    out = check_out(out, backdrop.shape, backdrop.dtype, backdrop, mask)
    around = mask
    if radius:
        around, opacity = toned(softened(mask, radius), 2, opacity)
    return laid(color, around, backdrop, opacity, out)
