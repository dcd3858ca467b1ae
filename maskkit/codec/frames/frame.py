"""The records of a sequence: one frame with its time, and all of them with what their file says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from maskkit.codec.picture import Picture

__all__ = ["Frame", "Frames"]


class Frame(NamedTuple):
    """One picture of a sequence, how long it is shown in seconds, and the name of its own file or ""."""

    picture: Picture
    seconds: Fraction
    name: str = ""


@dataclass(frozen=True, eq=False)
class Frames:
    """A sequence of pictures, read one at a time; every loop over it begins again.

    Attributes
    ----------
    name : what errors begin with.
    size : (width, height) in pixels, of every frame.
    open : gives the frames, from the first on.
    count : how many there are, or None where the file does not say.
    plays : how often it is shown; 0 is without end.
    timed : the file says how long each frame is shown.
    tick : seconds, of which all times are multiples.
    sound : there is sound beside the pictures, which is not read.
    """

    name: str
    size: tuple[int, int]
    open: Callable[[], Iterator[Frame]]
    count: int | None = None
    plays: int = 0
    timed: bool = True
    tick: Fraction = Fraction(1, 1000)
    sound: bool = False

    def __iter__(self) -> Iterator[Frame]:
        return self.open()

    def __repr__(self) -> str:
        width, height = self.size
        count = "an unknown number of" if self.count is None else self.count
        return f"Frames({self.name!r}, {count} frames of {width}x{height})"
