"""A picture at another size, in memory bounded by the pixels of both."""

from __future__ import annotations

import numpy as np

from maskkit.kernels.bands import BAND_PIXELS, map_bands
from maskkit.kernels.convert import convert
from maskkit.layout import regular
from maskkit.pixels import Array, max_value

__all__ = ["enlarge", "resample", "resample_part", "shrink", "shrink_as", "touched"]

Box = tuple[slice, slice]

# Where a side is so many times shorter than a block, the block is not filled up with repeated pixels.
_SHORT = 4
_CUBIC = -0.75  # the slope that OpenCV's bicubic interpolation has


def resample(array: Array, size: tuple[int, int], *, cubic: bool = False, clip: bool = True) -> Array:
    """The picture at ``size = (width, height)``: means along an axis that shrinks, else interpolated.

    Each axis for itself: OpenCV's own area average becomes plain interpolation where one of the two grows.
    Bicubic interpolation leaves the range beside an edge; floats are clipped to it unless ``clip`` is False.

    >>> resample(np.array([[0, 255, 0, 255]], np.uint8), (2, 2)).tolist()
    [[128, 128], [128, 128]]
    """
    import cv2

    if array.dtype == np.bool_:
        return convert(resample(convert(array, np.uint8), size, cubic=cubic), np.bool_)
    array = _smaller(array, size)
    if size != (array.shape[1], array.shape[0]):
        array = cv2.resize(array, size, interpolation=cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR)
    if cubic and clip and array.dtype.kind == "f":  # integers are clipped by OpenCV
        array = array.clip(0, max_value(array.dtype))
    return array


def resample_part(array: Array, size: tuple[int, int], part: Box) -> Array:
    """The part ``[rows, columns]`` of a float picture at ``size``, bicubic; the rest of it is never made.

    Not clipped: values may leave 0 to 1 beside an edge.

    >>> part = resample_part(np.array([[0.0, 1.0]]), (40_000, 20_000), (slice(0, 1), slice(0, 2)))
    >>> part.clip(0, 1).tolist()
    [[0.0, 0.0]]
    """
    array = _smaller(array, size)
    # first the axis of which least is left, so that nothing between is larger than the picture and its part
    for axis in sorted((0, 1), key=lambda axis: (part[axis].stop - part[axis].start) / array.shape[axis]):
        array = _interpolated(array, size[1 - axis], part[axis], axis)
    return array


def _smaller(array: Array, size: tuple[int, int]) -> Array:
    import cv2

    smaller = min(size[0], array.shape[1]), min(size[1], array.shape[0])
    if smaller == (array.shape[1], array.shape[0]):
        return array
    return cv2.resize(array, smaller, interpolation=cv2.INTER_AREA)


def _interpolated(array: Array, length: int, span: slice, axis: int) -> Array:
    """Positions ``span`` of an axis brought to ``length``: Keys' cubic convolution over four pixels."""
    where = (np.arange(span.start, span.stop) + 0.5) * array.shape[axis] / length - 0.5
    first = np.floor(where).astype(np.intp)
    out = np.zeros((), array.dtype)
    for tap in range(-1, 3):
        weight = _keys(np.abs(where - first - tap)).astype(array.dtype)
        out = out + _along(axis, array.ndim, weight) * array.take(
            (first + tap).clip(0, array.shape[axis] - 1), axis
        )
    return out


def _keys(x: Array) -> Array:
    near = ((_CUBIC + 2) * x - (_CUBIC + 3)) * x * x + 1
    far = ((_CUBIC * x - 5 * _CUBIC) * x + 8 * _CUBIC) * x - 4 * _CUBIC
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))


def enlarge(small: Array, factor: int, rows: slice, columns: slice) -> Array:
    """The part ``[rows, columns]`` of ``small`` enlarged ``factor`` times (bilinear); starts divide by it."""
    import cv2

    spans = rows, columns
    cells = [_cells(span, factor, side) for span, side in zip(spans, small.shape, strict=False)]
    grid = touched(small, factor, rows, columns)
    grid = grid[np.ix_(*(side - side[0] for side in cells))]
    inner, scales = [], []
    for axis, span in enumerate(spans):
        length = span.stop - span.start
        short = factor > _SHORT * length
        grid = _between(grid, factor, length, axis) if short else grid
        inner.append(slice(0, length) if short else slice(factor, factor + length))
        scales.append(1 if short else factor)
    large = cv2.resize(grid, None, fx=scales[1], fy=scales[0], interpolation=cv2.INTER_LINEAR)
    return large[inner[0], inner[1]]


