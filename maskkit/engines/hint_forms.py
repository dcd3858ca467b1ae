"""What a hint may be: boxes, points and strokes, checked here alone and brought to the reduced picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from maskkit.checks import is_finite
from maskkit.codec.inputs import to_mask
from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array, check_same_size

__all__ = ["Box", "Point", "box_slices", "boxes", "shrunk", "spot", "strokes"]

Box = tuple[float, float, float, float]
Point = tuple[float, float]
_SPOT = 0.008  # of the long side: how much around a point is as sure as the point


def boxes(given: Box | Sequence[Box]) -> list[Box]:
    """One box (left, top, right, bottom) or several, as a list.

    >>> boxes((1, 2, 3, 4)), boxes([(1, 2, 3, 4), (5, 6, 7, 8)])
    ([(1, 2, 3, 4)], [(1, 2, 3, 4), (5, 6, 7, 8)])
    """
    try:
        several: Any = [given] if np.ndim(given[0]) == 0 else given
        found = [(left, top, right, bottom) for left, top, right, bottom in several]
    except (TypeError, ValueError, LookupError):
        found = []
    if not found:
        raise PixelError(f"box: need (left, top, right, bottom) or a list of them, got {given!r}")
    return found


def box_slices(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and the columns of every pixel that the box touches.

    >>> box_slices((1.5, 0, 4, 2.5), (3, 5))
    (slice(0, 3, None), slice(1, 4, None))
    """
    (left, top, right, bottom), (height, width) = box, shape[:2]
    if not (all(map(is_finite, box)) and 0 <= left < right <= width and 0 <= top < bottom <= height):
        raise PixelError(
            f"box: need 0 <= left < right <= {width} and 0 <= top < bottom <= {height}, "
            f"got ({left}, {top}, {right}, {bottom})"
        )
    return slice(int(top), int(np.ceil(bottom))), slice(int(left), int(np.ceil(right)))


def spot(point: Point, shape: tuple[int, ...], small: tuple[int, ...], name: str) -> Array:
    """A point of a picture of ``shape`` as a stroke on the reduced one: a disc, bool of shape ``small``."""
    (x, y), (height, width) = point, shape[:2]
    if not (is_finite(x) and is_finite(y) and 0 <= x < width and 0 <= y < height):
        raise PixelError(f"{name}: need 0 <= x < {width} and 0 <= y < {height}, got ({x}, {y})")
    rows, columns = np.ogrid[: small[0], : small[1]]
    away = (rows - int(y * small[0] / height)) ** 2 + (columns - int(x * small[1] / width)) ** 2
    return np.asarray(away <= max(1.0, _SPOT * max(small)) ** 2)


def strokes(keep: Any, drop: Any, image: Array) -> list[tuple[str, Array]]:
    """The painted strokes, ("keep" or "drop", bool (H, W)), each only where it is given.

    >>> paper = np.zeros((2, 2), np.uint8)
    >>> strokes(paper, None, np.zeros((2, 2, 3), np.uint8))
    Traceback (most recent call last):
    maskkit.errors.PixelError: keep_mask: need at least one painted pixel (half of white or more), got none
    """
    given = [("keep", keep), ("drop", drop)]
    found = [(name, _painted(mask, f"{name}_mask", image)) for name, mask in given if mask is not None]
    if not found:
        raise PixelError("keep_mask, drop_mask: need one of them or both, got none")
    if len(found) > 1 and np.any(both := found[0][1] & found[1][1]):
        row, column = np.argwhere(both)[0]
        raise PixelError(f"drop_mask: need strokes apart from keep_mask's, got both at ({column}, {row})")
    return found


def _painted(mask: Any, name: str, image: Array) -> Array:
    mask = to_mask(mask, name)
    check_same_size(mask, image, name)
    painted = convert(mask, np.bool_)
    if not painted.any():
        raise PixelError(f"{name}: need at least one painted pixel (half of white or more), got none")
    return painted


def shrunk(painted: Array, shape: tuple[int, ...]) -> Array:
    """A stroke on the reduced picture: every pixel of which some part is painted."""
    if painted.shape == shape[:2]:
        return painted
    size = (shape[1], shape[0])
    return np.asarray(cv2.resize(painted.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0)
