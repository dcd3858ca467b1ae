"""How many bytes each client's files take, those included that are still arriving."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Lock

__all__ = ["Arrival", "OverQuotaError", "Quota"]


class OverQuotaError(Exception):
    """A client's files would take more than they may."""


class Quota:
    """At most ``limit`` bytes for each owner of files.

    A file that arrives is counted piece by piece: of many that arrive together, only as much is taken in as
    there is room for. A file that takes another's place may be as large as that one and the room beside it;
    until it has taken the place, both are on the disk.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._stored, self._arriving = Counter[str](), Counter[str]()
        self._lock = Lock()

    def recount(self, stored: Mapping[str, int]) -> None:
        """Take over the bytes that each owner's files take, as somebody has looked them up."""
        with self._lock:
            self._stored = Counter(stored)

    def is_full(self, owner: str) -> bool:
        """Whether the owner's files take all that they may."""
        return self._stored[owner] >= self.limit

    @contextmanager
    def arrival(self, owner: str, replaced: int) -> Iterator[Arrival]:
        """Count a file while it arrives; ``replaced`` is the size of the one whose place it takes."""
        arrival = Arrival(self, owner, replaced)
        try:
            yield arrival
        finally:
            arrival.release()

    def reserve(self, owner: str, size: int, replaced: int) -> None:
        """Count ``size`` bytes more as arriving. Raises OverQuotaError, and then nothing is counted."""
        with self._lock:
            if self._stored[owner] - replaced + self._arriving[owner] + size > self.limit:
                raise OverQuotaError
            self._arriving[owner] += size

    def settle(self, owner: str, size: int, change: int) -> None:
        """Count ``size`` bytes as arriving no longer, and ``change`` bytes more as stored."""
        with self._lock:
            self._arriving[owner] -= size
            self._stored[owner] += change


class Arrival:
    """One file that arrives."""

    def __init__(self, quota: Quota, owner: str, replaced: int) -> None:
        self._quota, self._owner, self._replaced = quota, owner, replaced
        self.size = 0

    def take(self, size: int) -> None:
        """Count the next ``size`` bytes. Raises OverQuotaError."""
        self._quota.reserve(self._owner, size, self._replaced)
        self.size += size

    def keep(self, replaced: int) -> None:
        """The file is stored, and took the place of one of ``replaced`` bytes."""
        size, self.size = self.size, 0
        self._quota.settle(self._owner, size, size - replaced)

    def release(self) -> None:
        """Whatever was not stored is counted no longer."""
        size, self.size = self.size, 0
        self._quota.settle(self._owner, size, 0)
