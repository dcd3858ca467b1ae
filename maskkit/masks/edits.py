"""The usual edits of a mask in their usual order, as options of one call."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np

from maskkit.checks import check_amount, check_unit
from maskkit.codec.inputs import MaskInput, to_mask
from maskkit.kernels import convert
from maskkit.masks.edge import feather as feather_mask
from maskkit.masks.edge import grow as grow_mask
from maskkit.masks.edge import shrink
from maskkit.masks.edge import smooth as smooth_mask
from maskkit.masks.tone import threshold as threshold_mask
from maskkit.pixels import Array

__all__ = ["adjust"]

Edge = Literal["both", "inside", "outside"]


def adjust(
    mask: MaskInput,
    *,
    threshold: float | None = None,
    smooth: float = 0.0,
    grow: float = 0.0,
    feather: float = 0.0,
    feather_edge: Edge = "both",
) -> Array:
    """``feather(grow(smooth(threshold(mask))))``; an option left at its default does nothing.

    Parameters
    ----------
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
        A bool mask becomes uint8, so that it can hold a soft edge.
    threshold : float, optional
        0 to 1: the level at which the mask becomes hard.
    smooth : float
        Pixels: how much the outline is rounded, see `smooth`.
    grow : float
        Pixels; a negative amount shrinks.
    feather : float
        The Gaussian's standard deviation in pixels.
    feather_edge : str
        "both", "inside" or "outside": the side of the edge that becomes soft, see `feather`.

    Returns
    -------
    (H, W) array of the mask's dtype; ``mask`` itself where nothing is asked for.

    Raises
    ------
    PixelError
        If ``mask`` is not a mask or an option is out of range.

    Examples
    --------
    >>> adjust(np.array([[0, 100, 200, 255, 255]], np.uint8), threshold=0.5, grow=-1).tolist()
    [[0, 0, 0, 255, 255]]
    """
    mask = to_mask(mask)
    check_amount(grow, "grow", least=-math.inf)
    check_amount(feather, "feather")
    if mask.dtype == np.bool_:
        mask = convert(mask, np.uint8)
    if threshold is not None:
        check_unit(threshold, "threshold")
        mask = threshold_mask(mask, threshold)
    check_amount(smooth, "smooth")
    if smooth:
        mask = smooth_mask(mask, smooth)
    if grow:
        mask = grow_mask(mask, grow) if grow > 0 else shrink(mask, -grow)
    return mask if feather == 0 else feather_mask(mask, feather, feather_edge)
