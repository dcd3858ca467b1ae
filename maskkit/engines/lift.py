"""From a mask at a reduced size to one of the picture's size, its edge where the picture's edge is."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.reduced import reduced
from maskkit.kernels import convert, map_bands
from maskkit.pixels import Array, split_alpha

__all__ = ["lift"]


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
    slope, offset = _lines(guide, target, max(1, round(radius * max(guide.shape))), eps)
    height, width = image.shape[:2]
    alpha = np.empty((height, width), np.float32)
    rows = np.arange(height)[:, None]
    scale = guide.shape[1] / width, guide.shape[0] / height

    def band(pixels: Array, row: Array, out: Array) -> None:
        to_small = np.array(
            [[scale[0], 0, scale[0] / 2 - 0.5], [0, scale[1], scale[1] * (row[0, 0] + 0.5) - 0.5]]
        )
        np.multiply(_grey(pixels), _sample(slope, to_small, out.shape), out=out)
        out += _sample(offset, to_small, out.shape)
        np.clip(out, 0, 1, out=out)

    map_bands(band, image, rows, alpha)
    return alpha


def _lines(guide: Array, target: Array, radius: int, eps: float) -> tuple[Array, Array]:
    def mean(plane: Array) -> Array:
        return cv2.blur(plane, (2 * radius + 1, 2 * radius + 1), borderType=cv2.BORDER_REFLECT)

    mean_guide, mean_target = mean(guide), mean(target)
    slope = (mean(guide * target) - mean_guide * mean_target) / (
        mean(guide * guide) - mean_guide * mean_guide + eps
    )
    return mean(slope), mean(mean_target - slope * mean_guide)


def _grey(pixels: Array) -> Array:
    colour = convert(np.ascontiguousarray(split_alpha(pixels)[0]), np.float32)
    return cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)


def _sample(plane: Array, to_small: Array, shape: tuple[int, ...]) -> Array:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(plane, to_small, shape[::-1], flags=flags, borderMode=cv2.BORDER_REPLICATE)