def touched(small: Array, factor: int, rows: slice, columns: slice) -> Array:
    """The cells of ``small`` that decide what `enlarge` gives."""
    down, across = (
        _cells(span, factor, side) for span, side in zip((rows, columns), small.shape, strict=False)
    )
    return small[down[0] : down[-1] + 1, across[0] : across[-1] + 1]


def _cells(span: slice, factor: int, side: int) -> Array:
    """The cells that a span touches, and one more on either end; cells outside repeat the outermost."""
    return np.arange(span.start // factor - 1, -(-span.stop // factor) + 1).clip(0, side - 1)


def _between(grid: Array, factor: int, length: int, axis: int) -> Array:
    """Bilinear values at the first ``length`` places of the second cell, which is ``factor`` places long."""
    where = (np.arange(length) + 0.5) / factor + 0.5  # in cells from the centre of the first
    first = np.minimum(where.astype(np.intp), grid.shape[axis] - 2)
    share = _along(axis, grid.ndim, (where - first).astype(np.float32))
    low, high = grid.take(first, axis), grid.take(first + 1, axis)
    mixed: Array = low + (high - low) * share
    return mixed


def _along(axis: int, ndim: int, values: Array) -> Array:
    """``values`` shaped so that they vary along one axis alone."""
    return values.reshape([-1 if side == axis else 1 for side in range(ndim)])


def shrink(array: Array, factor: int) -> Array:
    """The mean of ``factor`` x ``factor`` blocks, the last row and column repeated to whole blocks."""
    if array.dtype == np.bool_:
        array = convert(array, np.float32)
    dtype, blocks = array.dtype, [factor, factor]
    for axis in (0, 1):
        if factor > _SHORT * array.shape[axis]:
            array, blocks[axis] = _mean_of_block(array, factor, axis), 1
    height, width = array.shape[:2]
    small = np.empty((-(-height // blocks[0]), -(-width // blocks[1]), *array.shape[2:]), array.dtype)
    for rows in _parts(height, blocks[0]):
        for columns in _parts(width, blocks[1]):
            part = _coarser(rows, blocks[0]), _coarser(columns, blocks[1])
            small[part] = _means(array[rows, columns], *blocks)
    return small if small.dtype == dtype else np.rint(small).astype(dtype)


def shrink_as(array: Array, factor: int, dtype: type[np.generic]) -> Array:
    """`shrink` of the array in another dtype, in which the whole of it never is.

    >>> shrink_as(np.eye(4, dtype=bool), 2, np.float32).tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    height, width = (-(-side // factor) for side in array.shape[:2])
    small = np.empty((height, width, *array.shape[2:]), dtype)

    def band(number: Array, piece: Array) -> None:
        top = factor * int(number[0, 0])
        piece[...] = shrink(convert(array[top : top + factor * len(piece)], dtype), factor)

    rows = max(1, BAND_PIXELS // (factor * array.shape[1]))
    map_bands(band, np.arange(height)[:, None], small, rows=rows)
    return small


def _parts(length: int, block: int) -> list[slice]:
    """The whole blocks of an axis, and what is left of it."""
    whole = length // block * block
    return [part for part in (slice(0, whole), slice(whole, length)) if part.start < part.stop]


def _coarser(part: slice, block: int) -> slice:
    return slice(part.start // block, -(-part.stop // block))


def _means(array: Array, rows: int, columns: int) -> Array:
    """The means of blocks of rows x columns, the last row and column repeated to whole blocks."""
    import cv2

    down, across = -array.shape[0] % rows, -array.shape[1] % columns
    if down or across:
        array = cv2.copyMakeBorder(array, 0, down, 0, across, cv2.BORDER_REPLICATE)
    size = array.shape[1] // columns, array.shape[0] // rows
    means = cv2.resize(_by_rows(array), size, interpolation=cv2.INTER_AREA)
    return means.reshape(*size[::-1], *array.shape[2:])  # OpenCV drops a last axis of 1


def _by_rows(array: Array) -> Array:
    """The array as OpenCV takes it: pixels packed in each row, rows at any distance onwards."""
    item = array.itemsize * (array.shape[2] if array.ndim == 3 else 1)
    packed = array.strides[1:] == (item, array.itemsize)[: array.ndim - 1]
    onwards = min(array.shape[:2]) > 1 and array.strides[0] >= item * array.shape[1]
    return array if packed and onwards and array.flags.aligned else regular(array)


def _mean_of_block(array: Array, factor: int, axis: int) -> Array:
    """The mean along an axis shorter than ``factor``, its last row or column repeated up to that."""
    weights = np.ones(array.shape[axis])
    weights[-1] += factor - len(weights)
    mean: Array = np.average(array, axis, weights)
    kept = array.dtype if array.dtype.kind == "f" else np.float32
    whole: Array = np.expand_dims(mean, axis)
    return whole.astype(kept)
