"""The verb: a sequence of pictures in, its masks, cutouts or composites out, a frame at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import repeat
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Unpack

from maskkit.checks import check_unit
from maskkit.codec.formats import Format
from maskkit.codec.frames import Frame, Frames, check_output, frames_of, is_path, write_frames
from maskkit.codec.frames.verbs import VideoCodec
from maskkit.codec.picture import Picture
from maskkit.codec.sources import MAX_PIXELS, FileInput, shown
from maskkit.cutouts import encoding, finished, rehearse, size_of
from maskkit.cutouts.beginning import READING, Job, begin
from maskkit.cutouts.kept import Kept
from maskkit.cutouts.running import follow, silent
from maskkit.cutouts.verb import CutoutOptions, asked
from maskkit.errors import CodecError, PixelError
from maskkit.hearing import overheard, warn, warn_again
from maskkit.recipe import Environment, Facts, Recipe, options_of, resolve
from maskkit.sequences.beside import Backdrops, masks_beside
from maskkit.sequences.steady import Steady, SteadyMasks

if TYPE_CHECKING:
    from maskkit.recipe.record import Fit, Hidden, Product

__all__ = ["LEFT_OUT", "FramesOptions", "Written", "frames"]

_NONE = object()

STEADY = 0.5
"""How much estimated masks take after the one before, unless it is said."""

LEFT_OUT = {
    **dict.fromkeys(("trim", "trim_level", "margin", "fill", "preset"), "would make the subject jump"),
    **dict.fromkeys(("frame", "mask_frame", "mask_part", "unnamed_alpha", "tone_map"), "is of a single file"),
}
"""Options of a recipe that do not go with a sequence, and why."""

_AFTER = (
    *(options_of("picture").keys() - set(READING)),
    *options_of("effects"),
    *options_of("output"),
)


class FramesOptions(CutoutOptions, total=False):
    """The keywords of `frames` beside its own, for type checkers."""

    canvas: tuple[int, int] | None
    position: tuple[float, float]
    scale: str | float
    at: tuple[int, int] | None
    fit: Fit
    mode: str
    opacity: float
    linear: bool
    product: Product
    quality: int | None
    lossless: bool
    hidden: Hidden


@dataclass(frozen=True)
class Written:
    """What was written.

    Attributes
    ----------
    count : frames.
    size : (width, height) in pixels.
    seconds : how long they are shown, once.
    source : who made the masks, see `Cutout.source`.
    confidence : the mean over the frames, where masks were estimated and it is known.
    empty : frames of which nothing is kept.
    """

    count: int
    size: tuple[int, int]
    seconds: float
    source: str
    confidence: float | None
    empty: int


def frames(
    sequence: FileInput | Frames,
    destination: str | os.PathLike[str] | BinaryIO,
    mask: Any = None,
    *,
    source: str | None = None,
    backdrop: Any = None,
    recipe: Recipe | None = None,
    steady: float | None = None,
    fps: float | Fraction | None = None,
    plays: int | None = None,
    codec: VideoCodec | None = None,
    format: Format | Literal["gif"] | None = None,
    max_pixels: int = MAX_PIXELS,
    progress: Callable[[int, int | None], object] | None = None,
    **options: Unpack[FramesOptions],
) -> Written:
    """Cut out or composite every frame of an animation, a numbered folder or a video.

    Frames are read, made and written one at a time, so that memory does not grow with their number. How long
    each is shown, and how often all of them, is kept. Sound is left out, with a warning.

    Parameters
    ----------
    sequence : path, bytes, file or Frames
        As in `maskkit.read_frames`.
    destination : path or binary file
        As in `maskkit.write_frames`.
    mask : path, bytes, array, or several, optional
        One mask for all; or one a frame: a folder, an animation, a video, or a list. Without it, masks are
        estimated, frame by frame.
    backdrop : str, path, bytes, Picture, array or Frames, optional
        As in `Cutout.over`; or another sequence, shown by its own times and over again when it ends. Without
        it the frames are cutouts.
    source, recipe, **options :
        As in `maskkit.cutout`, and the options of a `Recipe` about picture, effects and output, but those
        that look at where the subject is: trim, margin, fill and preset.
    steady : float, optional
        0 to 1: how much each mask takes after the one before, moved along by the optical flow; 0.5 for
        masks that are estimated, else 0.
    fps : float, optional
        Frames a second of folders, which have no times; 25 unless it is said.
    plays : int, optional
        How often an animation is shown, 0 without end, in the place of what the source says.
    codec, format : str, optional
        As in `maskkit.write_frames`.
    max_pixels : int
        Refuse larger frames, masks and backdrops.
    progress : callable, optional
        Hears the number of frames made and, where it is known, of all.

    Returns
    -------
    Written

    Raises
    ------
    PixelError
        For an option that cannot be, or that would make the subject jump, and for a source that is paid for
        every frame.
    CodecError
        If something cannot be read or written, or there are more or fewer masks than frames. Then nothing is
        left of the destination.

    Examples
    --------
    >>> import maskkit, numpy as np, tempfile
    >>> from maskkit.codec.frames import Frame
    >>> shades = [np.full((4, 6, 3), shade, np.uint8) for shade in (50, 90, 130)]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     pictures = (Frame(maskkit.Picture(one), Fraction(1, 10)) for one in shades)
    ...     maskkit.write_frames(f"{folder}/in.webp", pictures)
    ...     made = frames(f"{folder}/in.webp", f"{folder}/out.png", np.eye(4, 6, dtype=np.uint8) * 255)
    >>> made.count, made.size, made.seconds
    (3, (6, 4), 0.3)
    """
    named = {} if source is None else {"source": source}
    wanted, settings = _asked(recipe, {**options, **named})
    amount = STEADY * (mask is None and not wanted.has_mask) if steady is None else steady
    check_unit(amount, "steady")
    format = wanted.to if format is None else format
    check_output(destination, codec, format)
    _check_costs(wanted, settings, masked=mask is not None)
    found = sequence if isinstance(sequence, Frames) else frames_of(sequence, fps, max_pixels)
    _check_other(found, destination)
    masks, count = masks_beside(mask, wanted, fps, max_pixels)
    if count is not None and found.count not in (None, count):
        raise CodecError(_unequal(found.count, count))
    asked_behind = wanted.backdrop if backdrop is None else backdrop
    behind = Backdrops(asked_behind, found.size, wanted, fps, max_pixels)
    making = _Making(found, masks, behind, wanted, settings, Steady(amount), progress or (lambda *_: None))
    write_frames(
        destination,
        making.frames(),
        plays=found.plays if plays is None else plays,
        codec=codec,
        tick=found.tick,
        format=format,
        **encoding(wanted),
    )
    return making.ended()


def _asked(recipe: Recipe | None, given: Mapping[str, Any]) -> tuple[Recipe, Mapping[str, Any]]:
    """The recipe and the engine's settings."""
    after = {name: value for name, value in given.items() if name in _AFTER}
    rest = {name: value for name, value in given.items() if name not in _AFTER}
    wanted, settings = asked("frames", (recipe or Recipe()).but(**after), rest)
    for name, why in LEFT_OUT.items():
        if getattr(wanted, name) != getattr(Recipe, name):
            raise PixelError(f"{name}: {why}, so it does not go with frames")
    return wanted, settings


