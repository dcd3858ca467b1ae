"""Workers: lanes of one process each, or the executor that was given.

A pool of many processes breaks as a whole when one process dies, and nobody can say whose picture it was. A
lane breaks alone, and what it was at is the first of what it was given.
"""

from __future__ import annotations

import os
import pickle
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context

from maskkit.batches import making
from maskkit.batches.child import unheard
from maskkit.batches.tasks import Outcome, Setup, Task
from maskkit.errors import MaskkitError

__all__ = ["Bundle", "Lane", "cores", "given_lane", "is_killed", "is_loss", "process_lanes", "thread_lane"]

Work = Callable[[Sequence[Task]], list[Outcome]]
Began = Callable[[int], object]
_AHEAD = 2  # bundles that a worker has: one at hand, one that waits for it


@dataclass(eq=False)
class Bundle:
    """Tasks that travel together, and how often a worker began with them."""

    tasks: Sequence[Task]
    attempts: int = 1


@dataclass(eq=False)
class Lane:
    """An executor and what it has been given, in that order.

    ``room`` is how many bundles it takes at once; ``start`` makes its executor anew, where that can be done,
    and then it ends with the batch. A bundle should hold ``seconds`` of work: some hundred times what its
    journey costs, and still what nobody minds waiting for after Ctrl-C; at ``most`` so many pictures.
    """

    executor: Executor
    work: Work
    room: int
    start: Callable[[], Executor] | None = None
    running: deque[tuple[Bundle, Future[list[Outcome]]]] = field(default_factory=deque)
    hello: Future[int] | None = None
    pid: int = 0
    seconds: float = 0.2
    most: int = 32

    @property
    def free(self) -> bool:
        """It takes another bundle."""
        return len(self.running) < self.room

    def submit(self, bundle: Bundle) -> Future[list[Outcome]]:
        """Give it a bundle. Raises BrokenExecutor where its process is gone."""
        with unheard():  # the first that an executor is given starts its process
            future = self.executor.submit(self.work, bundle.tasks)
        self.running.append((bundle, future))
        return future

    def greet(self) -> None:
        """Start its process, without waiting until it is there."""
        if self.start is not None and self.hello is None:
            with unheard():
                self.hello = self.executor.submit(making.hello)

    def begin(self, began: Began) -> None:
        """Hear from a new process which one it is. Raises MaskkitError where it cannot start."""
        if self.hello is None or self.pid:
            return
        try:
            self.pid = self.hello.result()
        except BrokenExecutor:
            raise MaskkitError(
                "a worker could not start; a script that calls batch does so under "
                "`if __name__ == '__main__':`, or with workers='threads'"
            ) from None
        began(self.pid)

    def renew(self) -> None:
        """Another process in the place of one that died."""
        if self.start is not None:
            self.executor.shutdown(wait=False, cancel_futures=True)
            self.executor, self.pid, self.hello = self.start(), 0, None
            self.greet()

    def drop(self) -> None:
        """Take back what nothing has begun with, where that is much."""

    def died(self) -> Collection[int]:
        """The processes that went without a word, beside those that broke the lane."""
        return ()

    def end(self) -> None:
        """Wait until what was started here has ended."""
        if self.start is not None:
            self.executor.shutdown(wait=True, cancel_futures=True)


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def process_lanes(setup: Setup, count: int) -> list[Lane]:
    """``count`` processes, which share the cores between them."""
    threads, packed = max(1, cores() // count), pickle.dumps(setup)

    def start() -> Executor:
        return ProcessPoolExecutor(
            1, get_context("spawn"), initializer=making.start, initargs=(threads, packed)
        )

    return [Lane(start(), making.make_known, _AHEAD, start) for _ in range(count)]


def thread_lane(setup: Setup, count: int) -> Lane:
    """``count`` threads of this process, which also share its interpreter's lock."""

    def start() -> Executor:
        return ThreadPoolExecutor(count, thread_name_prefix="maskkit-batch")

    return Lane(start(), partial(making.make_all, setup), _AHEAD * count, start)


def given_lane(setup: Setup, executor: Executor) -> Lane:
    """An executor that somebody else has made, and ends."""
    count = getattr(executor, "_max_workers", None) or cores()
    return Lane(executor, partial(making.make_all, setup), _AHEAD * int(count))


def is_loss(error: BaseException) -> bool:
    """The executor is broken, with all that it has."""
    return isinstance(error, BrokenExecutor)


def is_killed(error: BaseException | None) -> bool:
    """A cluster gives up a bundle whose workers died; it says so of all that they had, innocent or not."""
    return type(error).__name__ == "KilledWorker"
