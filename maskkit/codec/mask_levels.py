"""Levels of a mask that do not fill their dtype: 0 and 1, numbers of classes, 8 bits in a file of 16."""

from __future__ import annotations

import math

import numpy as np

from maskkit.checks import check_choice, check_whole, is_finite
from maskkit.errors import PixelError
from maskkit.hearing import warn
from maskkit.pixels import Array, max_value

__all__ = ["LABELS", "Levels", "check_levels", "full_range", "warn_if_dim"]

Levels = str | tuple[float, float]
"""``"auto"``, or what is black and what is white."""

LABELS = "mask_class=N (class_number= of read_mask) takes one class of a label map"
"""What to do with a map of class numbers."""

_DIM = 8  # a mask whose highest level is less than this part of white is hardly meant so
_NAMED = 12  # classes that an error lists


def check_levels(levels: Levels, name: str = "levels") -> Levels:
    """Return ``levels`` if it is "auto" or two different numbers.

    >>> check_levels((0, 1))
    (0.0, 1.0)
    """
    if isinstance(levels, str):
        check_choice(levels, name, ("auto",))
        return levels
    try:
        low, high = levels
    except (TypeError, ValueError):
        low = high = math.nan
    if not (is_finite(low) and is_finite(high) and low != high):
        raise PixelError(f"{name}: need 'auto' or two different numbers (black, white), got {levels!r}")
    return float(low), float(high)


def full_range(
    mask: Array, levels: Levels | None = None, number: int | None = None, name: str = "class_number"
) -> Array:
    """``out = max clip((mask - low) / (high - low), 0, 1)``, or white where the mask is a class's number.

    "auto" takes the lowest and the highest level that there are; a mask of one level counts from 0.

    >>> full_range(np.array([[0, 1]], np.uint8), "auto").tolist()
    [[0, 255]]
    >>> full_range(np.array([[0, 7, 9]], np.uint8), number=7).tolist()
    [[0, 255, 0]]
    """
    if number is not None:
        return _of_class(mask, check_whole(number, name, least=0), name)
    if levels is None or mask.dtype == np.bool_:
        return mask
    levels = check_levels(levels)
    low, high = _ends(mask) if isinstance(levels, str) else levels
    if low == high:
        return mask
    share = ((mask.astype(np.float64) - low) / (high - low)).clip(0, 1)
    if mask.dtype.kind == "f":
        return np.asarray(share.astype(mask.dtype))
    return np.asarray(np.floor(share * max_value(mask.dtype) + 0.5).astype(mask.dtype))


def _ends(mask: Array) -> tuple[float, float]:
    low, high = float(mask.min()), float(mask.max())
    return (0.0 if low == high else low), high


def _of_class(mask: Array, number: int, name: str) -> Array:
    if mask.dtype.kind == "f":
        raise PixelError(f"{name}: need a mask of whole numbers, got {mask.dtype}")
    found = mask == number
    if not found.any():
        there = np.unique(mask)
        more = ", ..." if len(there) > _NAMED else ""
        listed = ", ".join(map(str, there[:_NAMED])) + more
        raise PixelError(f"{name}: the mask has no {number}; it has {listed}")
    return np.where(found, np.uint8(255), np.uint8(0))


def warn_if_dim(mask: Array, stacklevel: int = 2) -> None:
    """Warn of a mask that keeps next to nothing because its levels are numbers rather than shades."""
    if mask.dtype.kind != "u":
        return
    high, top = int(mask.max()), max_value(mask.dtype)
    if 0 < high * _DIM < top:
        warn(
            f"the mask's highest level is {high} of {top}, so next to nothing is kept; "
            "mask_levels='auto' (levels= of read_mask) brings it to white, "
            f"{LABELS}",
            stacklevel=stacklevel + 1,
        )
