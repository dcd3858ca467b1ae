"""The edge of a subject before a plain backdrop, at the picture's size: by its colours."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.engines.over_picture import over_picture
from maskkit.kernels.channels import total
from maskkit.pixels import Array

__all__ = ["edge_lift"]

_BAND = 3  # reduced pixels on both sides of the edge
_WINDOW = 3.0  # sigma of the means, reduced pixels
_FAINT = 0.05  # of 1: colours nearer than this do not tell


def edge_lift(subject: Array, backdrop: Array, small: Array, image: Array) -> Array:
    """``alpha = (C - B) . (F - B) / |F - B|^2`` within a band along the edge, else the mask; float32 (H, W).

    F is the mean colour of the subject beyond the band; where it is too thin to have any there, that of
    the pixels that differ most from the backdrop. B is the mean of what is outside beyond the band, shadows
    included; where nothing is (between the bars of a grille), the backdrop. Means are taken at the reduced
    size, C is the picture itself.

    Parameters
    ----------
    subject : (h, w) bool array
    backdrop : (h, w, 3) float32 array, sRGB 0-1
    small : (h, w, 3) uint8 array, the picture at that size
    image : (H, W, 3) or (H, W, 4) array, any dtype
    """
    return over_picture(_lines(subject, backdrop, small.astype(np.float32) / 255), image)


def _lines(subject: Array, backdrop: Array, colour: Array) -> Array:
    """``n = (F - B) / |F - B|^2`` and ``-n . B`` where these tell, else 0 and the mask."""
    inside = subject.astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _BAND + 1,) * 2)
    inner, outer = cv2.erode(inside, disc, borderValue=1), 1 - cv2.dilate(inside, disc)
    contrast = total(np.square(colour - backdrop))
    # Thin parts are mixtures: those nearest to pure weigh most. A hundredth, where there is pure colour.
    own = _mean_nearby(colour, inner + 0.01 * inside * np.square(contrast / max(float(contrast.max()), 1e-6)))
    near = cv2.GaussianBlur(outer.astype(np.float32), (0, 0), _WINDOW)[..., None]
    behind = np.where(near > 1e-3, _mean_nearby(colour, outer + 1e-6), backdrop)
    line = own - behind
    square = total(np.square(line))
    told = (inner == outer) & (square > _FAINT**2)
    slope = np.where(told[..., None], line / np.maximum(square, 1e-6)[..., None], 0)
    offset = np.where(told, -total(slope * behind), inside)
    return np.dstack([slope, offset]).astype(np.float32)


def _mean_nearby(colour: Array, weight: Array) -> Array:
    weight = weight.astype(np.float32)
    colours = cv2.GaussianBlur(colour * weight[..., None], (0, 0), _WINDOW)
    count = cv2.GaussianBlur(weight, (0, 0), _WINDOW)
    return np.asarray(colours / np.maximum(count, 1e-9)[..., None])