def _check_costs(recipe: Recipe, settings: Mapping[str, Any], *, masked: bool) -> None:
    if resolve(recipe, Facts(masked=masked), Environment(), settings).costs:
        raise PixelError(
            f"source: {recipe.source!r} is paid for every frame; order masks by batch, and give their folder"
        )


def _check_other(found: Frames, destination: str | os.PathLike[str] | BinaryIO) -> None:
    if is_path(destination) and found.name == shown(destination):
        raise CodecError(f"{found.name}: is read while it is written; need another name for the destination")
    if found.sound:
        warn(f"{found.name}: its sound is left out", stacklevel=3)


def _unequal(frames: int | None, masks: int | None) -> str:
    return f"mask: need one for each of {frames} frames, got {masks}"


@dataclass
class _Making:
    """Makes the frames of one sequence, and counts."""

    found: Frames
    masks: Iterator[Any]
    behind: Backdrops
    recipe: Recipe
    settings: Mapping[str, Any]
    steady: Steady
    progress: Callable[[int, int | None], object]
    count: int = 0
    empty: int = 0
    seconds: Fraction = Fraction(0)
    size: tuple[int, int] = (0, 0)
    source: str = "given"
    trusts: float | None = 0.0
    told: set[str] = field(default_factory=set)

    def frames(self) -> Iterator[Frame]:
        """Frame after frame; CodecError where the masks end before the frames, or after."""
        for frame in self.found:
            mask = next(self.masks, _NONE)
            if mask is _NONE:
                raise CodecError(_unequal(self.found.count or self.count + 1, self.count))
            yield self._made(frame, mask)
            self.progress(self.count, self.found.count)
        if not isinstance(self.masks, repeat) and next(self.masks, _NONE) is not _NONE:
            raise CodecError(_unequal(self.count, self.count + 1))

    def _made(self, frame: Frame, mask: Any) -> Frame:
        behind = self.behind.behind(frame.seconds)
        recipe = self.recipe if behind is self.recipe.backdrop else self.recipe.but(backdrop=behind)
        with self._telling_once():
            begun = begin(Job(frame.picture, mask, recipe, self.settings, local=True))
            rehearse(begun, recipe)
            kept = SteadyMasks(self.steady, begun.picture.pixels) if self.steady.amount else Kept()
            made, flat = follow(begun, silent, kept)
            result = finished(made, recipe)
        self.count, self.seconds = self.count + 1, self.seconds + frame.seconds
        self.empty += "nothing is kept" in flat
        self.size, self.source = size_of(result), made.source
        known = self.trusts is not None and made.confidence is not None
        self.trusts = self.trusts + made.confidence if known else None  # type: ignore[operator]
        return Frame(result if isinstance(result, Picture) else Picture(result), frame.seconds, frame.name)

    @contextmanager
    def _telling_once(self) -> Iterator[None]:
        """What is warned of in every frame is said once."""
        with overheard() as heard:
            yield
        for one in heard:
            if one.said not in self.told:
                self.told.add(one.said)
                warn_again(one)

    def ended(self) -> Written:
        """What was written; a warning where frames are empty."""
        if self.empty:
            said = f"nothing is kept in {self.empty} of {self.count} frames"
            warn(said, stacklevel=3)
        trust = None if self.trusts is None else self.trusts / self.count
        return Written(self.count, self.size, float(self.seconds), self.source, trust, self.empty)
