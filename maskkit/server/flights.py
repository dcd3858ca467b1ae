"""Answers computed once for equal requests that come while one is made, or shortly after.

A client whose patience ends before its answer asks again; that must not cost the work again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from maskkit.server.removebg_picture import Answer

__all__ = ["Flights"]


@dataclass
class Flights:
    """Answers under way, and those that were made within the last ``seconds``.

    ``count`` and ``size`` (bytes) limit what is kept once it is made; the oldest go first.
    """

    seconds: float = 30.0
    count: int = 100
    size: int = 64_000_000
    _tasks: dict[bytes, asyncio.Task[Answer]] = field(default_factory=dict)

    def of(self, key: bytes, compute: Callable[[], Coroutine[Any, Any, Answer]]) -> asyncio.Task[Answer]:
        """The work that the key stands for, begun unless it is under way or done."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(compute())
            task.add_done_callback(partial(self._land, key))
        return task

    def _land(self, key: bytes, task: asyncio.Task[Answer]) -> None:
        """Keep a good answer for a moment; a failure is tried again."""
        self._tasks.pop(key, None)
        if not _is_made(task):
            return
        self._tasks[key] = task  # the newest, however long it took
        # one that failed in the same turn of the loop is still there, until it lands itself
        landed = [one for one, other in self._tasks.items() if _is_made(other)]
        room = self.size
        for at, one in enumerate(reversed(landed)):
            room -= len(self._tasks[one].result().content)
            if room < 0 or at >= self.count:
                del self._tasks[one]
        asyncio.get_running_loop().call_later(self.seconds, self._forget, key, task)

    def _forget(self, key: bytes, task: asyncio.Task[Answer]) -> None:
        if self._tasks.get(key) is task:  # it may have been dropped, and asked for again since
            del self._tasks[key]


def _is_made(task: asyncio.Task[Answer]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None
