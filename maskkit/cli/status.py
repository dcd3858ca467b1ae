"""What a person at a terminal sees while a command works: one line that is written over."""

from __future__ import annotations

import sys
import threading
from types import TracebackType
from typing import Self

import typer

__all__ = ["Status"]

_PATIENCE = 1.0  # seconds before a wait is worth a line


class Status:
    """Names the step at hand on stderr, once the command has taken a second; silent where nobody looks."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self._seen = sys.stderr.isatty() and not quiet
        self._words = ""
        self._written = False
        self._late = False
        self._lock = threading.Lock()
        self._timer = threading.Timer(_PATIENCE, self._begin)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if self._seen:
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._late = False
            if self._written:
                self._write("")
            self._seen = False

    def tell(self, words: str) -> None:
        """The step at hand, shown if the command has taken long already, or as soon as it has."""
        with self._lock:
            self._words = words
            if self._late:
                self._write(f"{words} ...")

    def now(self, words: str) -> None:
        """A step of a service, shown at once: it may take long."""
        with self._lock:
            self._words = ""
            if self._seen:
                self._write(words)

    def _begin(self) -> None:
        with self._lock:
            if self._seen:
                self._late = True
                if self._words:
                    self._write(f"{self._words} ...")

    def _write(self, words: str) -> None:
        self._written = bool(words)
        typer.echo(f"\r\x1b[K{words}", err=True, nl=False)
