"""Between a picture and a grid that is a whole number of times coarser."""

from __future__ import annotations

import numpy as np

from maskkit.pixels import Array

__all__ = ["enlarge", "shrink"]


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

    height, width = array.shape[:2]
    if height % factor or width % factor:
        array = cv2.copyMakeBorder(array, 0, -height % factor, 0, -width % factor, cv2.BORDER_REPLICATE)
    return cv2.resize(
        array, (array.shape[1] // factor, array.shape[0] // factor), interpolation=cv2.INTER_AREA
    )
