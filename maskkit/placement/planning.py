"""Where a picture goes on a canvas, so that its subject stands as told: numbers alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from maskkit.checks import check_choice, check_pair, check_position, check_size, check_unit, is_finite
from maskkit.errors import PixelError

__all__ = ["ANCHORS", "Box", "Margins", "Placement", "Size", "anchored", "fitting", "margins_of", "plan"]

Size = tuple[int, int]
Box = tuple[int, int, int, int]
Margins = tuple[str, str, str, str]

ANCHORS: dict[str, tuple[float, float]] = {
    f"{down} {across}".strip().removesuffix(" center") or "center": (x, y)
    for down, y in (("top", 0.0), ("center", 0.5), ("bottom", 1.0))
    for across, x in (("left", 0.0), ("center", 0.5), ("right", 1.0))
}
_MOST = 256_000_000  # pixels, as many as a picture that is read may have
_LENGTH = re.compile(r"(\d+\.?\d*|\.\d+)(px|%|)")


@dataclass(frozen=True)
class Placement:
    """Where a picture goes on a canvas.

    Attributes
    ----------
    canvas : (width, height).
    size : (width, height) of the whole picture, scaled.
    offset : (x, y) of its top left corner on the canvas; may be negative.
    scale : the factor.
    box : (left, top, right, bottom) of the subject on the canvas.
    """

    canvas: Size
    size: Size
    offset: tuple[int, int]
    scale: float
    box: Box

    def scaled(self, canvas: Size) -> Placement:
        """The same on a canvas of another size.

        >>> Placement((400, 400), (200, 200), (100, 100), 2.0, (120, 120, 280, 280)).scaled((100, 100)).box
        (30, 30, 70, 70)
        """
        across, down = canvas[0] / self.canvas[0], canvas[1] / self.canvas[1]
        size = max(1, round(self.size[0] * across)), max(1, round(self.size[1] * down))
        offset = round(self.offset[0] * across), round(self.offset[1] * down)
        left, top, right, bottom = self.box
        box = round(left * across), round(top * down), round(right * across), round(bottom * down)
        return Placement(canvas, size, offset, self.scale * across, box)


def check_canvas(canvas: Size) -> Size:
    """Return the canvas if it has a pixel, and no more than a picture that is read.

    >>> check_canvas((100_000, 100_000))
    Traceback (most recent call last):
    maskkit.errors.PixelError: canvas: 100000x100000 is 10000000000 pixels, need at most 256000000
    """
    width, height = check_size(canvas)
    if width * height > _MOST:
        raise PixelError(f"canvas: {width}x{height} is {width * height} pixels, need at most {_MOST}")
    return width, height


def fitting(size: Size, room: tuple[float, float], share: float = 1.0) -> float:
    """The factor that brings a box into a share of a room, as large as both sides allow.

    >>> fitting((100, 50), (400, 400), 0.5)
    2.0
    """
    return min(share * space / side for side, space in zip(size, room, strict=True))


def anchored(
    size: Size, room: Size, anchor: tuple[float, float], start: tuple[int, int] = (0, 0)
) -> tuple[int, int]:
    """Left and top of a box in a room: ``anchor`` shares out what is free, 0 to 1 across and down.

    >>> anchored((2, 2), (8, 4), (1, 0.5))
    (6, 1)
    """
    left, top = (
        first + math.floor(part * (space - side) + 0.5)
        for part, space, side, first in zip(anchor, room, size, start, strict=True)
    )
    return left, top


def margins_of(text: str | float | Iterable[str | float], name: str = "margin") -> Margins:
    """Top, right, bottom and left, in pixels or ``%`` of the canvas's side, from one to four, as in CSS.

    >>> margins_of("40"), margins_of("5% 10")
    (('40', '40', '40', '40'), ('5%', '10', '5%', '10'))
    """
    given = text.split() if isinstance(text, str) else [text] if is_finite(text) else text
    try:
        words = [word if isinstance(word, str) else f"{word:g}" for word in given]  # type: ignore[union-attr]
    except (TypeError, ValueError):
        words = []
    if not 1 <= len(words) <= 4 or not all(_LENGTH.fullmatch(word) for word in words):
        raise PixelError(f"{name}: need one to four lengths such as 40 or 5%, got {text!r}")
    top = words[0]
    right = words[1] if len(words) > 1 else top
    return top, right, words[2] if len(words) > 2 else top, words[3] if len(words) > 3 else right


def _pixels(length: str, side: int) -> float:
    found = _LENGTH.fullmatch(length)
    value = float(found[1]) if found else 0.0
    return value * side / 100 if length.endswith("%") else value


def plan(
    picture: Size,
    box: Box,
    canvas: Size,
    *,
    margin: str | float | Iterable[str | float] = "0",
    fill: float | None = None,
    scale: float | None = None,
    position: tuple[float, float] | str = "center",
    at: tuple[int, int] | None = None,
) -> Placement:
    """Where a picture goes, so that the box of its subject stands as told on the canvas.

    Parameters
    ----------
    picture : (width, height)
    box : (left, top, right, bottom)
        Of the subject in the picture.
    canvas : (width, height)
    margin
        Kept clear: see `margins_of`.
    fill : float, optional
        The share of the canvas, 0 to 1, that the box takes on the side where it is larger; never more than
        the margins leave. Without it, all that the margins leave.
    scale : float, optional
        A factor instead.
    position : (x, y), or a word of `ANCHORS`
        Where the box stands within the margins, 0 to 1 across and down.
    at : (x, y), optional
        Where the picture's top left corner goes instead, in pixels.

    Raises
    ------
    PixelError
        If the margins leave no room, an option is out of range, or nothing of the subject is on the canvas.

    Examples
    --------
    >>> plan((100, 100), (20, 10, 60, 90), (1000, 1000), fill=0.8).box
    (300, 100, 700, 900)
    """
    canvas = check_canvas(canvas)
    top, right, bottom, left = (
        round(_pixels(length, canvas[1 - place % 2])) for place, length in enumerate(margins_of(margin))
    )
    room = canvas[0] - left - right, canvas[1] - top - bottom
    if min(room) < 1:
        raise PixelError(f"margin: leaves no room on a canvas of {canvas[0]}x{canvas[1]}")
    subject = box[2] - box[0], box[3] - box[1]
    factor = _factor(subject, canvas, room, fill, scale)
    size, corner, shown = _scaled(picture, box, factor)
    if scale is None and (shown[0] > room[0] or shown[1] > room[1]):  # by a pixel, its edges rounded apart
        factor *= min(space / side for space, side in zip(room, shown, strict=True))
        size, corner, shown = _scaled(picture, box, factor)
    if at is None:
        x, y = anchored(shown, room, _anchor(position), (left, top))
        offset = x - corner[0], y - corner[1]
    else:
        offset = check_pair(at, "at")
        x, y = offset[0] + corner[0], offset[1] + corner[1]
    if x >= canvas[0] or y >= canvas[1] or x + shown[0] <= 0 or y + shown[1] <= 0:
        raise PixelError(
            f"at: nothing of the subject would be on the canvas of {canvas[0]}x{canvas[1]}: it would take "
            f"{x},{y} to {x + shown[0]},{y + shown[1]}"
        )
    return Placement(canvas, size, offset, factor, (x, y, x + shown[0], y + shown[1]))


def _scaled(picture: Size, box: Box, factor: float) -> tuple[Size, Size, Size]:
    """The picture's size, the box's left and top in it, and the box's size, in whole pixels."""
    width, height = max(1, round(picture[0] * factor)), max(1, round(picture[1] * factor))
    across, down = width / picture[0], height / picture[1]
    left, top = round(box[0] * across), round(box[1] * down)
    shown = max(1, round(box[2] * across) - left), max(1, round(box[3] * down) - top)
    return (width, height), (left, top), shown


def _factor(subject: Size, canvas: Size, room: Size, fill: float | None, scale: float | None) -> float:
    if scale is not None:
        if not (is_finite(scale) and scale > 0):
            raise PixelError(f"scale: need a factor above 0, got {scale!r}")
        return float(scale)
    most = fitting(subject, room)
    if fill is None:
        return most
    check_unit(fill, "fill")
    if fill == 0:
        raise PixelError("fill: need a share above 0, or nothing would be left")
    return min(most, fitting(subject, canvas, fill))


def _anchor(position: tuple[float, float] | str) -> tuple[float, float]:
    if isinstance(position, str):
        word = " ".join(position.lower().split())
        check_choice(word, "position", tuple(ANCHORS))
        return ANCHORS[word]
    x, y = check_position(position, "(x, y) or a word")
    return float(x), float(y)
