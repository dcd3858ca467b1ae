"""What lies beside a sequence: a mask for all or one a frame, a backdrop for all or another sequence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fractions import Fraction
from itertools import repeat
from pathlib import Path
from typing import Any

from maskkit import backdrop as backdrops
from maskkit.codec import to_picture
from maskkit.codec.frames import Frames, holds_several, read_frames
from maskkit.codec.frames.folder import is_folder, numbered
from maskkit.codec.masks import grey_of
from maskkit.codec.picture import Picture
from maskkit.codec.sources import names_file
from maskkit.cutouts.given_mask import as_given
from maskkit.errors import CodecError
from maskkit.recipe import Recipe
from maskkit.recipe.stored import StoredPixels

__all__ = ["Backdrops", "masks_beside"]

_LOSSY = 8  # levels by which a grey video's channels may differ


def masks_beside(
    given: Any, recipe: Recipe, fps: float | Fraction | None
) -> tuple[Iterator[Any], int | None]:
    """A mask for each frame, and how many there are; None where one does for all, or none is given."""
    if given is None:
        return repeat(None), None
    if isinstance(given, (str, os.PathLike)):
        if is_folder(given):
            files = numbered(given)
            return (as_given(one, recipe) for one in files), len(files)
        if holds_several(given):
            masks = read_frames(given, fps=fps)
            return _greys(masks, recipe), masks.count
    if isinstance(given, (list, tuple, Frames, Iterator)):
        return (as_given(getattr(one, "picture", one), recipe) for one in given), _length(given)
    return repeat(as_given(given, recipe)), None


def _length(given: Any) -> int | None:
    if isinstance(given, Frames):
        return given.count
    return None if isinstance(given, Iterator) else len(given)


def _greys(masks: Frames, recipe: Recipe) -> Iterator[Any]:
    for picture, _, _ in masks:
        yield grey_of(picture.pixels, masks.name, CodecError, _LOSSY, channel=recipe.mask_channel)


class Backdrops:
    """What is behind each frame: the same for all, or the frame of another sequence that is on at that time.

    A sequence that ends before begins again.
    """

    def __init__(
        self, asked: Any, size: tuple[int, int], recipe: Recipe, fps: float | Fraction | None
    ) -> None:
        self._still: Any = asked
        self._frames: Frames | None = None
        self._at = self._end = Fraction(0)
        named = isinstance(asked, (str, os.PathLike))
        if isinstance(asked, Frames) or (named and holds_several(asked)):
            self._frames = asked if isinstance(asked, Frames) else read_frames(asked, fps=fps)
            self._running = iter(self._frames)
            self._still = None
        elif named and names_file(os.fspath(asked)):  # read and brought to size once
            picture = to_picture(Path(asked), "backdrop")
            if recipe.at is None:
                fitted = backdrops.image(picture, recipe.canvas or size, recipe.fit)
                picture = Picture(fitted, picture.icc)
            self._still = StoredPixels.of(picture, "backdrop")

    def behind(self, seconds: Fraction) -> Any:
        """What is behind the next frame, which is shown for so many seconds."""
        if self._frames is None:
            return self._still
        while self._still is None or self._at >= self._end:
            picture, lasts, _ = self._next()
            self._still, self._end = picture, self._end + max(lasts, Fraction(1, 1000))
        self._at += seconds
        return self._still

    def _next(self) -> Any:
        found = next(self._running, None)
        if found is None:
            self._running = iter(self._frames or ())
            found = next(self._running)
        return found
