"""How far a clock was moved while the server ran: what is to last a time must not end by a step of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

__all__ = ["Clock"]

_STEP = 2.0  # seconds between two looks that are no drift


class Clock:
    """Compares a clock with the time that has passed.

    Parameters
    ----------
    lasting : float
        For how many seconds a step is remembered: as long as the oldest thing whose age the clock tells.
    read : callable
        The clock, in seconds since 1970.
    steady : callable
        Seconds that nobody sets.

    >>> now = [1000.0, 0.0]
    >>> clock = Clock(60.0, read=lambda: now[0], steady=lambda: now[1])
    >>> now[:] = [1010.0, 10.0]
    >>> clock.ahead()
    0.0
    >>> now[:] = [4611.0, 11.0]  # it was set an hour forward
    >>> clock.ahead()
    3600.0
    >>> now[:] = [4691.0, 91.0]  # what was there then is over by now
    >>> clock.ahead()
    0.0
    """

    def __init__(
        self,
        lasting: float,
        read: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lasting, self._read, self._steady = lasting, read, steady
        self._steps: list[tuple[float, float]] = []  # when, by how much
        self._offset = read() - steady()
        self._lock = Lock()

    def ahead(self) -> float:
        """The seconds by which ages read off the clock are too high at most, for what was there before."""
        with self._lock:
            now = self._steady()
            offset = self._read() - now
            step, self._offset = offset - self._offset, offset
            if abs(step) >= _STEP:
                self._steps.append((now, step))
            self._steps = [(when, by) for when, by in self._steps if now - when < self._lasting]
            return max(0.0, sum(by for _, by in self._steps))
