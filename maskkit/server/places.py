"""Room for so many uploads at once, of which no client of several can take all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from maskkit.server.refusals import Refused

__all__ = ["Places"]


@dataclass
class Places:
    """``count`` places; a client has three quarters of them at most, so that others find room.

    Examples
    --------
    >>> places = Places(4)
    >>> with places.of("shop"), places.of("shop"), places.of("shop"):
    ...     places.free, places.full("shop"), places.full("desk")
    (1, True, False)
    """

    count: int
    _taken: Counter[str] = field(default_factory=Counter)

    @property
    def free(self) -> int:
        """Places that nobody has."""
        return self.count - self._taken.total()

    def full(self, client: str) -> bool:
        """Whether there is none for this client."""
        return self.free <= 0 or self._taken[client] >= max(1, self.count * 3 // 4)

    @contextmanager
    def of(self, client: str) -> Iterator[None]:
        """A place for as long as the block runs. Raises Refused (429) where there is none."""
        if self.full(client):
            raise Refused(429, "TooManyRequests", "too many uploads at once", headers={"retry-after": "2"})
        self._taken[client] += 1
        try:
            yield
        finally:
            self._taken[client] -= 1
            if not self._taken[client]:
                del self._taken[client]
