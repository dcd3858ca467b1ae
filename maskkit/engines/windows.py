"""Planes that cover one part of a picture, seen over another part and at another size."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.pixels import Array

__all__ = ["Window", "extent", "over", "relative", "scaled", "whole"]

Window = tuple[slice, slice]  # rows and columns of the picture, in its own pixels


def whole(shape: tuple[int, ...]) -> Window:
    """All of a picture of this shape."""
    return slice(0, shape[0]), slice(0, shape[1])


def extent(window: Window) -> tuple[int, int]:
    """How many rows and columns a window has."""
    return window[0].stop - window[0].start, window[1].stop - window[1].start


def scaled(window: Window, shape: tuple[int, ...], other: tuple[int, ...]) -> Window:
    """The window of a picture of ``shape``, in the pixels of one of ``other``: every one that it touches.

    >>> scaled((slice(1, 2), slice(0, 4)), (4, 4), (10, 10))
    (slice(2, 5, None), slice(0, 10, None))
    """
    rows, columns = (
        slice(part.start * m // n, -(-part.stop * m // n))
        for part, n, m in zip(window, shape, other, strict=False)
    )
    return rows, columns


def relative(window: Window, origin: Window) -> Window:
    """A window in the pixels of another one that holds it."""
    rows, columns = (slice(a.start - b.start, a.stop - b.start) for a, b in zip(window, origin, strict=True))
    return rows, columns


def over(plane: Array, covers: Window, window: Window, size: tuple[int, int]) -> Array:
    """``plane``, which covers one window, as ``size`` pixels over another; 0 a pixel beyond its end.

    >>> over(np.ones((2, 2), np.float32), (slice(0, 4), slice(0, 4)), (slice(0, 4), slice(2, 10)), (2, 4))
    array([[1., 1., 0., 0.],
           [1., 1., 0., 0.]], dtype=float32)
    """
    steps, starts = [], []
    for covered, seen, have, want in zip(covers, window, plane.shape, size, strict=True):
        density = have / (covered.stop - covered.start)
        steps.append((seen.stop - seen.start) / want * density)
        starts.append((seen.start - covered.start) * density + steps[-1] / 2 - 0.5)
    to_plane = np.array([[steps[1], 0, starts[1]], [0, steps[0], starts[0]]])
    # A pixel more all round, so that the picture's own border is not mixed with what lies beyond.
    padded = cv2.copyMakeBorder(np.asarray(plane, np.float32), 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    to_plane[:, 2] += 1
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(padded, to_plane, (size[1], size[0]), flags=flags, borderValue=0)
