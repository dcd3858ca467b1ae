"""A clock that sleeping moves, so that minutes of back-off take no time."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

from maskkit.adobe.pace import Pace

__all__ = ["FakeTime"]


class FakeTime:
    """Stands in for the clock, the sleep and the chance of a client: ``MaskClient(pace=FakeTime().pace())``.

    >>> fake = FakeTime()
    >>> fake.sleep(90)
    >>> fake.clock(), fake.slept
    (90.0, [90])
    """

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._clock = 0.0
        self._began = time.time()
        self._lock = threading.Lock()

    def clock(self) -> float:
        """Seconds since the beginning."""
        return self._clock

    def now(self) -> float:
        """Unix time, as far as the clock has come."""
        return self._began + self._clock

    def random(self) -> float:
        """No chance at all."""
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Move the clock."""
        self._move(self._clock + seconds, seconds)

    async def sleep_async(self, seconds: float) -> None:
        """Move the clock after the others had their turn; who sleeps side by side sleeps once."""
        until = self._clock + seconds
        await asyncio.sleep(0)
        self._move(until, seconds)

    def pace(self, **rhythm: Any) -> Pace:
        """The `Pace` to give to a client."""
        return Pace(self.clock, self.now, self.sleep, self.sleep_async, self.random, **rhythm)

    def _move(self, until: float, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self._clock = max(self._clock, until)
