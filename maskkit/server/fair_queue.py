"""A queue of free things for which clients wait in turn: who asks for many keeps nobody waiting."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

__all__ = ["FairQueue"]

T = TypeVar("T")


class FairQueue(Generic[T]):
    """First come, first served among the requests of one client; the clients take turns."""

    def __init__(self) -> None:
        self._free: deque[T] = deque()
        self._waiting: dict[str, deque[asyncio.Future[T]]] = {}  # the client whose turn it is comes first

    def put(self, item: T) -> None:
        """Hand something to whose turn it is; it stays here where nobody waits."""
        while self._waiting:
            client, waiting = next(iter(self._waiting.items()))
            future = waiting.popleft()
            del self._waiting[client]
            if waiting:
                self._waiting[client] = waiting  # behind the others
            if not future.done():
                future.set_result(item)
                return
        self._free.append(item)

    async def get(self, client: str = "") -> T:
        """Something free, when it is the client's turn."""
        if self._free:
            return self._free.popleft()
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(future)
        try:
            return await future
        except asyncio.CancelledError:
            if not future.cancelled() and future.done():  # handed over to who has just left
                self.put(future.result())
            raise
