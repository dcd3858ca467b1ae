"""What is done, in SQLite: a batch that ended in any way goes on where it was."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from maskkit.batches.tasks import Outcome, Task
from maskkit.errors import CodecError, MaskkitError

__all__ = ["Doubted", "Journal", "Known"]

_SECONDS = 0.25  # of results that a power cut may take, and that are then made again
_ROWS = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (
    name TEXT PRIMARY KEY, photo TEXT NOT NULL, mask TEXT, changes TEXT NOT NULL,
    output TEXT NOT NULL, state TEXT NOT NULL,
    asked TEXT NOT NULL, files TEXT NOT NULL, content TEXT NOT NULL, written TEXT NOT NULL,
    attempts INTEGER NOT NULL, reason TEXT NOT NULL, source TEXT NOT NULL, confidence REAL,
    advice TEXT NOT NULL, doubt REAL NOT NULL, faults TEXT NOT NULL, measures TEXT NOT NULL,
    weights TEXT NOT NULL, bought INTEGER NOT NULL, seconds REAL NOT NULL, ended REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (
    name TEXT NOT NULL, content TEXT NOT NULL, claimed REAL NOT NULL, PRIMARY KEY (name, content)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS workers (pid INTEGER PRIMARY KEY, begun REAL NOT NULL);
PRAGMA user_version = 1;
"""
_COLUMNS = (
    "name", "photo", "mask", "changes", "output", "state", "asked", "files", "content", "written", "attempts",
    "reason", "source", "confidence", "advice", "doubt", "faults", "measures", "weights", "bought", "seconds",
    "ended",
)  # fmt: skip
_PUT = f"INSERT OR REPLACE INTO pictures VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - marks alone
_GET = (
    "SELECT state, asked, files, content, written, output, reason, attempts, photo, confidence "
    "FROM pictures WHERE name = ?"
)
_DOUBTED = (
    "SELECT name, photo, mask, changes, output, state, confidence, faults, advice FROM pictures "
    "WHERE state IN ('done', 'rejected') AND doubt > 0 ORDER BY doubt DESC, name"
)


@dataclass(frozen=True)
class Known:
    """What the journal holds of one output."""

    state: str
    asked: str
    files: str
    content: str
    written: str
    output: str
    reason: str
    attempts: int
    photo: str
    confidence: float | None


@dataclass(frozen=True)
class Doubted:
    """A picture that needs eyes: its task, with the output where it is, and why."""

    task: Task
    rejected: bool
    confidence: float | None
    faults: tuple[str, ...]
    advice: str


