"""The five PNG row filters, a band of rows at a time: ``residual = row - prediction (mod 256)``.

References
----------
W3C Portable Network Graphics (PNG) Specification, Third Edition, section 9.
"""

from __future__ import annotations

import numpy as np

from maskkit.kernels import native
from maskkit.pixels import Array

__all__ = ["AVERAGE", "FILTERS", "NONE", "PAETH", "SUB", "UP", "filtered"]

NONE, SUB, UP, AVERAGE, PAETH = FILTERS = range(5)


def filtered(kind: int, rows: Array, above: Array, step: int) -> Array:
    """The filter's number and the residual of every row: ``(n, 1 + bytes)`` uint8.

    ``rows`` and the rows ``above`` them are ``(n, bytes)`` uint8; ``step`` is the bytes of one pixel.

    >>> filtered(SUB, np.array([[1, 4, 6]], np.uint8), np.zeros((1, 3), np.uint8), 1).tolist()
    [[1, 1, 3, 2]]
    """
    out = np.empty((rows.shape[0], rows.shape[1] + 1), np.uint8)
    if compiled := native.whole("png_filter"):
        compiled(rows, above, out, kind, step)
        return out
    out[:, 0] = kind
    residual = out[:, 1:]
    left, corner = rows[:, :-step], above[:, :-step]
    # The first pixel of a row has 0 to its left and at its corner.
    first, rest = slice(0, step), slice(step, None)
    if kind == NONE:
        residual[...] = rows
    elif kind == UP:
        np.subtract(rows, above, out=residual)
    elif kind == SUB:
        residual[:, first] = rows[:, first]
        np.subtract(rows[:, rest], left, out=residual[:, rest])
    elif kind == AVERAGE:
        np.subtract(rows[:, first], above[:, first] >> 1, out=residual[:, first])
        np.subtract(rows[:, rest], _mean(left, above[:, rest]), out=residual[:, rest])
    else:
        np.subtract(rows[:, first], above[:, first], out=residual[:, first])
        np.subtract(rows[:, rest], _paeth(left, above[:, rest], corner), out=residual[:, rest])
    return out


def _mean(a: Array, b: Array) -> Array:
    """``(a + b) // 2`` without leaving 8 bits."""
    half = np.bitwise_xor(a, b)
    np.right_shift(half, 1, out=half)
    half += a & b
    return half


def _paeth(left: Array, above: Array, corner: Array) -> Array:
    """Whichever of the three is nearest to ``left + above - corner``; the first of equals."""
    a, b, c = (part.astype(np.int16) for part in (left, above, corner))
    to_left, to_above = b - c, a - c
    to_corner = np.abs(to_left + to_above)
    np.abs(to_left, out=to_left)
    np.abs(to_above, out=to_above)
    best = np.where(to_above <= to_corner, above, corner)
    return np.where(to_left <= np.minimum(to_above, to_corner), left, best)
