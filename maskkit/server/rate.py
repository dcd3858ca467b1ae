"""How much each client may ask for in a minute."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Allowance", "RateLimit"]

_SECONDS, _KEPT = 60.0, 10_000


@dataclass(frozen=True)
class Allowance:
    """What a client has left: units, and when its window ends.

    ``reset`` is in Unix seconds, ``wait`` in seconds from now.
    """

    limit: int
    remaining: int
    reset: int
    wait: int


class _Window(NamedTuple):
    end: float  # by a clock that never steps
    reset: int  # the same moment by the wall's clock, as it was told first
    used: int


@dataclass
class RateLimit:
    """A fixed window of a minute for each client, which begins with its first request.

    ``now`` is in seconds by a clock that never steps, ``wall`` in Unix seconds.

    Examples
    --------
    >>> limit = RateLimit(2, now=lambda: 0.0, wall=lambda: 1000.5)
    >>> limit.take("shop", 1), limit.take("shop", 1), limit.take("shop", 1)
    (True, True, False)
    >>> limit.left("shop")
    Allowance(limit=2, remaining=0, reset=1061, wait=60)
    """

    units: int
    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    _windows: dict[str, _Window] = field(default_factory=dict)

    def take(self, client: str, units: int) -> bool:
        """Count so many units, unless all are used up."""
        if self._window(client).used >= self.units:
            return False
        self.charge(client, units)
        return True

    def charge(self, client: str, units: int) -> None:
        """Count units of work that was let in, whatever is left by now; negative ones are given back."""
        window = self._window(client)
        used = max(0, window.used + units)
        if len(self._windows) >= _KEPT:  # an open server's clients are addresses, of which there are many
            now = self.now()
            self._windows = {one: window for one, window in self._windows.items() if now < window.end}
        if used or client in self._windows:
            self._windows[client] = window._replace(used=used)

    def left(self, client: str) -> Allowance:
        """What the client has left in its window."""
        window = self._window(client)
        wait = max(1, math.ceil(window.end - self.now()))
        return Allowance(self.units, max(0, self.units - window.used), window.reset, wait)

    def _window(self, client: str) -> _Window:
        now, window = self.now(), self._windows.get(client)
        if window is not None and now < window.end:
            return window
        return _Window(now + _SECONDS, math.ceil(self.wall() + _SECONDS), 0)
