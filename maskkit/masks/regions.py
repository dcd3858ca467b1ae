"""Regions: trimap, largest components, holes, bounding box."""

from __future__ import annotations

import numpy as np

from maskkit.checks import check_amount, check_unit, check_whole
from maskkit.codec.inputs import MaskInput, to_mask
from maskkit.errors import PixelError
from maskkit.kernels import erode_disc
from maskkit.pixels import Array, max_value

__all__ = ["bounding_box", "fill_holes", "keep_largest", "trimap"]


def trimap(mask: MaskInput, band: float, low: float = 0.02, high: float = 0.98) -> Array:
    """255 surely inside, 0 surely outside, 128 unknown: ``shrink(mask >= high, band)`` and its dual.

    Parameters
    ----------
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
    band : float
        Pixels that the unknown reaches beyond the soft part, to either side; 0 or more.
    low, high : float
        0 to 1; what is above ``low`` and below ``high`` is soft, hence unknown.

    Returns
    -------
    (H, W) uint8 array of 0, 128 and 255.

    Raises
    ------
    PixelError
        If ``mask`` is not a mask or an option is out of range.

    Examples
    --------
    >>> trimap(np.array([[0, 0, 0, 0, 255, 255, 255, 255]], np.uint8), 1).tolist()
    [[0, 0, 0, 128, 128, 255, 255, 255]]
    """
    mask = to_mask(mask)
    check_amount(band, "band")
    check_unit(low, "low")
    check_unit(high, "high")
    if not low < high:
        raise PixelError(f"low: need less than high, got low={low}, high={high}")
    top = max_value(mask.dtype)
    inside = ((mask >= high * top) * np.uint8(255)).astype(np.uint8)
    outside = ((mask <= low * top) * np.uint8(255)).astype(np.uint8)
    result = np.full(mask.shape, 128, np.uint8)
    result[(erode_disc(inside, band) if band else inside) == 255] = 255
    result[(erode_disc(outside, band) if band else outside) == 255] = 0
    return result


def keep_largest(mask: MaskInput, n: int = 1, level: float = 0.05) -> Array:
    """The ``n`` components with the largest sum of alpha stay; all others become 0.

    A component is an 8-connected set of pixels above ``level``. Fainter pixels go with the component that
    is nearest, so soft edges stay whole.

    Parameters
    ----------
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
    n : int
        How many to keep, 1 or more.
    level : float
        0 to 1.

    Returns
    -------
    (H, W) array of the mask's dtype.

    Raises
    ------
    PixelError
        If ``mask`` is not a mask or an option is out of range.

    Examples
    --------
    >>> keep_largest(np.array([[9, 255, 255, 9, 0, 0, 0, 255, 9]], np.uint8)).tolist()
    [[9, 255, 255, 9, 0, 0, 0, 0, 0]]
    """
    import cv2

    mask = to_mask(mask)
    check_unit(level, "level")
    check_whole(n, "n")
    above = mask > level * max_value(mask.dtype)
    count, labels = cv2.connectedComponents(above.view(np.uint8), connectivity=8)
    if count - 1 <= n:
        return mask.copy()
    weight = np.bincount(labels.ravel(), weights=mask.ravel(), minlength=count)
    weight[0] = -1
    kept = np.zeros(count, bool)
    kept[np.argsort(-weight, kind="stable")[:n]] = True
    return mask * _nearest(kept[labels] & above, above & ~kept[labels])


def fill_holes(mask: MaskInput, max_area: int | None = None, level: float = 0.5) -> Array:
    """Holes become max: 4-connected sets of pixels below ``level`` that do not touch the frame.

    The soft rim of a hole, up to 3 pixels wide, is filled with it.

    Parameters
    ----------
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
    max_area : int, optional
        Fill only holes of at most so many pixels.
    level : float
        0 to 1.

    Returns
    -------
    (H, W) array of the mask's dtype.

    Raises
    ------
    PixelError
        If ``mask`` is not a mask or an option is out of range.

    Examples
    --------
    >>> ring = np.full((5, 5), 255, np.uint8); ring[2, 2] = 0; ring[0, 0] = 0
    >>> filled = fill_holes(ring); filled[2, 2], filled[0, 0]
    (np.uint8(255), np.uint8(0))
    """
    import cv2

    mask = to_mask(mask)
    check_unit(level, "level")
    if max_area is not None:
        check_whole(max_area, "max_area")
    below = mask < level * max_value(mask.dtype)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(below.view(np.uint8), connectivity=4)
    hole = np.ones(count, bool)
    hole[0] = False  # what is not below the level
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        hole[edge] = False
    if max_area is not None:
        hole &= stats[:, cv2.CC_STAT_AREA] <= max_area
    result = mask.copy()
    if hole.any():
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
        region = hole[labels]
        rim = cv2.dilate(region.view(np.uint8), disc).view(bool) & ~below
        result[region | rim] = max_value(mask.dtype)
    return result


def bounding_box(mask: MaskInput, level: float = 0.0) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) of the pixels above ``level``, right and bottom exclusive; None if none is.

    Parameters
    ----------
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
    level : float
        0 to 1.

    Returns
    -------
    A tuple as `PIL.Image.Image.crop` takes it, or None.

    Raises
    ------
    PixelError
        If ``mask`` is not a mask or ``level`` is outside 0 to 1.

    Examples
    --------
    >>> bounding_box(np.array([[0, 0, 0], [0, 9, 9]], np.uint8))
    (1, 1, 3, 2)
    """
    mask = to_mask(mask)
    check_unit(level, "level")
    above = mask > level * max_value(mask.dtype)
    rows, columns = np.flatnonzero(above.any(axis=1)), np.flatnonzero(above.any(axis=0))
    if not rows.size:
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _nearest(kept: Array, dropped: Array) -> Array:
    """Where the nearest pixel of ``kept`` is at most as far as the nearest one of ``dropped``."""
    import cv2

    to_kept, to_dropped = (
        cv2.distanceTransform((~region).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        for region in (kept, dropped)
    )
    nearest: Array = to_kept <= to_dropped
    return nearest
