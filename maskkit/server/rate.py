"""How much each client may ask for in a minute."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Allowance", "RateLimit"]

_SECONDS = 60.0


@dataclass(frozen=True)
class Allowance:
    """What a client has left: units, and when its window ends.

    ``reset`` is in Unix seconds, ``wait`` in seconds from now.
    """

    limit: int
    remaining: int
    reset: int
    wait: int


@dataclass
class RateLimit:
    """A fixed window of a minute for each client, which begins with its first request.

    Examples
    --------
    >>> limit = RateLimit(2, now=lambda: 0.0)
    >>> limit.take("shop", 1), limit.take("shop", 1), limit.take("shop", 1)
    (True, True, False)
    >>> limit.left("shop").wait
    60
    """

    units: int
    now: Callable[[], float] = time.monotonic
    _windows: dict[str, tuple[float, int]] = field(default_factory=dict)

    def take(self, client: str, units: int) -> bool:
        """Count so many units (negative ones are given back) unless all are used up."""
        begun, used = self._window(client)
        if units > 0 and used >= self.units:
            return False
        self._windows[client] = (begun, max(0, used + units))
        return True

    def left(self, client: str) -> Allowance:
        """What the client has left in its window."""
        begun, used = self._window(client)
        wait = max(1, math.ceil(begun + _SECONDS - self.now()))
        return Allowance(self.units, max(0, self.units - used), math.ceil(time.time()) + wait, wait)

    def _window(self, client: str) -> tuple[float, int]:
        now = self.now()
        begun, used = self._windows.get(client, (now, 0))
        return (begun, used) if now < begun + _SECONDS else (now, 0)
