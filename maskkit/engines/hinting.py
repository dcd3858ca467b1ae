"""Hints: a box, points to keep and to drop, an earlier mask; a step corrects what it points at; undo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cv2
import numpy as np

from maskkit.checks import is_finite
from maskkit.engines.base import Estimate
from maskkit.engines.box import in_box
from maskkit.engines.edge_colours import settle_edge
from maskkit.engines.grabcut import DROP, KEEP, MAYBE_DROP, MAYBE_KEEP, grabcut
from maskkit.engines.lift import lift
from maskkit.engines.reduced import reduced
from maskkit.engines.weight_free import classical
from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array, check_image, check_mask, check_same_size

__all__ = ["Session", "hints", "points"]

_SIDE = 480
# The share of masks with an IoU of 0.8 or better after so many steps, the first one a box, on 60 photos of
# ECSSD and 6 of GrabCut (tests/benchmarks/segmentation.py).
_TRUST = (0.5, 0.55, 0.61, 0.64, 0.65, 0.66)
_REACH = 0.2  # of the long side: a point says nothing about what is further away
Box = tuple[float, float, float, float]
Point = tuple[float, float]


def hints(
    image: Any,
    *,
    box: Box | Sequence[Box] | None = None,
    keep: Iterable[Point] = (),
    drop: Iterable[Point] = (),
    keep_mask: Any = None,
    drop_mask: Any = None,
    mask: Any = None,
    model: Any = None,
    fetch: bool | None = None,
) -> Estimate:
    """The subject that the hints point at.

    Parameters
    ----------
    image: (H, W, 3) or (H, W, 4), any dtype.
    box: (left, top, right, bottom) in pixels, or a list of boxes, one for each subject; the subject is inside
        and about as large.
    keep, drop: points (x, y) in pixels, on the subject and beside it.
    keep_mask, drop_mask: (H, W), painted strokes on the subject and beside it; 0.5 and more is painted.
    mask: (H, W), an earlier mask to correct. Without it and without a box, an engine begins.
    model: the network that looks at the picture, as in `onnx`; None takes the default one.
    fetch: whether weights that are not there may be fetched; None means unless MASKKIT_OFFLINE is set.

    Raises
    ------
    PixelError: a box that is empty or beyond the picture, a point outside it, a mask or strokes of another
    size, strokes without a painted pixel, a pixel that is painted as both.

    >>> photo = np.full((60, 80, 3), 200, np.uint8)
    >>> photo[20:40, 20:40], photo[20:40, 50:70] = (180, 30, 30), (30, 30, 180)
    >>> found = hints(photo, drop=[(60, 30)])
    >>> bool(found.alpha[30, 30] > 0.9), bool(found.alpha[30, 60] < 0.1)
    (True, True)
    """
    session = Session(image, mask, model=model, fetch=fetch)
    if box is not None:
        session.boxes(boxes(box))
    if keep_mask is not None or drop_mask is not None:
        session.paint(keep_mask, drop_mask)
    for point in points(keep, "keep"):
        session.keep(*point)
    for point in points(drop, "drop"):
        session.drop(*point)
    return session.estimate


def points(given: Iterable[Point], name: str) -> list[Point]:
    """The points as a list of (x, y); ``name`` is for errors.

    >>> points([(3, 4)], "keep")
    [(3, 4)]
    """
    try:
        return [(x, y) for x, y in given]
    except (TypeError, ValueError):
        raise PixelError(f"{name}: need a list of points (x, y), got {given!r}") from None


def boxes(given: Box | Sequence[Box]) -> list[Box]:
    """One box (left, top, right, bottom) or several, as a list.

    >>> boxes((1, 2, 3, 4)), boxes([(1, 2, 3, 4), (5, 6, 7, 8)])
    ([(1, 2, 3, 4)], [(1, 2, 3, 4), (5, 6, 7, 8)])
    """
    try:
        several = [given] if np.isscalar(given[0]) or given[0] is None else given
        return [(left, top, right, bottom) for left, top, right, bottom in several]
    except (TypeError, ValueError, LookupError):
        raise PixelError(f"box: need (left, top, right, bottom) or a list of them, got {given!r}") from None


class Session:
    """A picture and the hints given to it so far.

    A click changes what is connected to it and nothing else, so a further right click does no harm
    elsewhere; `undo` takes the last step back.

    >>> photo = np.full((60, 80, 3), 200, np.uint8)
    >>> photo[20:40, 20:40], photo[20:40, 50:70] = (180, 30, 30), (30, 30, 180)
    >>> session = Session(photo)
    >>> session.drop(60, 30).undo().steps
    0
    """

    def __init__(self, image: Any, mask: Any = None, *, model: Any = None, fetch: bool | None = None) -> None:
        self._model, self._fetch = model, fetch
        self._image = check_image(image)
        self._small = reduced(self._image, _SIDE)
        self._fixed = np.zeros(self._small.shape[:2], np.uint8)  # 1 kept, 2 dropped by a hint
        self._past: list[tuple[Array | None, Array]] = []
        self._mask = None if mask is None else self._reduced_mask(mask)

    @property
    def steps(self) -> int:
        """How many steps `undo` can take back."""
        return len(self._past)

    @property
    def estimate(self) -> Estimate:
        """The alpha after all hints, at the picture's size."""
        soft = settle_edge(self._small, self._current())
        return Estimate(lift(soft, self._image), _TRUST[min(self.steps, len(_TRUST) - 1)], "hints")

    def box(self, left: float, top: float, right: float, bottom: float) -> Session:
        """Say that the subject is inside the box, and about as large; begins anew with it."""
        return self.boxes([(left, top, right, bottom)])

    def boxes(self, several: Sequence[Box]) -> Session:
        """Say that there is a subject in each of the boxes, and nothing outside; begins anew with them."""
        insides = [self._inside(*box) for box in several]
        found = np.any([in_box(self._small, inside) for inside in insides], axis=0)
        self._step(found, np.where(np.any(insides, axis=0), 0, 2).astype(np.uint8))
        return self

    def paint(self, keep_mask: Any = None, drop_mask: Any = None) -> Session:
        """Say by strokes, (H, W), what is on the subject and what is not; both together are one step."""
        kept, dropped = self._strokes(keep_mask, "keep_mask"), self._strokes(drop_mask, "drop_mask")
        if kept is not None and dropped is not None and np.any(kept & dropped):
            both = np.argwhere(kept & dropped)[0]
            raise PixelError(f"keep_mask, drop_mask: need strokes apart, got both at ({both[1]}, {both[0]})")
        before = self._mask, self._fixed
        for what, strokes in ((1, kept), (2, dropped)):
            if strokes is not None:
                self._touch(strokes, what)
        del self._past[len(self._past) - (kept is not None) - (dropped is not None) :]
        self._past.append(before)
        return self

    def keep(self, x: float, y: float) -> Session:
        """Say that (x, y) is on the subject."""
        return self._click(x, y, 1)

    def drop(self, x: float, y: float) -> Session:
        """Say that (x, y) is not on the subject."""
        return self._click(x, y, 2)

    def undo(self) -> Session:
        """Take the last step back; nothing happens where there is none."""
        if self._past:
            self._mask, self._fixed = self._past.pop()
        return self

    def _current(self) -> Array:
        if self._mask is None:
            self._mask = _small_mask(classical(self._small).alpha)
        return self._mask

    def _step(self, mask: Array, fixed: Array) -> None:
        self._past.append((self._mask, self._fixed))
        self._mask, self._fixed = mask, fixed

    def _click(self, x: float, y: float, what: int) -> Session:
        column, row = self._place(x, y, "keep" if what == 1 else "drop")
        return self._touch(_disc(self._fixed.shape, row, column), what)

    def _touch(self, where: Array, what: int) -> Session:
        row, column = np.argwhere(where)[np.count_nonzero(where) // 2]
        touched = _like_here(self._small, row, column)
        fixed = np.where(touched & (self._fixed == 0), what, self._fixed).astype(np.uint8)
        fixed[where] = what
        before = self._current()
        after = _cut_again(self._small, before, fixed, _disc(fixed.shape, row, column, _REACH))
        change = (after & ~before) if what == 1 else (before & ~after)
        reached = _connected_to(change | (fixed == what), row, column)
        self._step((before | reached) if what == 1 else (before & ~reached), fixed)
        return self

    def _strokes(self, mask: Any, name: str) -> Array | None:
        if mask is None:
            return None
        mask = check_mask(mask, name)
        check_same_size(mask, self._image, name)
        painted = convert(mask, np.float32) >= 0.5
        if not painted.any():
            raise PixelError(f"{name}: need at least one painted pixel (0.5 and more), got none")
        size = self._small.shape[1::-1]
        return cv2.resize(painted.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0

    def _place(self, x: float, y: float, name: str) -> tuple[int, int]:
        height, width = self._image.shape[:2]
        if not (is_finite(x) and is_finite(y) and 0 <= x < width and 0 <= y < height):
            raise PixelError(f"{name}: need 0 <= x < {width} and 0 <= y < {height}, got ({x}, {y})")
        small = self._small.shape
        return int(x * small[1] / width), int(y * small[0] / height)

    def _inside(self, left: float, top: float, right: float, bottom: float) -> Array:
        height, width = self._image.shape[:2]
        numbers = all(map(is_finite, (left, top, right, bottom)))
        if not (numbers and 0 <= left < right <= width and 0 <= top < bottom <= height):
            raise PixelError(
                f"box: need 0 <= left < right <= {width} and 0 <= top < bottom <= {height}, "
                f"got ({left}, {top}, {right}, {bottom})"
            )
        rows, columns = self._small.shape[:2]
        inside = np.zeros((rows, columns), bool)
        first, last = int(top * rows / height), int(np.ceil(bottom * rows / height))
        inside[first:last, int(left * columns / width) : int(np.ceil(right * columns / width))] = True
        return inside

    def _reduced_mask(self, mask: Any) -> Array:
        mask = check_mask(mask)
        check_same_size(mask, self._image)
        size = self._small.shape[1::-1]
        return _small_mask(cv2.resize(convert(mask, np.float32), size, interpolation=cv2.INTER_AREA))


def _small_mask(alpha: Array) -> Array:
    return np.asarray(alpha >= 0.5)


def _cut_again(rgb: Array, mask: Array, fixed: Array, open_to_doubt: Array) -> Array:
    belief = np.where(mask, MAYBE_KEEP, MAYBE_DROP).astype(np.uint8)
    belief[mask & ~open_to_doubt], belief[~mask & ~open_to_doubt] = KEEP, DROP
    belief[fixed == 1], belief[fixed == 2] = KEEP, DROP
    return grabcut(rgb, belief, rounds=1)


def _like_here(rgb: Array, row: int, column: int) -> Array:
    """What has the colour of (row, column), is connected to it and no further than a tenth of the side."""
    height, width = rgb.shape[:2]
    near = _disc((height, width), row, column, 0.1)
    flooded = np.zeros((height + 2, width + 2), np.uint8)
    flooded[1:-1, 1:-1] = ~near
    limit = (7, 7, 7)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE | (2 << 8)
    cv2.floodFill(cv2.GaussianBlur(rgb, (3, 3), 0), flooded, (column, row), (0, 0, 0), limit, limit, flags)
    return np.asarray(flooded[1:-1, 1:-1] == 2)


def _disc(shape: tuple[int, ...], row: int, column: int, share: float = 0.008) -> Array:
    """What is within ``share`` of the long side of (row, column)."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((y - row) ** 2 + (x - column) ** 2 <= max(1.0, share * max(shape)) ** 2)


def _connected_to(region: Array, row: int, column: int) -> Array:
    labels = cv2.connectedComponents(region.astype(np.uint8), connectivity=4)[1]
    return np.asarray(region & (labels == labels[row, column]))
