"""What lies beside a sequence: a mask for all or one a frame, a backdrop for all or another sequence."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import repeat
from typing import Any

from maskkit import backdrop as backdrops
from maskkit.codec import ahead, to_picture
from maskkit.codec.frames import Frames, is_path, sequence_in
from maskkit.codec.frames.folder import is_folder, numbered
from maskkit.codec.masks import grey_of
from maskkit.codec.picture import Picture
from maskkit.codec.sources import is_file, names_file
from maskkit.cutouts.given_mask import as_given
from maskkit.errors import CodecError
from maskkit.recipe import Recipe
from maskkit.recipe.stored import StoredPixels

__all__ = ["Backdrops", "masks_beside"]

_LOSSY = 8  # levels by which a grey video's channels may differ


def masks_beside(
    given: Any, recipe: Recipe, fps: float | Fraction | None, max_pixels: int
) -> tuple[Iterator[Any], int | None]:
    """A mask for each frame, and how many there are; None where one does for all, or none is given."""
    if given is None:
        return repeat(None), None
    if is_path(given) and is_folder(given):
        files = numbered(given)
        return (as_given(ahead(one, max_pixels, "mask"), recipe) for one in files), len(files)
    found = sequence_in(given, fps, max_pixels, "mask")
    if found is not None:
        return _greys(found, recipe), found.count
    if isinstance(given, (list, tuple, Frames, Iterator)) and not is_file(given):
        return (as_given(getattr(one, "picture", one), recipe) for one in given), _length(given)
    alone = ahead(given, max_pixels, "mask") if is_file(given) else given
    return repeat(as_given(alone, recipe)), None


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
        self,
        asked: Any,
        size: tuple[int, int],
        recipe: Recipe,
        fps: float | Fraction | None,
        max_pixels: int,
    ) -> None:
        self._still: Any = asked
        self._at = self._end = Fraction(0)
        found = sequence_in(asked, fps, max_pixels, "backdrop")
        self._frames: Frames | None = asked if isinstance(asked, Frames) else found
        if self._frames is not None:
            self._running = iter(self._frames)
            self._still = None
        elif is_file(asked) and (not isinstance(asked, str) or names_file(asked)):  # made ready once
            picture = to_picture(asked, "backdrop", max_pixels=max_pixels)
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
