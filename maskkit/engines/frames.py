"""What was put around a picture: frames, letterbox bars, black corners; they are never the subject."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from maskkit.kernels import convert
from maskkit.kernels.median import median
from maskkit.pixels import Array, split_alpha

__all__ = ["inside"]

_FRAME = 0.12  # of the short side: a frame is no wider
_BAR = 0.3  # of the height or width: a bar is no wider
_DARK = 40  # of 255: letterbox bars, after a lossy codec
_LIKE = 20  # of 255: how far the pixels of a line of one colour may stray
_STEP = 24  # of 255: how far the picture differs from what is around it
_SOFT = 2  # pixels that a codec or a resize blends with the frame


def inside(image: Array) -> tuple[slice, slice]:
    """The rows and columns of the picture itself, without the frame or the bars around it.

    A frame runs along all four sides in one dark or white colour; bars run along two opposite sides, dark
    and about equally wide. Both end in a step along most of their length: a plain backdrop does not.

    >>> photo = np.random.default_rng(0).integers(60, 200, (40, 60, 3), np.uint8)
    >>> photo[:6] = photo[-6:] = 0
    >>> inside(photo)
    (slice(8, 32, None), slice(0, 60, None))
    """
    rows, columns = slice(0, image.shape[0]), slice(0, image.shape[1])
    for _ in range(3):  # a framed picture may be letterboxed, and the other way round
        top, bottom, left, right = _around(image[rows, columns])
        if not (top or bottom or left or right):
            break
        rows = slice(rows.start + top, rows.stop - bottom)
        columns = slice(columns.start + left, columns.stop - right)
    return rows, columns


@dataclass(frozen=True, eq=False)
class _Side:
    """The lines from one side inwards: how many have one colour, which, and how far each pixel is from it."""

    width: int
    colour: Array
    off: Array

    def step(self, width: int) -> float:
        """The share of the side's length where the picture differs from the colour ``width`` lines in."""
        beyond = self.off[width : width + _SOFT + 1]  # the first may be a blend of both
        return float(np.mean(beyond.max(axis=0) > _STEP)) if len(beyond) else 0.0


def _around(image: Array) -> tuple[int, int, int, int]:
    """How many lines do not belong to the picture: top, bottom, left, right."""
    if min(image.shape[:2]) < 16:
        return 0, 0, 0, 0
    sides = [_side(image, way) for way in range(4)]
    widths = [side.width for side in sides]
    thin = min(widths)
    alike = float(np.ptp([side.colour for side in sides], axis=0).max()) < _LIKE
    narrow = 0 < thin <= max(2, _FRAME * min(image.shape[:2]))
    # A side that is dark itself shows no step to a dark frame; the four together do.
    if narrow and alike and np.mean([side.step(thin) for side in sides]) > 0.5:
        return _with_edge([thin] * 4)
    for pair in ((0, 1), (2, 3)):
        dark = max(sides[k].colour.max() for k in pair) < _DARK
        one, other = sorted(widths[k] for k in pair)
        if (
            dark
            and one
            and other - one <= max(2, 0.2 * other)
            and min(sides[k].step(widths[k]) for k in pair) > 0.5
        ):
            return _with_edge([width if k in pair else 0 for k, width in enumerate(widths)])
    return 0, 0, 0, 0


def _with_edge(widths: list[int]) -> tuple[int, int, int, int]:
    top, bottom, left, right = (width + _SOFT if width else 0 for width in widths)
    return top, bottom, left, right


def _side(image: Array, way: int) -> _Side:
    """The side of that number: top, bottom, left, right."""
    across = image if way < 2 else image.swapaxes(0, 1)
    lines = across if way % 2 == 0 else across[::-1]
    lines = lines[: int(_BAR * len(lines)) + _SOFT + 1, :: max(1, lines.shape[1] // 512)]
    first = _levels(lines[:1])
    colour = median(first[0])
    of_frames = colour.max() < 2 * _DARK or colour.min() > 255 - _DARK
    if not (of_frames and _alike(np.abs(first - colour).max(axis=2))[0]):
        return _Side(0, colour, np.zeros((0, 1)))
    off = np.abs(_levels(lines) - colour).max(axis=2)
    like = _alike(off)
    return _Side(len(like) if like.all() else int(np.argmin(like)), colour, off)


def _levels(lines: Array) -> Array:
    colour, _ = split_alpha(convert(np.ascontiguousarray(lines), np.uint8))
    return colour.astype(np.float32)


def _alike(off: Array) -> Array:
    return np.asarray(np.mean(off < _LIKE, axis=1) > 0.97)
