"""From a mask at a reduced size to one of the picture's size, its edge where the picture's edge is."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.reduced import flat, reduced
from maskkit.kernels import convert, map_bands
from maskkit.matting.guided import coefficients
from maskkit.pixels import Array

__all__ = ["lift"]

_LINEAR = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
_WIDEST = 16_384  # OpenCV warps no more than 32,767 pixels across


def lift(mask: Array, image: Array, radius: float = 1 / 300, eps: float = 1e-4) -> Array:
    """``alpha = mean(a) I + mean(b)``, a and b the guided filter's lines at the mask's size; float32 (H, W).

    Parameters
    ----------
    mask : (h, w) bool or float array, at a reduced size
    image : (H, W, 3) or (H, W, 4) array, any dtype
    radius : of the windows, as a share of the mask's long side
    eps : how much contrast (variance of the grey guide, 0-1) counts as an edge.

    References
    ----------
    He and Sun 2015, Fast guided filter. Kopf et al. 2007, Joint bilateral upsampling (the idea).
    """
    guide = _grey(reduced(image, max(mask.shape)))
    target: Array = mask.astype(np.float32)
    if target.shape != guide.shape:  # a network's square, or a picture smaller than its mask
        target = cv2.resize(target, guide.shape[::-1], interpolation=cv2.INTER_LINEAR)
    slope, offset = coefficients(guide[..., None], target, max(1, round(radius * max(guide.shape))), eps)
    slope = np.ascontiguousarray(slope[..., 0])
    height, width = image.shape[:2]
    alpha = np.empty((height, width), np.float32)
    rows = np.arange(height)[:, None]
    scale = guide.shape[1] / width, guide.shape[0] / height

    def band(pixels: Array, row: Array, out: Array) -> None:
        top = int(row[0, 0])
        np.multiply(_grey(pixels), _sample(slope, scale, top, out.shape), out=out)
        out += _sample(offset, scale, top, out.shape)
        np.clip(out, 0, 1, out=out)

    map_bands(band, image, rows, alpha)
    return alpha


def _grey(pixels: Array) -> Array:
    return cv2.cvtColor(flat(convert(np.ascontiguousarray(pixels), np.float32)), cv2.COLOR_RGB2GRAY)


def _sample(plane: Array, scale: tuple[float, float], top: int, shape: tuple[int, ...]) -> Array:
    """The rows from ``top`` on of the plane enlarged by ``1 / scale``, linearly, pixel centres on centres."""
    pieces = []
    for left in range(0, shape[1], _WIDEST):
        corner = [factor * (first + 0.5) - 0.5 for factor, first in zip(scale, (left, top), strict=True)]
        to_small = np.array([[scale[0], 0, corner[0]], [0, scale[1], corner[1]]])
        size = min(_WIDEST, shape[1] - left), shape[0]
        pieces.append(cv2.warpAffine(plane, to_small, size, flags=_LINEAR, borderMode=cv2.BORDER_REPLICATE))
    return pieces[0] if len(pieces) == 1 else np.hstack(pieces)
