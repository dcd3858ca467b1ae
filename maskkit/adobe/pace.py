"""Time: the clock that is asked, how long to wait before the next try, how many orders a window takes."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

__all__ = ["Deadline", "Pace", "RateLimit", "backoff", "retry_after"]

_LONGEST = 86400.0  # seconds: no Retry-After holds a process for longer than a day


@dataclass(frozen=True)
class Pace:
    """The clock, the sleep and the chance that a client uses (tests give their own), and its rhythm.

    The n-th wait of a poll is ``min(ceiling, floor * growth**n)`` seconds, less up to half by chance.
    """

    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], object] = time.sleep
    sleep_async: Callable[[float], Awaitable[object]] = asyncio.sleep
    random: Callable[[], float] = random.random
    floor: float = 0.4
    ceiling: float = 8.0
    growth: float = 1.6


class Deadline:
    """One end for all the steps of a job, on the monotonic clock.

    >>> now = 100.0
    >>> deadline = Deadline(Pace(clock=lambda: now), 90.0)
    >>> now = 130.0
    >>> deadline.left()
    60.0
    """

    def __init__(self, pace: Pace, seconds: float) -> None:
        self.seconds = seconds
        self._clock, self._until = pace.clock, pace.clock() + seconds

    def left(self) -> float:
        """The seconds that are left; below 0 when it has passed."""
        return self._until - self._clock()

    def extend(self, seconds: float) -> None:
        """So many seconds do not count: they went by in the client's own queue."""
        self._until += seconds


def backoff(pace: Pace) -> Iterator[float]:
    """The waits between tries, growing from ``floor`` to ``ceiling``, never below ``floor``.

    >>> [round(wait, 2) for wait, _ in zip(backoff(Pace(random=lambda: 0.0)), range(4))]
    [0.4, 0.64, 1.02, 1.64]
    """
    wait = pace.floor
    while True:
        yield max(pace.floor, wait * (1 - pace.random() / 2))
        wait = min(pace.ceiling, wait * pace.growth)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds of ``Retry-After``, given as seconds or as an HTTP date (``now`` is Unix time).

    >>> retry_after({"retry-after": "Thu, 01 Jan 1970 00:01:30 GMT"}, now=60.0)
    30.0
    """
    value = headers.get("retry-after", "").strip()
    try:
        seconds = float(value) if value[:1].isdigit() else _until(value, headers, now)
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, seconds), _LONGEST)


def _until(date: str, headers: Mapping[str, str], now: float) -> float:
    with suppress(KeyError, ValueError, TypeError):  # the server's own clock is the one it counts with
        now = parsedate_to_datetime(headers["date"]).replace(tzinfo=UTC).timestamp()
    return parsedate_to_datetime(date).replace(tzinfo=UTC).timestamp() - now


class RateLimit:
    """At most ``count`` orders in any ``seconds``; one instance may be shared by clients and threads.

    >>> limit = RateLimit(2, 3.0)
    >>> [limit.reserve(0.0) for _ in range(5)]
    [0.0, 0.0, 3.0, 3.0, 6.0]
    """

    def __init__(self, count: int = 2, seconds: float = 3.0) -> None:
        self.seconds = seconds
        self._granted: deque[float] = deque([float("-inf")] * count, maxlen=count)
        self._not_before = float("-inf")
        self._lock = threading.Lock()

    def reserve(self, now: float) -> float:
        """Take the next free place; how many seconds from ``now`` it is away."""
        with self._lock:
            at = max(now, self._granted[0] + self.seconds, self._not_before)
            self._granted.append(at)
            return at - now

    def held(self, now: float) -> float:
        """For how many seconds more the service wants no order."""
        return max(0.0, self._not_before - now)

    def hold(self, until: float) -> None:
        """No further place before ``until``: the service has said so."""
        with self._lock:
            self._not_before = max(self._not_before, until)
