"""How an array lies in memory: what NumPy takes in its stride and compiled code does not."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "overlaps_itself", "regular", "settled"]

Array = NDArray[Any]


def regular(array: Array) -> Array:
    """The array as compiled code takes it: aligned, in C order, with the strides that go with that.

    The array itself where it is so. A side of length 1 has any stride to NumPy, and not to OpenCV: that needs
    a view. All else needs a copy.

    >>> regular(np.zeros((2, 3), np.uint8)[:1][::-1]).strides
    (3, 1)
    """
    if not (array.flags.c_contiguous and array.flags.aligned):
        return np.array(array, order="C")
    step, strides = array.itemsize, []
    for side in array.shape[::-1]:
        strides.append(step)
        step *= side
    return array if array.strides == tuple(strides[::-1]) else array.reshape(-1).reshape(array.shape)


def settled(array: Array) -> Array:
    """The array without what NumPy alone understands: a copy if misaligned or folded over itself.

    Repeated rows or columns (steps of 0) and reversed ones stay; where they matter they are copied by bands.
    A single column of repeated rows is copied: OpenCV takes its step for that of a packed one and reads on.

    >>> settled(np.broadcast_to(np.uint8(7), (3, 1))).strides
    (1, 1)
    """
    column = array.ndim > 1 and array.shape[1] == 1 and array.strides[0] == 0
    if column or not array.flags.aligned or overlaps_itself(array, repeats=False):
        return np.array(array, order="C")
    return regular(array) if array.flags.c_contiguous else array


def overlaps_itself(array: Array, *, repeats: bool = True) -> bool:
    """Whether steps along the axes, smallest first, may lead to a value that is there already."""
    if array.flags.c_contiguous:
        return False
    extent = array.itemsize
    for step, side in sorted(
        (abs(step), side) for step, side in zip(array.strides, array.shape, strict=True)
    ):
        if side > 1 and (step or repeats):
            if step < extent:
                return True
            extent += step * (side - 1)
    return False
