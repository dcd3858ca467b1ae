"""Photos that arrive in folders, each once it is complete."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maskkit.batches.sources import Found, found, is_photo
from maskkit.errors import MissingExtraError, PixelError

__all__ = ["Arrivals"]

_STILL = 1.0  # seconds that size and time of a file have not changed: its writer is done
_PAUSE = 10.0  # the same, of a file that does not end as its format does: an upload may have stalled
_TICK = 200  # milliseconds between two looks
_END = 1024  # bytes in which a file's end is looked for: some have a few behind it


class Arrivals:
    """Watches from the moment it is made; what arrives before `each` is asked is not missed.

    Parameters
    ----------
    inputs : those of them that are folders of this machine are watched.
    but : folders that are not, as real paths: where results go.
    stopped : ends the watch once it says so.

    Raises
    ------
    MissingExtraError
        Without watchfiles.
    PixelError
        If no input is a folder.
    """

    def __init__(self, inputs: Sequence[str], but: Collection[str], stopped: Callable[[], bool]) -> None:
        try:
            from watchfiles import watch
        except ImportError:
            raise MissingExtraError("watch", "watchfiles") from None
        self._named = {os.path.realpath(one): one for one in inputs if Path(one).is_dir()}
        if not self._named:
            raise PixelError("watch: need a folder of this machine among the inputs")
        self._but = frozenset(but)
        self._waiting: dict[str, _Seen] = {}
        self._changes: Iterator[set[tuple[Any, str]]] = watch(
            *self._named, watch_filter=None, stop_event=_Stop(stopped), debounce=_TICK, step=20,
            rust_timeout=_TICK, yield_on_timeout=True, raise_interrupt=False,
        )  # fmt: skip
        self._hear(next(self._changes, set()))

    def each(self) -> Iterator[list[Found]]:
        """The photos that have become complete, again and again, until it is stopped."""
        for changes in self._changes:
            self._hear(changes)
            if complete := list(self._complete()):
                yield complete

    def _hear(self, changes: set[tuple[Any, str]]) -> None:
        for _, path in changes:
            self._wait(path)

    def _wait(self, path: str) -> None:
        self._waiting.setdefault(path, _Seen())

    def _complete(self) -> Iterator[Found]:
        for path in self._still(Path.is_dir):  # one that was moved here says nothing of what is in it
            for one in found(path, lambda *_: None, self._but):
                self._wait(one.path)  # once, whether it was heard of or not, and until it is complete itself
        for path in self._still(Path.is_file):
            yield from self._photo(path)
        deque(self._still(lambda one: not one.exists()), maxlen=0)  # gone

    def _still(self, is_such: Callable[[Path], bool]) -> Iterator[str]:
        """The paths of a kind that wait no more."""
        for path, seen in list(self._waiting.items()):
            if is_such(Path(path)) and seen.still(path):
                del self._waiting[path]
                yield path

    def _photo(self, path: str) -> Iterator[Found]:
        """The photo by the folder that was named; nothing for what is none, is hidden, or is a result."""
        for root, name in self._named.items():
            relative = os.path.relpath(path, root).replace(os.sep, "/")
            parts = relative.split("/")
            hidden = any(part.startswith(".") for part in parts)  # ".." too: it lies elsewhere
            if is_photo(parts[-1]) and not hidden and not self._is_result(path) and Path(path).is_file():
                yield Found(f"{name.rstrip(os.sep)}{os.sep}{relative}", relative)
                return

    def _is_result(self, path: str) -> bool:
        return any(path.startswith(f"{folder}{os.sep}") for folder in self._but)


def ends_early(path: str) -> bool:
    """A JPEG, PNG or WebP does not end as one; what is no such file does not end early.

    >>> ends_early("no such file")
    False
    """
    try:
        with Path(path).open("rb") as file:
            first = file.read(12)
            length = file.seek(0, os.SEEK_END)
            file.seek(max(0, length - _END))
            last = file.read()
    except OSError:
        return False
    if first.startswith(b"\xff\xd8\xff"):
        return b"\xff\xd9" not in last
    if first.startswith(b"\x89PNG"):
        return b"IEND" not in last
    return first[:4] == b"RIFF" and length < 8 + int.from_bytes(first[4:8], "little")


@dataclass
class _Seen:
    """What a file was when it was last another."""

    told: tuple[int, int] = (-1, -1)
    since: float = 0.0

    def still(self, path: str) -> bool:
        """Nothing has changed for a while; a file renamed into place is often older than that already."""
        try:
            state = Path(path).stat()
        except OSError:
            return True  # gone, and no photo
        told = state.st_size, state.st_mtime_ns
        if told != self.told:
            self.told, self.since = told, time.monotonic()
        rest = max(time.monotonic() - self.since, time.time() - state.st_mtime)
        return rest >= _STILL and (rest >= _PAUSE or not ends_early(path))


class _Stop:
    """What `watchfiles` asks whether it is to end."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self.is_set = stopped
