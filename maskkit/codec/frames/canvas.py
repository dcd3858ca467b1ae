"""The canvas of an animation: what its frames' parts show, one after the other.

References
----------
W3C PNG Third Edition, 11.3.6 (fcTL); RFC 9649, 2.7.1 (ANMF); GIF89a, 23 (disposal method).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np

from maskkit.codec.frames.frame import Frame
from maskkit.codec.picture import Picture
from maskkit.errors import CodecError
from maskkit.kernels import convert, source_over
from maskkit.kernels.planes import in_channels
from maskkit.pixels import Array, max_value

__all__ = ["Box", "Part", "changed", "composed", "rgba", "shown"]

Box = tuple[int, int, int, int]
"""left, top, right, bottom"""


class Part(NamedTuple):
    """What a file stores of one frame: a rectangle, how it is put down, and what becomes of it after."""

    picture: Picture
    left: int
    top: int
    seconds: Fraction
    over: bool
    after: Literal["keep", "clear", "restore"]


def composed(parts: Iterator[Part], size: tuple[int, int], name: str) -> Iterator[Frame]:
    """The frames that the parts show on a canvas of ``size``, which begins transparent.

    What lies beside the canvas is cut off, as browsers do.
    """
    canvas: Array | None = None
    icc: bytes | None = None
    for part in parts:
        pixels = part.picture.pixels
        if canvas is None:
            canvas, icc = np.zeros((size[1], size[0], 4), pixels.dtype), part.picture.icc
        there = canvas[part.top : part.top + pixels.shape[0], part.left : part.left + pixels.shape[1]]
        if not there.size:
            raise CodecError(f"{name}: a frame at ({part.left}, {part.top}) lies beside the canvas")
        before = there.copy() if part.after == "restore" else None
        _put(pixels[: there.shape[0], : there.shape[1]], there, over=part.over)
        yield Frame(Picture(shown(canvas), icc), part.seconds)
        if part.after != "keep":
            there[...] = 0 if before is None else before


def _put(pixels: Array, there: Array, *, over: bool) -> None:
    if over:
        source_over.over(pixels, there.copy(), None, there)
        return
    there[..., :3] = pixels[..., :3]
    there[..., 3] = pixels[..., 3] if pixels.shape[2] == 4 else max_value(there.dtype)


def shown(canvas: Array) -> Array:
    """A copy of the canvas, without its alpha where all of it is opaque."""
    opaque = canvas[..., 3].min() == max_value(canvas.dtype)
    return np.ascontiguousarray(canvas[..., :3] if opaque else canvas.copy())


def changed(before: Array | None, now: Array, step: int = 1) -> Box:
    """The smallest box of the pixels that differ, its left and top multiples of ``step``.

    >>> import numpy as np
    >>> still = np.zeros((4, 6, 4), np.uint8)
    >>> moved = still.copy()
    >>> moved[1:3, 3] = 9
    >>> changed(None, still), changed(still, moved), changed(still, moved, 2), changed(still, still)
    ((0, 0, 6, 4), (3, 1, 4, 3), (2, 0, 4, 3), (0, 0, 1, 1))
    """
    height, width = now.shape[:2]
    if before is None:
        return 0, 0, width, height
    differs = (before != now).any(axis=2)
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not rows.size:
        return 0, 0, 1, 1
    left, top = int(columns[0]) // step * step, int(rows[0]) // step * step
    return left, top, int(columns[-1]) + 1, int(rows[-1]) + 1


def rgba(pixels: Array, dtype: np.dtype[np.generic] | type[np.generic]) -> Array:
    """Grey, RGB or RGBA as RGBA of ``dtype``."""
    pixels = convert(pixels, dtype)
    return in_channels(np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels, 4)
