"""Writes of SQLite in one thread, those that wait together in one transaction.

A commit waits for the disk, and lets one write at a time. What comes in meanwhile shares the next commit:
the disk is asked once for many steps, and one thread is woken instead of one for each. Nobody hears of a
step before it is on the disk.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple

from sqlalchemy.exc import OperationalError

__all__ = ["GroupCommit"]

MOST = 64  # steps in a transaction; more would keep other processes from writing


class _Asked(NamedTuple):
    step: Callable[[], Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class _Outcome(NamedTuple):
    asked: _Asked
    value: Any = None
    error: Exception | None = None


class GroupCommit:
    """Runs steps that write by ``connection``, SQLite's own in autocommit, while it holds ``writing``.

    A step that fails leaves the others as they are, unless the database gave up the whole transaction: then
    all of it fail.
    """

    def __init__(
        self, connection: sqlite3.Connection, writing: Callable[[], AbstractContextManager[None]]
    ) -> None:
        self._connection, self._writing = connection, writing
        self._asked: SimpleQueue[_Asked | None] = SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def is_here(self) -> bool:
        """Whether the one who asks is a step that runs, and so may write as it is."""
        return self._thread is threading.current_thread()

    async def take(self, step: Callable[[], Any]) -> Any:
        """What ``step()`` gives, once it is on the disk. Raises SQLAlchemyError where it gets not there."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._take_all, name="maskkit-writer", daemon=True)
            self._thread.start()
        loop = asyncio.get_running_loop()
        asked = _Asked(step, loop.create_future(), loop)
        self._asked.put(asked)
        return await asked.future

    def close(self) -> None:
        """End the thread, after what was asked."""
        self._asked.put(None)
        if self._thread is not None:
            self._thread.join(timeout=1.0)  # a write that hangs is left

    def _take_all(self) -> None:
        going = True
        while going:
            came = self._next()
            group, going = [asked for asked in came if asked is not None], None not in came
            if group:
                _tell(self._outcomes(group))

    def _next(self) -> list[_Asked | None]:
        """What waits, at least one; the last is None at the end."""
        came = [self._asked.get()]
        with suppress(Empty):
            while came[-1] is not None and len(came) < MOST:
                came.append(self._asked.get_nowait())
        return came

    def _outcomes(self, group: list[_Asked]) -> list[_Outcome]:
        try:
            with self._writing():
                return self._together(group) if len(group) > 1 else [_taken(group[0])]
        except Exception as error:  # the database is busy, say: nothing was written
            return [_Outcome(asked, error=error) for asked in group]

    def _together(self, group: list[_Asked]) -> list[_Outcome]:
        self._ask("BEGIN IMMEDIATE")
        try:
            outcomes = []
            for asked in group:
                outcomes.append(_taken(asked))
                if not self._connection.in_transaction:  # it was rolled back, with all that came before
                    raise outcomes[-1].error or RuntimeError("the transaction was ended")
            self._ask("COMMIT")
            return outcomes
        finally:
            if self._connection.in_transaction:
                self._ask("ROLLBACK")

    def _ask(self, words: str) -> None:
        try:
            self._connection.execute(words)
        except sqlite3.Error as error:
            raise OperationalError(words, None, error) from None


def _taken(asked: _Asked) -> _Outcome:
    try:
        return _Outcome(asked, asked.step())
    except Exception as error:
        return _Outcome(asked, error=error)


def _tell(outcomes: list[_Outcome]) -> None:
    for loop in {one.asked.loop for one in outcomes}:
        theirs = [one for one in outcomes if one.asked.loop is loop]
        with suppress(RuntimeError):  # closed: nobody waits any more
            loop.call_soon_threadsafe(_settle, theirs)


def _settle(outcomes: Iterable[_Outcome]) -> None:
    for (_, future, _), value, error in outcomes:
        if future.done():  # whoever asked has gone
            continue
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error)
