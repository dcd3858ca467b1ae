"""Hints: a box, points to keep and to drop, an earlier mask; a step corrects what it points at; undo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Any, NamedTuple

import cv2
import numpy as np

from maskkit.checks import check_points
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.engines.automatic import auto
from maskkit.engines.base import Estimate, weights_of
from maskkit.engines.belief import Belief, believed, box_looks
from maskkit.engines.box import around, in_box
from maskkit.engines.box_guesses import filled
from maskkit.engines.edge_colours import settle_edge
from maskkit.engines.hint_confidence import hint_advice, hint_marks, hint_trust
from maskkit.engines.hint_forms import Box, Point, box_slices, boxes, shrunk, spot, strokes
from maskkit.engines.lift import lift, lift_part
from maskkit.engines.ranking import overlap
from maskkit.engines.reduced import reduced
from maskkit.engines.seen import seen
from maskkit.engines.touching import touched
from maskkit.engines.windows import Window, extent, over, relative, scaled, whole
from maskkit.kernels import convert
from maskkit.pixels import Array, check_same_size, max_value

__all__ = ["Session", "hints"]

_SIDE = 400
_REACH, _REACH_ALONE, _REACH_MORE = 0.1, 0.3, 0.5
_NEAR_EDGE = 2  # depths of a stroke: half of the points after boxes that cost IoU on ECSSD do so no more
_BOX_SIDE = 640  # of a box and its surroundings
_LITTLE = 0.1
_SURE = 0.75
_MARGIN = 0.3  # surroundings of a box, a side, as a share of it


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
    kept, dropped = check_points(keep, "keep"), check_points(drop, "drop")
    if box is not None:
        session.boxes(boxes(box))
    if keep_mask is not None or drop_mask is not None:
        session.paint(keep_mask, drop_mask)
    for point in kept:
        session.keep(*point)
    for point in dropped:
        session.drop(*point)
    return session.estimate


class _State(NamedTuple):
    """What a step changes, and `undo` brings back."""

    small: Array  # bool (h, w), the mask as the cuts see it
    chance: Array | None  # float32 (n, h, w), what is believed beside it, by one and another
    fixed: Array  # uint8 (h, w), 1 kept, 2 dropped by a hint


class _Undo(NamedTuple):
    state: _State
    part: Window
    pixels: Array | None


class Session:
    """A picture and the hints given to it so far; picture and mask in any form that `maskkit.cutout` takes.

    A point or a stroke changes what is connected to it and nothing else, so a further right one does no harm
    elsewhere; everywhere else the mask that was given keeps its values and its edges, bit for bit. A box
    takes away what is outside it; inside a given mask stays, unless next to nothing of it is there: then,
    and where no mask was given, the subject that fills the box takes its place. `undo` takes the last step
    back. A step on a picture of 2 megapixels takes about a tenth of a second; the first one waits for the
    network.

    >>> photo = np.full((60, 80, 3), 200, np.uint8)
    >>> photo[20:40, 20:40], photo[20:40, 50:70] = (180, 30, 30), (30, 30, 180)
    >>> session = Session(photo, fetch=False)
    >>> session.drop(60, 30).undo().steps
    0
    """

    def __init__(
        self,
        image: ImageInput,
        mask: MaskInput | None = None,
        *,
        model: Any = None,
        fetch: bool | None = None,
    ) -> None:
        self._image = to_pixels(image)
        self._model, self._fetch = model, fetch
        self._picture = seen(reduced(self._image, _SIDE))
        self._past: list[_Undo] = []
        self._given = mask is not None
        self._alpha: Array | None = None
        self._looked: tuple[Belief | None] | None = None
        self._began: str | None = None  # the weights of the engine that did
        nothing = np.zeros(self._picture.rgb.shape[:2], np.uint8)
        self._state = _State(nothing > 0, None, nothing)
        if mask is not None:
            mask = to_mask(mask)
            check_same_size(mask, self._image)
            self._begin(mask.copy())

    @property
    def steps(self) -> int:
        """How many steps `undo` can take back."""
        return len(self._past)

    @property
    def alpha(self) -> Array:
        """The alpha after all hints, without the measures of `estimate`: half its time."""
        return self._begun().copy()

    @property
    def estimate(self) -> Estimate:
        """The alpha after all hints, at the picture's size, of the dtype of the mask that was given."""
        alpha = self.alpha
        confidence = hint_trust(self._marks())
        advice = hint_advice(confidence, boxed=self._boxed, network=self._has_looked)
        return Estimate(alpha, confidence, "hints", advice, self._weights)

    @property
    def _weights(self) -> str | None:
        looked = self._looked[0] if self._looked else None
        return weights_of(self._began, looked.weights if looked else None)

    @property
    def _boxed(self) -> bool:
        return any(step.part == whole(self._image.shape) for step in self._past)

    @property
    def _has_looked(self) -> bool:
        return self._looked is not None and self._looked[0] is not None

    def _marks(self) -> tuple[float, float]:
        # without a network and a box, what is believed is only what the hints themselves said
        beliefs = self._chance() if self._is_known else None
        return hint_marks(self._picture, self._state.small, beliefs)

    def box(self, left: float, top: float, right: float, bottom: float) -> Session:
        """Say that the subject is inside the box, and about as large."""
        return self.boxes([(left, top, right, bottom)])

    def boxes(self, several: Sequence[Box]) -> Session:
        """Say that there is a subject in each of the boxes, and nothing outside."""
        windows = [box_slices(box, self._image.shape) for box in several]
        before = self._begun() if self._given else None
        alpha = np.zeros(self._image.shape[:2], np.float32 if before is None else before.dtype)
        chance = np.zeros((2, *self._state.fixed.shape), np.float32)
        for window in windows:
            if before is not None and _holds_enough(before[window]):
                alpha[window] = np.maximum(alpha[window], before[window])
            else:
                self._find(window, alpha, chance)
        fixed = np.full(self._state.fixed.shape, 2, np.uint8)
        for window in windows:
            fixed[scaled(window, self._image.shape, fixed.shape)] = 0
        self._past.append(_Undo(self._state, whole(self._image.shape), self._alpha))
        self._alpha = alpha
        small = self._reduced_mask(alpha)
        self._state = _State(small, np.maximum(chance, 0.6 * small), fixed)
        return self

    def keep(self, x: float, y: float) -> Session:
        """Say that (x, y) is on the subject."""
        return self._point((x, y), "keep")

    def drop(self, x: float, y: float) -> Session:
        """Say that (x, y) is not on the subject."""
        return self._point((x, y), "drop")

    def paint(self, keep_mask: Any = None, drop_mask: Any = None) -> Session:
        """Say by strokes, (H, W), what is on the subject and what is not; both together are one step."""
        painted = strokes(keep_mask, drop_mask, self._image)
        shape = self._state.fixed.shape
        self._touch([(name, shrunk(stroke, shape), stroke) for name, stroke in painted])
        return self

    def undo(self) -> Session:
        """Take the last step back; nothing happens where there is none."""
        if self._past:
            self._state, part, pixels = self._past.pop()
            if self._alpha is None or pixels is None or pixels.shape == self._alpha.shape:
                self._alpha = pixels
            else:
                self._alpha[part] = pixels
        return self

    def again(self, mask: MaskInput) -> Session:
        """Another session on the same picture, begun with this mask; what the network saw of it is kept.

        >>> session = Session(np.full((60, 80, 3), 200, np.uint8), np.zeros((60, 80), np.uint8))
        >>> int(session.again(np.full((60, 80), 255, np.uint8)).alpha.min())
        255
        """
        mask = to_mask(mask)
        check_same_size(mask, self._image)
        other = copy(self)
        other._past, other._given, other._began = [], True, None
        other._state = _State(self._state.small, None, np.zeros_like(self._state.fixed))
        other._begin(mask.copy())
        return other

    def _begin(self, alpha: Array) -> Array:
        self._alpha = alpha
        self._state = self._state._replace(small=self._reduced_mask(alpha))
        return alpha

    def _begun(self) -> Array:
        """The alpha so far; where there is none, an engine's."""
        if self._alpha is not None:
            return self._alpha
        first = auto(self._image, model=self._model, fetch=self._fetch)
        self._began = first.weights
        return self._begin(first.alpha)

    def _belief(self) -> Belief | None:
        """What the network believes of the whole picture; it looks once."""
        if self._looked is None:
            fetch = False if self._given and self._fetch is None else self._fetch
            self._looked = (believed(self._image, self._model, fetch),)
        return self._looked[0]

    def _find(self, box: Window, alpha: Array, chance: Array) -> None:
        """Put the subject that fills the box into ``alpha``, and what is believed of it into ``chance``."""
        wide = around(box, self._image.shape, _MARGIN)
        crop = self._image[wide]
        small = reduced(crop, _BOX_SIDE)
        size = small.shape[0], small.shape[1]
        first = self._belief()
        looks = (
            [] if first is None else box_looks(self._image, box, wide, size, self._model, first=first.chance)
        )
        within = np.zeros(size, bool)
        inner = relative(box, wide)
        within[scaled(inner, crop.shape, size)] = True
        mask, beliefs = in_box(small, within, looks)
        lifted = lift(settle_edge(small, mask), crop, small=small)[inner]
        alpha[box] = np.maximum(alpha[box], convert(lifted, alpha.dtype))
        for belief, so_far in zip(beliefs, chance, strict=True):
            here = over(belief, wide, whole(self._image.shape), (so_far.shape[0], so_far.shape[1]))
            np.maximum(so_far, here, out=so_far)

    def _point(self, point: Point, name: str) -> Session:
        small = spot(point, self._image.shape, self._state.fixed.shape, name)
        column, row = int(point[0]), int(point[1])
        self._touch([(name, small, (slice(row, row + 1), slice(column, column + 1)))])
        return self

    def _touch(self, given: list[tuple[str, Array, Any]]) -> None:
        """Change what is connected to the strokes: (keep or drop, at the reduced size, in the picture)."""
        alpha = self._begun()
        before = self._state
        for name, stroke, _ in given:
            self._state = self._state_after(name, stroke)
        changed = np.asarray(before.small != self._state.small)
        for _, stroke, _ in given:
            changed |= stroke
        part = self._part_around(changed)
        self._past.append(_Undo(before, part, alpha[part].copy()))
        self._redraw(alpha, before.small, part)
        top = max_value(alpha.dtype)
        for name, _, pixels in given:
            alpha[pixels] = top if name == "keep" else 0

    def _state_after(self, name: str, stroke: Array) -> _State:
        small, _, fixed = self._state
        keep = name == "keep"
        fixed = np.where(stroke, 1 if keep else 2, fixed).astype(np.uint8)
        chance = self._chance()
        open_to = ~small if keep else small
        reached = touched(
            self._picture,
            chance if keep else 1 - chance,
            open_to,
            stroke,
            fixed == (2 if keep else 1),
            reach=_reach(stroke, open_to, known=self._is_known),
        )
        told = np.maximum(chance, _SURE) if keep else np.minimum(chance, 1 - _SURE)
        chance = np.where(reached, told, chance)
        return _State(small | reached if keep else small & ~reached, chance, fixed)

    @property
    def _is_known(self) -> bool:
        """Whether anyone believes anything beside what the hints themselves said."""
        return self._has_looked or self._boxed

    def _chance(self) -> Array:
        """What is believed of each pixel, (n, h, w); one half where nobody looked."""
        if self._state.chance is not None:
            return self._state.chance
        belief = self._belief()
        size = self._state.fixed.shape
        if belief is None:
            return np.full((1, *size), 0.5, np.float32)
        return over(belief.chance, whole(self._image.shape), whole(self._image.shape), size)[None]

    def _part_around(self, changed: Array) -> Window:
        rows, columns = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
        height, width = changed.shape
        wider = (
            slice(max(0, int(rows[0]) - 8), min(height, int(rows[-1]) + 9)),
            slice(max(0, int(columns[0]) - 8), min(width, int(columns[-1]) + 9)),
        )
        return scaled(wider, changed.shape, self._image.shape)

    def _redraw(self, alpha: Array, before: Array, part: Window) -> None:
        """Bring the change of the reduced mask into the alpha: only more where it grew."""
        after = self._state.small
        lifted = lift_part(settle_edge(self._picture.rgb, after), self._image, part, self._picture.rgb)
        drawn = convert(lifted, alpha.dtype)
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
        for change, pick in ((after & ~before, np.maximum), (before & ~after, np.minimum)):
            near = cv2.dilate(change.astype(np.uint8), disc).astype(np.float32)
            here = over(near, whole(self._image.shape), part, extent(part)) > 0.5
            alpha[part] = np.where(here, pick(alpha[part], drawn), alpha[part])

    def _reduced_mask(self, alpha: Array) -> Array:
        size = self._state.fixed.shape[::-1]
        soft = cv2.resize(convert(alpha, np.float32), size, interpolation=cv2.INTER_AREA)
        return np.asarray(soft >= 0.5)


def _reach(stroke: Array, open_to: Array, *, known: bool) -> float:
    """How far a stroke reaches, in long sides: further if it is longer, and where nothing else is known.

    Where something is, one that is near the edge of what may change is about what is near it.
    """
    rows, columns = np.nonzero(stroke)
    side = max(stroke.shape)
    length = max(int(np.ptp(rows)), int(np.ptp(columns))) / side
    reach = min(_REACH, _NEAR_EDGE * _depth(stroke, open_to) / side) if known else _REACH_ALONE
    return float(reach + _REACH_MORE * length)


def _depth(stroke: Array, open_to: Array) -> float:
    """How many pixels a stroke is, at its innermost, from the nearest one that is not open to change."""
    room = (open_to | stroke).astype(np.uint8)
    return float(cv2.distanceTransform(room, cv2.DIST_L2, 5)[stroke].max())


def _holds_enough(alpha: Array) -> bool:
    """Whether a mask cut to a box is about the subject in it: its bounding box is no crumb of the box."""
    kept = convert(alpha, np.float32) >= 0.5
    return overlap(filled(kept), np.ones(kept.shape, bool)) > _LITTLE
