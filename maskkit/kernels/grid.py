"""Between a picture and one of another size."""

from __future__ import annotations

import numpy as np

from maskkit.kernels.convert import convert
from maskkit.pixels import Array, max_value

__all__ = ["enlarge", "resample", "shrink"]


def resample(array: Array, size: tuple[int, int], *, cubic: bool = False) -> Array:
    """At ``size = (width, height)``: the mean along an axis that shrinks, interpolated along one that grows.

    Each axis for itself: OpenCV's own area average becomes plain interpolation where one of the two grows.

    >>> resample(np.array([[0, 255, 0, 255]], np.uint8), (2, 2)).tolist()
    [[128, 128], [128, 128]]
    """
    import cv2

    if array.dtype == np.bool_:
        return convert(resample(convert(array, np.uint8), size, cubic=cubic), np.bool_)
    smaller = min(size[0], array.shape[1]), min(size[1], array.shape[0])
    if smaller != (array.shape[1], array.shape[0]):
        array = cv2.resize(array, smaller, interpolation=cv2.INTER_AREA)
    if smaller != size:
        array = cv2.resize(array, size, interpolation=cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR)
    if cubic and array.dtype.kind == "f":  # integers are clipped by OpenCV
        array = array.clip(0, max_value(array.dtype))
    return array


def enlarge(small: Array, factor: int, rows: slice, columns: slice) -> Array:
    """The part ``[rows, columns]`` of ``small`` enlarged ``factor`` times (bilinear); starts divide by it."""
    import cv2

    top, left = rows.start // factor, columns.start // factor
    bottom, right = -(-rows.stop // factor), -(-columns.stop // factor)
    ys = np.clip(np.arange(top - 1, bottom + 1), 0, small.shape[0] - 1)
    xs = np.clip(np.arange(left - 1, right + 1), 0, small.shape[1] - 1)
    grid = small[ys[0] : ys[-1] + 1, xs[0] : xs[-1] + 1]
    grid = grid[np.ix_(ys - ys[0], xs - xs[0])]
    large = cv2.resize(grid, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    return large[factor : factor + rows.stop - rows.start, factor : factor + columns.stop - columns.start]


def shrink(array: Array, factor: int) -> Array:
    """The mean of ``factor`` x ``factor`` blocks, the last row and column repeated to whole blocks."""
    import cv2

    if array.dtype == np.bool_:
        array = convert(array, np.float32)
    height, width = array.shape[:2]
    if height % factor or width % factor:
        array = cv2.copyMakeBorder(array, 0, -height % factor, 0, -width % factor, cv2.BORDER_REPLICATE)
    return cv2.resize(
        array, (array.shape[1] // factor, array.shape[0] // factor), interpolation=cv2.INTER_AREA
    )
