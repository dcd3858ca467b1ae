"""How much of a refined edge the colours bear out; of the rest, the mask's own value stays."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.kernels import convert
from maskkit.kernels.grid import enlarge, shrink
from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.matting.guided import box, dot, planes
from maskkit.pixels import Array

__all__ = ["borne_out", "keep_supported"]

_SIDE = 1200  # of the grid on which all is weighed, pixels
_REACHES = 2, 5, 12, 30  # radii of the means of colours around a pixel of the grid
_FURTHER = np.float32(0.01)  # what each wider mean counts against the one before it
_NONE = np.float32(1e-9)  # weight of a pixel's own colour
_SURE = 8  # power of alpha: a pixel at 0.75 counts a tenth of one at 1
_AROUND = 3  # radius within which the change of a mask is weighed
_NOISE = np.float32(1e-4)  # squared difference of colour times squared change that decides nothing
_PART, _WHOLE = 0.3, 0.5  # t up to which the mask stays, from which the matte does
_TILE = 384


def keep_supported(image: Array, mask: Array, matte: Array) -> None:
    """``matte = mask + s(t) (matte - mask)``, in place, t how much of the change the colours bear out.

    ``t = sum c d . e / sum c^2 d . d`` over the windows, c the change ``matte - mask``, d the difference
    ``F - B`` of the sides' colours, and ``e = I - B - mask d`` what the mask leaves unexplained of the
    photo: the least squares of ``e = t c d``. Where the matte is right, t is 1. Where texture has moved it,
    or where holes of a few pixels were filled with grey, the mask explains the photo better and t is about 0.
    F and B are means around, of pixels on which the two agree. s rises from 0 to 1 between t = 0.3 and 0.5.
    Where the colours decide nothing, the matte stays. All is weighed at a long side of 1200 pixels at most.

    Parameters
    ----------
    image : (H, W, 3) array
    mask : (H, W) array
        As it was before it was refined.
    matte : (H, W) float32 within 0-1
        Overwritten.
    """
    factor = max(1, -(-max(mask.shape) // _SIDE))
    mask = convert(mask, np.float32)
    colour, before = planes(shrink(image, factor)), shrink(mask, factor)
    share = borne_out(
        colour, before, shrink(matte, factor), around=_AROUND, part=_PART, whole=_WHOLE, undecided=_WHOLE
    )

    def blend(tile: Tile) -> None:
        start, part = mask[tile.core], matte[tile.core]
        part -= start
        part *= enlarge(share, factor, *tile.core)
        part += start

    doubted = cv2.erode(share, np.ones((3, 3), np.uint8)) < 1
    map_tiles(blend, tiles(mask.shape, max(1, _TILE // factor) * factor, 0, doubted, factor))


def borne_out(
    colour: Array, before: Array, after: Array, *, around: int, part: float, whole: float, undecided: float
) -> Array:
    """How far a change of alpha is to be followed, 0-1: s(t) of `keep_supported`, from ``part`` to ``whole``.

    Parameters
    ----------
    colour : (H, W, 3) float32 within 0-1
    before, after : (H, W) float32 within 0-1
    around : int
        Radius within which the change is weighed, pixels.
    part, whole : float
        t up to which s is 0, and from which it is 1.
    undecided : float
        What t is where the colours decide nothing.

    Returns
    -------
    (H, W) float32 within 0-1.
    """
    inside, outside = before * after**_SURE, (1 - before) * (1 - after) ** _SURE
    behind = _mean(colour, outside)
    gap = _mean(colour, inside)
    gap -= behind
    left = colour - behind - before[..., None] * gap
    change = after - before
    borne, length = (box(plane, around) for plane in (change * dot(gap, left), change**2 * dot(gap, gap)))
    t = (borne + _NOISE * np.float32(undecided)) / (length + _NOISE)
    share: Array = np.clip((t - np.float32(part)) / np.float32(whole - part), 0, 1)
    return share


def _mean(colour: Array, weight: Array) -> Array:
    """The weighted mean around every pixel, over the nearest that have any weight; its own where none has."""
    weighted = np.dstack([colour * weight[..., None], weight])
    total = np.zeros_like(weighted)
    for step, radius in enumerate(_REACHES):
        total += _FURTHER**step * box(weighted, radius)
    mean: Array = (total[..., :3] + _NONE * colour) / (total[..., 3:] + _NONE)
    return mean
