"""From a mask at a reduced size to one of the picture's size, its edge where the picture's edge is."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.over_picture import over_picture
from maskkit.engines.reduced import flat, reduced
from maskkit.engines.windows import Window, extent, over, whole
from maskkit.kernels import convert
from maskkit.matting.guided import coefficients
from maskkit.pixels import Array

__all__ = ["lift", "lift_part"]

_GREY = np.array([0.299, 0.587, 0.114], np.float32)  # red, green and blue in the guide (Rec. 601)


def lift(
    mask: Array, image: Array, radius: float = 1 / 300, eps: float = 1e-4, *, small: Array | None = None
) -> Array:
    """``alpha = mean(a) I + mean(b)``, a and b the guided filter's lines at the mask's size; float32 (H, W).

    Parameters
    ----------
    mask : (h, w) bool or float array, at a reduced size
    image : (H, W, 3) or (H, W, 4) array, any dtype
    radius : of the windows, as a share of the mask's long side
    eps : how much contrast (variance of the grey guide, 0-1) counts as an edge
    small : `reduced` of the image, where the caller has it; not smaller than the mask.

    References
    ----------
    He and Sun 2015, Fast guided filter. Kopf et al. 2007, Joint bilateral upsampling (the idea).
    """
    slope, offset = _lines(
        mask, _grey(reduced(image if small is None else small, max(mask.shape))), radius, eps
    )
    return over_picture(np.dstack([slope[..., None] * _GREY, offset]), image)


def lift_part(mask: Array, image: Array, part: Window, small: Array) -> Array:
    """`lift` of the mask of a whole picture, in one ``part`` of it alone; float32, of the part's size.

    ``small`` is `reduced` of the image, of the mask's size.
    """
    guide = _grey(small)
    slope, offset = _lines(mask.astype(np.float32), guide, 1 / 300, 1e-4)
    seen = [over(plane, whole(image.shape), part, extent(part)) for plane in (slope, offset)]
    return np.asarray(np.clip(seen[0] * _grey(image[part]) + seen[1], 0, 1))


def _lines(mask: Array, guide: Array, radius: float, eps: float) -> tuple[Array, Array]:
    """Slope and offset of ``alpha = slope grey + offset`` around each pixel of the guide."""
    target: Array = mask.astype(np.float32)
    if target.shape != guide.shape:  # a network's square, or a picture smaller than its mask
        target = cv2.resize(target, guide.shape[::-1], interpolation=cv2.INTER_LINEAR)
    slope, offset = coefficients(guide[..., None], target, max(1, round(radius * max(guide.shape))), eps)
    return np.ascontiguousarray(slope[..., 0]), offset


def _grey(pixels: Array) -> Array:
    return cv2.cvtColor(flat(convert(np.ascontiguousarray(pixels), np.float32)), cv2.COLOR_RGB2GRAY)
