"""A floor under the speed of what others send."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["Throughput"]


@dataclass
class Throughput:
    """How fast a body comes, measured in stretches of ``seconds``; ``floor`` is in bytes a second.

    A limit of silence alone lets a sender hold a line for ever with a byte now and then.

    Examples
    --------
    >>> times = iter([0.0, 5.0, 10.0, 15.0])
    >>> speed = Throughput(1000.0, 15.0, now=lambda: next(times))
    >>> speed.came(4000), speed.came(4000)
    (None, None)
    >>> speed.came(1)
    Traceback (most recent call last):
    TimeoutError
    """

    floor: float
    seconds: float
    now: Callable[[], float] = time.monotonic
    _begun: float = field(init=False)
    _bytes: int = 0

    def __post_init__(self) -> None:
        self._begun = self.now()

    def came(self, size: int) -> None:
        """Note a piece. Raises TimeoutError where a stretch brought less than the floor."""
        now, self._bytes = self.now(), self._bytes + size
        if now < self._begun + self.seconds:
            return
        if self._bytes < self.floor * (now - self._begun):
            raise TimeoutError
        self._begun, self._bytes = now, 0
