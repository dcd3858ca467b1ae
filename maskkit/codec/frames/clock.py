"""Times of a file that counts in whole ticks: what rounding leaves is made up for by the frames after."""

from __future__ import annotations

import math
from fractions import Fraction

__all__ = ["Clock"]


class Clock:
    """Seconds to whole ticks; the sum is never more than half a tick off.

    >>> clock = Clock(Fraction(1, 100))
    >>> [clock.ticks(Fraction(1, 30)) for _ in range(6)]
    [3, 4, 3, 3, 4, 3]
    """

    def __init__(self, tick: Fraction, least: int = 0) -> None:
        self._tick, self._least = tick, least
        self._end = Fraction(0)
        self._told = 0

    def ticks(self, seconds: Fraction) -> int:
        """How many ticks a frame of so many seconds is shown, ``least`` or more."""
        self._end += seconds / self._tick
        count = max(math.floor(self._end + Fraction(1, 2)) - self._told, self._least)
        self._told += count
        return count