class Journal:
    """The journal in a file. Opened by one batch at a time; a batch that was killed does not hold it.

    Raises MaskkitError where another batch has it open, and CodecError where it cannot be read or written.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._waiting: list[tuple[Any, ...]] = []
        self._since = time.monotonic()
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            self._base = self._opened()
        except (OSError, sqlite3.Error) as error:
            raise self._refusal(error) from None

    def _opened(self) -> sqlite3.Connection:
        base = sqlite3.connect(self.file, timeout=2, isolation_level=None)
        try:
            # the lock is the process's: it goes with it, and no file of shared memory is needed on a share
            base.execute("PRAGMA locking_mode = EXCLUSIVE")
            base.execute("PRAGMA journal_mode = WAL")
            base.execute("PRAGMA synchronous = NORMAL")
            _check_version(base)
            base.execute("BEGIN EXCLUSIVE")
            base.execute("COMMIT")
            base.executescript(_SCHEMA)
        except BaseException:
            base.close()
            raise
        return base

    def _refusal(self, error: OSError | sqlite3.Error) -> MaskkitError:
        if "locked" in str(error):
            return MaskkitError(f"{self.file}: another batch is writing to this destination")
        if isinstance(error, sqlite3.DatabaseError) and "not a database" in str(error):
            return CodecError(f"{self.file}: is not a journal of maskkit; move it away to begin anew")
        reason = getattr(error, "strerror", None) or str(error)
        return CodecError(f"{self.file}: cannot be written: {reason}")

    def known(self, name: str) -> Known | None:
        """What came of the output of this name before."""
        row = self._base.execute(_GET, (name,)).fetchone()
        return None if row is None else Known(*row)

    def put(self, outcome: Outcome, task: Task, asked: str, files: str) -> None:
        """Keep what came of a task; at the latest a quarter of a second later it is on the disk."""
        self._waiting.append(_row(outcome, task, asked, files))
        late = time.monotonic() - self._since > _SECONDS
        if outcome.bought or late or len(self._waiting) >= _ROWS:
            self.flush()

    def seen(self, outcome: Outcome, files: str) -> None:
        """The files of a picture are others of the same content."""
        self._base.execute("UPDATE pictures SET files = ? WHERE name = ?", (files, outcome.name))

    def flush(self) -> None:
        """Write what waits. Raises CodecError where the disk is full."""
        self._since = time.monotonic()
        if not self._waiting:
            return
        try:
            self._base.execute("BEGIN")
            self._base.executemany(_PUT, self._waiting)
            self._base.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._base.execute("ROLLBACK")
            raise self._refusal(error) from None
        self._waiting.clear()

    def claim(self, name: str, content: str, most: int, *, dry: bool = False) -> bool:
        """Claim an order for an output, of files of this content, before it is paid.

        True where it is claimed already, or ``most`` are not. The claim stays, so that what was bought once
        is counted for good, and an order that was cut short is the same order when it goes on. ``dry`` asks
        only.
        """
        self.flush()
        held = "SELECT 1 FROM orders WHERE name = ? AND content = ?"
        if self._base.execute(held, (name, content)).fetchone():
            return True
        if self.claimed() >= most:
            return False
        if not dry:
            self._base.execute("INSERT INTO orders VALUES (?, ?, ?)", (name, content, time.time()))
        return True

    def claimed(self) -> int:
        """How many orders are claimed."""
        return int(self._base.execute("SELECT count(*) FROM orders").fetchone()[0])

    def unclaim(self, name: str, content: str) -> None:
        """Nothing had to be paid: the mask was in the cache."""
        self._base.execute("DELETE FROM orders WHERE name = ? AND content = ?", (name, content))

    def began(self, pid: int) -> None:
        """A worker of this batch: what it leaves unfinished if it is killed has its number in the name."""
        self._base.execute("INSERT OR REPLACE INTO workers VALUES (?, ?)", (pid, time.time()))

    def left(self) -> dict[int, float]:
        """The workers of a batch that did not come to its end, and when they began."""
        return dict(self._base.execute("SELECT pid, begun FROM workers"))

    def ended(self) -> None:
        """No worker has left anything."""
        self._base.execute("DELETE FROM workers")

    def doubted(self) -> Iterator[Doubted]:
        """The pictures that need eyes, the most doubtful first."""
        self.flush()
        for name, photo, mask, changes, output, *rest in self._base.execute(_DOUBTED):
            own = tuple((key, value) for key, value in json.loads(changes))
            state, confidence, faults, advice = rest
            task = Task(photo, output, name, mask, own)
            yield Doubted(task, state == "rejected", confidence, tuple(json.loads(faults)), advice)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        try:
            self.flush()
        finally:
            self._base.close()


def _check_version(base: sqlite3.Connection) -> None:
    version = base.execute("PRAGMA user_version").fetchone()[0]
    if version > 1:
        raise sqlite3.DatabaseError(f"was written by a later maskkit, as version {version}")


def _row(made: Outcome, task: Task, asked: str, files: str) -> tuple[Any, ...]:
    return (
        made.name, made.photo, task.mask, json.dumps(task.changes), made.output, made.state, asked, files,
        made.content, made.written, made.attempts, made.reason, made.source, made.confidence, made.advice,
        made.doubt, json.dumps(made.faults), json.dumps(dict(made.measures)), made.weights, int(made.bought),
        made.seconds, time.time(),
    )  # fmt: skip
