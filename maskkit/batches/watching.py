"""Photos that arrive in folders, each once it is complete."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maskkit.batches.sources import Found, found, is_photo
from maskkit.errors import MissingExtraError, PixelError

__all__ = ["Arrivals"]

_STILL = 1.0  # seconds that size and time of a file have not changed: its writer is done
_TICK = 200  # milliseconds between two looks


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
        for path, seen in list(self._waiting.items()):
            if not seen.still(path):
                continue
            del self._waiting[path]
            if Path(path).is_dir():  # one that was moved here says nothing of what is in it
                for one in found(path, lambda *_: None, self._but):
                    yield from self._photo(one.path)
            else:
                yield from self._photo(path)

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
        return time.monotonic() - self.since >= _STILL or time.time() - state.st_mtime >= _STILL


class _Stop:
    """What `watchfiles` asks whether it is to end."""

    def __init__(self, stopped: Callable[[], bool]) -> None:
        self.is_set = stopped
