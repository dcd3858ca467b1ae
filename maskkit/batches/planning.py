"""From what was named to tasks: an output for each photo, and no output twice."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from maskkit.batches import manifest, sources
from maskkit.batches.objects import is_url
from maskkit.batches.tasks import Setup, Task
from maskkit.codec.formats import FORMATS, format_to_write
from maskkit.codec.sources import shown
from maskkit.errors import CodecError, PixelError
from maskkit.recipe import Recipe

__all__ = ["Places", "Survey", "arrived", "folds_case", "survey", "tasks"]

_SEEN = 64  # bits of an output's name that are kept: among a million, two alike come once in 37 million runs


@dataclass(frozen=True)
class Places:
    """Where a batch reads and writes.

    Attributes
    ----------
    inputs : files, folders, globs and manifests.
    destination : the folder of the outputs, or its URL in a store.
    state : the folder beside it: journal, failures, review.
    masks : a folder of masks, found by the photos' paths inside theirs.
    """

    inputs: tuple[str, ...]
    destination: str | Path
    state: Path
    masks: str | Path | None = None

    @property
    def results(self) -> tuple[str, str]:
        """The folders that hold results, as real paths or URLs."""
        target = self.destination if self.remote else os.path.realpath(self.destination)
        return str(target), os.path.realpath(self.state)

    @property
    def remote(self) -> bool:
        """Outputs go to a store."""
        return is_url(self.destination)

    @property
    def review(self) -> str:
        """Where doubtful outputs go: beside the destination."""
        return f"{self.destination}.batch/review" if self.remote else f"{self.state}{os.sep}review"


@dataclass
class Survey:
    """What a look at all inputs finds: how many, which outputs (64 bits of each, sorted), what is unread."""

    count: int = 0
    outputs: array[int] = field(default_factory=lambda: array("Q"))
    unread: list[tuple[str, str]] = field(default_factory=list)
    estimated: int = 0

    def holds(self, key: int) -> bool:
        """The output was there when the survey was made."""
        place = bisect_left(self.outputs, key)
        return place < len(self.outputs) and self.outputs[place] == key


def survey(places: Places, setup: Setup, *, fold: bool, stopped: Callable[[], bool]) -> Survey:
    """Look at every input, without opening a photo. Raises PixelError for two with one output.

    ``fold``: the destination takes names that differ only in case for one.
    """
    found = Survey()
    for task in _all(places, setup.recipe, lambda path, why: found.unread.append((path, why))):
        if stopped():
            break
        found.count += 1
        found.estimated += task.mask is None
        found.outputs.extend(_key(name, fold=fold) for name in setup.outputs(task.name))
    found.outputs = array("Q", sorted(found.outputs))
    twice = {one for one, other in zip(found.outputs, found.outputs[1:], strict=False) if one == other}
    if twice:
        _refuse_twice(places, setup, twice, fold=fold)
    return found


def tasks(places: Places, recipe: Recipe, known: Survey, *, fold: bool) -> Iterator[Task]:
    """The tasks of the survey; what has arrived since is left to the next run."""
    for task in _all(places, recipe, lambda *_: None):
        if known.holds(_key(task.name, fold=fold)):
            yield task


def arrived(places: Places, recipe: Recipe, several: Iterable[sources.Found]) -> list[Task]:
    """The tasks of photos that have come to a folder."""
    return [_of_photo(one, places, _suffix(recipe)) for one in several]


def folds_case(folder: Path) -> bool:
    """The folder takes names that differ only in case for one; tried with a file, which is removed again."""
    probe = folder / f".maskkit-{os.urandom(6).hex()}-a"
    try:
        probe.touch(exist_ok=False)
    except OSError as error:
        raise CodecError(f"{folder}: cannot be written: {error.strerror or type(error).__name__}") from None
    try:
        return probe.with_name(f"{probe.name[:-1]}A").exists()
    finally:
        probe.unlink(missing_ok=True)


def _all(places: Places, recipe: Recipe, unread: sources.Unread) -> Iterator[Task]:
    suffix = _suffix(recipe)
    for source in places.inputs:
        if manifest.is_manifest(source):
            yield from (_of_row(row, places, suffix) for row in manifest.rows(source))
        else:
            for one in sources.found(source, unread, places.results):
                yield _of_photo(one, places, suffix)


def _suffix(recipe: Recipe) -> str:
    return FORMATS[recipe.to].suffixes[0] if recipe.to else ".png"


def _of_photo(one: sources.Found, places: Places, suffix: str) -> Task:
    mask, name = _mask_of(one.relative, places.masks), _with_suffix(one.relative, suffix)
    return _task(one.path, name, places, mask=mask, stamp=one.stamp)


def _of_row(row: manifest.Row, places: Places, suffix: str) -> Task:
    to = dict(row.changes).get("to")
    named = row.output or _with_suffix(Path(row.photo).name, FORMATS[to].suffixes[0] if to else suffix)
    try:
        name = _inside(named)
        format_to_write(to, name)
    except (PixelError, CodecError) as error:
        raise PixelError(f"{row.place}: output: {error}") from None
    return _task(row.photo, name, places, mask=row.mask, changes=row.changes, place=row.place)


def _task(
    photo: str,
    name: str,
    places: Places,
    *,
    mask: str | None,
    changes: tuple[tuple[str, object], ...] = (),
    place: str = "",
    stamp: str = "",
) -> Task:
    apart = "/" if places.remote else os.sep
    output = f"{places.destination}{apart}{name}"
    if _same(photo, output) or (mask and _same(mask, output)):
        raise PixelError(f"{shown(photo)}: its output would take its own place; name another destination")
    return Task(photo, output, name, mask, changes, place, f"{places.review}{apart}{name}", stamp=stamp)


def _same(one: str, other: str) -> bool:
    if is_url(one) or is_url(other):
        return one == other
    try:
        return os.path.samestat(os.stat(other), os.stat(one))
    except (OSError, ValueError):
        return False


def _with_suffix(name: str, suffix: str) -> str:
    return os.path.splitext(name)[0] + suffix


def _inside(name: str) -> str:
    """A path inside the destination. Raises PixelError for one that leads out of it.

    >>> _inside("shoes/./a.png")
    'shoes/a.png'
    >>> _inside("../a.png")
    Traceback (most recent call last):
    maskkit.errors.PixelError: need a path inside the destination, got '../a.png'
    """
    plain = os.path.normpath(name).replace(os.sep, "/")
    absolute = Path(plain).is_absolute() or Path(plain).drive
    if absolute or plain.split("/")[0] in ("..", ".", "") or "\0" in plain:
        raise PixelError(f"need a path inside the destination, got {name!r}")
    return plain


def _mask_of(relative: str, folder: str | Path | None) -> str | None:
    """The mask of a photo's name, whatever its format; where there is none, the PNG that is missing.

    In a store it is a PNG: to ask for every other format would take longer than all else.
    """
    if folder is None:
        return None
    if is_url(folder):
        return f"{folder}/{_with_suffix(relative, '.png')}"
    stem = f"{folder}{os.sep}{_with_suffix(relative, '')}"
    there = (stem + suffix for suffix in sources.SUFFIXES)
    return next((one for one in there if os.path.isfile(one)), f"{stem}.png")


def _key(name: str, *, fold: bool) -> int:
    same = unicodedata.normalize("NFC", name).casefold() if fold else name
    digest = hashlib.blake2b(os.fsencode(same), digest_size=_SEEN // 8).digest()
    return int.from_bytes(digest, "big")


def _refuse_twice(places: Places, setup: Setup, keys: set[int], *, fold: bool) -> None:
    first: dict[str, tuple[Task, str]] = {}
    for task in _all(places, setup.recipe, lambda *_: None):
        for name in setup.outputs(task.name):
            if _key(name, fold=fold) not in keys:
                continue
            same = unicodedata.normalize("NFC", name).casefold() if fold else name
            if same in first:
                raise PixelError(_twice(first[same], (task, name)))
            first[same] = task, name


def _twice(one: tuple[Task, str], other: tuple[Task, str]) -> str:
    places = [
        f"{shown(task.photo)} ({task.place})" if task.place else shown(task.photo) for task, _ in (one, other)
    ]
    said = f"output: {' and '.join(places)} would both be written to {other[1]}"
    if one[1] != other[1]:
        said = f"{said} or {one[1]}, which are one file there"
    return f"{said}; nothing was done. Rename one, or give outputs in a manifest"
