"""`maskkit.effects.drop_shadow` under the name, and with the lengths, that it had before 1.0."""

from __future__ import annotations

from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.effects import drop_shadow
from maskkit.pixels import Array, check_same_size

__all__ = ["shadow"]


def shadow(
    backdrop: ImageInput,
    mask: MaskInput,
    *,
    offset: tuple[int, int] = (0, 12),
    radius: float = 12.0,
    color: str = "black",
    opacity: float = 0.4,
) -> Array:
    """The backdrop with the mask's shadow: `maskkit.effects.drop_shadow`, 12 pixels down and soft.

    It stays until 1.0; new code calls `maskkit.effects.drop_shadow`, whose lengths follow the picture's size.

    Parameters
    ----------
    backdrop : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
        Of the backdrop's size.
    offset : (x, y)
        Pixels to the right and down.
    radius : float
        The Gaussian's standard deviation in pixels.
    color : str
        A CSS colour.
    opacity : float
        0 to 1.

    Returns
    -------
    Array of the backdrop's shape and dtype.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention or sizes differ.

    Examples
    --------
    >>> import numpy as np
    >>> paper, mask = np.full((3, 3, 3), 255, np.uint8), np.zeros((3, 3), np.uint8)
    >>> mask[0, 0] = 255
    >>> shadow(paper, mask, offset=(1, 1), radius=0)[..., 0].tolist()
    [[255, 255, 255], [255, 153, 255], [255, 255, 255]]
    """
    backdrop, mask = to_pixels(backdrop, "backdrop"), to_mask(mask)
    if not mask.any():  # which `drop_shadow` refuses, and this never did
        check_same_size(mask, backdrop, other="backdrop")
        return backdrop.copy()
    return drop_shadow(backdrop, mask, offset=offset, radius=radius, color=color, opacity=opacity)
