"""How much of a refined edge the colours bear out; of the rest, the mask's own value stays."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from maskkit.kernels import convert
from maskkit.kernels.grid import enlarge, shrink
from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.matting.guided import box, planes
from maskkit.pixels import Array

__all__ = ["borne_out", "keep_supported"]

_SIDE = 1200  # of the grid on which all is weighed, pixels
_REACHES = 2, 5, 12, 30  # radii of the means of colours around a pixel of the grid
_FURTHER = 0.01  # what each wider mean counts against the one before it
_NONE = np.float32(1e-9)  # weight of a pixel's own colour
_AROUND = 3  # radius within which the change of a mask is weighed
_NOISE = np.float32(1e-4)  # squared difference of colour times squared change that decides nothing
_ALIKE = 2.5e-3  # |F - B|^2: up to half of it colours are noise, from 1.5 of it they count
_PART, _WHOLE = 0.3, 0.5  # t up to which the mask stays, from which the matte does
_ALL = 1 - 1e-6  # share of a change that is all of it
_TILE = 384
_WEIGHED = 256  # side of the tiles of the grid, whose planes stay in a core's cache


def keep_supported(image: Array, mask: Array, matte: Array) -> None:
    """``matte = mask + s (matte - mask)``, in place, s how far the colours bear the change out.

    ``t = sum c d . e / sum c^2 d . d`` over the windows, c the change ``matte - mask``, d the difference
    ``F - B`` of the sides' colours, and ``e = I - B - mask d`` what the mask leaves unexplained of the
    photo: the least squares of ``e = t c d``. Where the matte is right, t is 1. Where texture has moved it,
    or where holes of a few pixels were filled with grey, the mask explains the photo better and t is about 0.
    F and B are means around, of pixels on which the two agree. s rises from 0 to 1 between t = 0.3 and 0.5.
    Where F and B are alike, what looks like an edge is noise: s is multiplied by a share that falls from 1 at
    ``|d|^2 = 0.00375`` to 0 at 0.00125. All is weighed at a long side of 1200 pixels at most.

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
    after = shrink(matte, factor)
    share = borne_out(
        colour, before, after, around=_AROUND, part=_PART, whole=_WHOLE, undecided=_WHOLE, alike=_ALIKE
    )

    def blend(tile: Tile) -> None:
        start, part = mask[tile.core], matte[tile.core]
        part -= start
        part *= enlarge(share, factor, *tile.core)
        part += start

    doubted = cv2.erode(share, np.ones((3, 3), np.uint8)) < _ALL
    map_tiles(blend, tiles(mask.shape, max(1, _TILE // factor) * factor, 0, doubted, factor))


def borne_out(
    colour: Array,
    before: Array,
    after: Array,
    *,
    around: int,
    part: float,
    whole: float,
    undecided: float,
    alike: float = 0,
) -> Array:
    """How far a change of alpha is to be followed, 0-1: s of `keep_supported`, from ``part`` to ``whole``.

    Parameters
    ----------
    colour : (H, W, 3) float32
        As `maskkit.matting.guided.planes` gives it.
    before, after : (H, W) float32 within 0-1
    around : int
        Radius within which the change is weighed, pixels.
    part, whole : float
        t up to which s is 0, and from which it is 1.
    undecided : float
        What t is where next to nothing changes.
    alike : float
        |F - B|^2 up to half of which s is 0, and from 1.5 of which colours count in full; 0: all count.

    Returns
    -------
    (H, W) float32 within 0-1.
    """
    change = after - before
    share = np.full(change.shape, _followed(undecided, part, whole), np.float32)
    near = np.ones((2 * around + 1,) * 2, np.uint8)
    changed = cv2.dilate((change != 0).astype(np.uint8), near).view(bool)

    def weigh(tile: Tile) -> None:
        step = change[tile.around]
        borne, apart = _explained(cv2.split(colour[tile.around]), before[tile.around], after[tile.around])
        t = box(step * borne, around) + _NOISE * np.float32(undecided)
        t /= box(step * step * apart, around) + _NOISE
        followed = _followed(t, part, whole)
        if alike:
            followed *= np.clip(apart / np.float32(alike) - np.float32(0.5), 0, 1)
        share[tile.core] = followed[tile.inner]

    map_tiles(weigh, tiles(share.shape, _WEIGHED, around + max(_REACHES), changed))
    return share


def _followed(t: Array | float, part: float, whole: float) -> Array:
    """``clip((t - part) / (whole - part), 0, 1)``."""
    return np.asarray(np.clip((t - np.float32(part)) / np.float32(whole - part), 0, 1))


def _explained(colour: Sequence[Array], before: Array, after: Array) -> tuple[Array, Array]:
    """``d . e`` and ``d . d`` of `keep_supported` at every pixel."""
    inside, outside = before * _sure(after), (1 - before) * _sure(1 - after)
    borne, apart = np.zeros_like(before), np.zeros_like(before)
    for plane, front, behind in zip(colour, _means(colour, inside), _means(colour, outside), strict=True):
        gap = front - behind
        borne += gap * (plane - behind - before * gap)
        apart += gap * gap
    return borne, apart


def _sure(alpha: Array) -> Array:
    """``alpha^8``: a pixel at 0.75 counts a tenth of one at 1."""
    fourth = np.square(np.square(alpha))
    return fourth * fourth


def _means(colour: Sequence[Array], weight: Array) -> list[Array]:
    """The weighted mean around every pixel, over the nearest that have any weight; its own where none has."""
    *sums, total = cv2.split(_spread(cv2.merge([*(plane * weight for plane in colour), weight])))
    total += _NONE
    return [(one + _NONE * plane) / total for one, plane in zip(sums, colour, strict=True)]


def _spread(planes: Array) -> Array:
    """The sum of the means over windows of every reach, each wider one at a hundredth of the one before.

    Of four planes that lie abreast OpenCV takes the means in half the time of four apart.
    """
    total = box(planes, _REACHES[0])
    for step, radius in enumerate(_REACHES[1:], 1):
        cv2.scaleAdd(box(planes, radius), _FURTHER**step, total, total)
    return total
