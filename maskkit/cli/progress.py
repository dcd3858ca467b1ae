"""What is seen of a batch: a line that is written over, plain lines, or JSON objects; and its signals."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

import typer

from maskkit.batches.child import ENDS
from maskkit.cli.failing import as_options
from maskkit.codec.replacing import discard_unfinished

if TYPE_CHECKING:
    from maskkit.batches.tasks import Outcome, Summary

__all__ = ["Events", "Progress", "Stop", "finishing"]

_OFTEN, _SELDOM = 0.1, 10.0  # seconds between two lines, at a terminal and elsewhere
_NAMED = 20  # failures, and warnings, that are named on the way


class Progress:
    """Counts, rate, time left and the engine in use on stderr; each failure on a line of its own."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self._seen = sys.stderr.isatty()
        self._count = self._ended = self._made = self._failed = self._rejected = self._warned = 0
        self._engine, self._written = "", False
        self._started = self._told = time.monotonic()

    def counted(self, count: int) -> None:
        """So many pictures there are."""
        self._count = count
        self._started = self._told = time.monotonic()

    def tell(self, made: Outcome) -> None:
        """A picture has ended."""
        self._ended += 1
        self._made += made.state in ("done", "rejected")
        self._rejected += made.state == "rejected"
        self._engine = made.source or self._engine
        if made.state == "failed":
            self._failed += 1
            self._fail(made)
        for said in made.warned:
            self._warn(said if said.startswith(f"{made.photo}:") else f"{made.photo}: {said}")
        now = time.monotonic()
        if not self.quiet and now - self._told > (_OFTEN if self._seen else _SELDOM):
            self._told = now
            self.say(self._line(now - self._started))

    def say(self, words: str) -> None:
        """A line that the next one takes the place of, at a terminal."""
        if self._seen:
            self._written = True
            typer.echo(f"\r\x1b[K{words}", err=True, nl=False)
        else:
            typer.echo(words, err=True)

    def note(self, words: str) -> None:
        """A line that stays."""
        self.clear()
        typer.echo(words, err=True)

    def heard(self, words: str) -> None:
        """`note` for the handler of a signal: the stream may be in the midst of a write."""
        before = "\r\x1b[K" if self._written else ""
        with suppress(OSError):
            os.write(2, f"{before}{words}\n".encode())

    def clear(self) -> None:
        """Take the line away."""
        if self._written:
            self._written = False
            typer.echo("\r\x1b[K", err=True, nl=False)

    def ended(self, summary: Summary, state: Path) -> None:
        """What came of all."""
        self.clear()
        for folder, why in summary.unread:
            typer.echo(f"{folder}: {why}", err=True)
        if summary.failures:
            typer.echo(f"what failed: {summary.failures}", err=True)
        if summary.stopped:
            typer.echo(f"stopped: {summary.stopped}; {summary.left} left, the same command goes on", err=True)
        if not self.quiet:
            typer.echo(_total(summary))
            if (page := state / "review.html").exists():
                typer.echo(f"review: {page}")

    def _fail(self, made: Outcome) -> None:
        if self._failed <= _NAMED:
            before = " (before; --retry-failed tries again)" if made.again else ""
            named = made.reason.startswith(f"{made.photo}:")
            said = made.reason if named else f"{made.photo}: {made.reason}"
            self.note(f"failed: {as_options(said)}{before}")
        elif self._failed == _NAMED + 1:
            self.note("failed: more, see failures.jsonl")

    def _warn(self, said: str) -> None:
        self._warned += 1
        if self._warned <= _NAMED:
            self.note(f"warning: {as_options(said)}")
        elif self._warned == _NAMED + 1:
            self.note("warning: more; --json has each with its picture")

    def _line(self, seconds: float) -> str:
        rate = self._made / max(seconds, 1e-3)
        left = _clock((self._count - self._ended) / rate) if rate else "?"
        parts = [f"{self._ended}/{self._count}", f"{rate:.1f}/s", f"{left} left"]
        parts += [f"{self._failed} failed"] if self._failed else []
        parts += [f"{self._rejected} rejected"] if self._rejected else []
        return ", ".join([*parts, f"mask: {self._engine}"] if self._engine else parts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.clear()


class Events(Progress):
    """A JSON object on stdout for everything that happens."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self._heard: list[str] = []

    def counted(self, count: int) -> None:
        """``{"event": "begin", "count": N}``."""
        _emit("begin", count=count)

    def tell(self, made: Outcome) -> None:
        """``{"event": "picture", ...}`` with the fields of an `Outcome`."""
        facts = {name: value for name, value in asdict(made).items() if name not in _OURS}
        _emit("picture", **facts)
        self._tell_heard()

    def heard(self, words: str) -> None:
        """A note that comes after the next picture, or before the end."""
        self._heard.append(words)

    def _tell_heard(self) -> None:
        while self._heard:
            self.note(self._heard.pop(0))

    def note(self, words: str) -> None:
        """``{"event": "note", "said": ...}``."""
        _emit("note", said=words)

    def ended(self, summary: Summary, state: Path) -> None:
        """``{"event": "end", ...}`` with the fields of a `Summary`."""
        self._tell_heard()
        page = state / "review.html"
        _emit("end", **asdict(summary), ok=summary.ok, review=str(page) if page.exists() else None)


_OURS = ("weights", "content", "written", "fatal")


class Stop:
    """Whether a signal has asked for an end, and the exit code that it means."""

    def __init__(self) -> None:
        self.code = 0

    def asked(self) -> bool:
        """It has."""
        return bool(self.code)


@contextmanager
def finishing(said: Progress) -> Iterator[Stop]:
    """Ctrl-C, SIGTERM and SIGHUP finish what runs and begin nothing more; a second one ends at once.

    Workers see that this process is gone, remove what they had half written, and end as well.
    """
    stop, before = Stop(), {}

    def hear(number: int, _frame: FrameType | None) -> None:
        if stop.code:
            discard_unfinished()
            os._exit(128 + number)
        stop.code = 128 + number
        said.heard("maskkit: finishing what runs; once more ends at once")

    for number in ENDS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, hear)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _emit(event: str, **facts: Any) -> None:
    typer.echo(json.dumps({"event": event, **facts}))


def _total(summary: Summary) -> str:
    counts = {name: getattr(summary, name) for name in ("done", "kept", "skipped", "rejected", "failed")}
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count or name == "done")
    bought = f", {summary.bought} orders paid" if summary.bought else ""
    return f"{said}{bought}, {_clock(summary.seconds)}"


def _clock(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> _clock(3.21), _clock(75), _clock(7322)
    ('3.2 s', '1:15', '2:02:02')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
