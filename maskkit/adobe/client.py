"""Clients of bytes and URLs: they own the connection, run conversations, submit and poll."""

from __future__ import annotations

from types import TracebackType
from typing import Self, TypeVar, Unpack

import httpx

from maskkit.adobe.connections import connection
from maskkit.adobe.drivers import AsyncDriver, Driver
from maskkit.adobe.effects import Talk
from maskkit.adobe.environment import settings
from maskkit.adobe.job import Job
from maskkit.adobe.service import Options, Service, service_of
from maskkit.adobe.waiting import poll
from maskkit.wire import Status

__all__ = ["AsyncServiceClient", "ServiceClient"]

T = TypeVar("T")


class ServiceClient:
    """A connection to a masking service; ``http`` is used and not closed if it is given."""

    def __init__(self, *, http: httpx.Client | None = None, **how: Unpack[Options]) -> None:
        self.service: Service = service_of(**how)
        self._own = None if http else connection(httpx.Client)
        self._driver = Driver(self.service, http or self._own)  # type: ignore[arg-type]

    @classmethod
    def from_env(cls, *, http: httpx.Client | None = None, **how: Unpack[Options]) -> Self:
        """A client as the environment describes it; arguments win over the environment."""
        return cls(http=http, **settings(**how))

    def run(self, talk: Talk[T]) -> T:
        """Hold a conversation to its end."""
        return self._driver.run(talk)

    def poll(self, job: Job) -> Status:
        """Ask once for the state of a job; a failed one is an answer, not an error."""
        return self.run(poll(self.service, job))

    def close(self) -> None:
        """Close the connections, unless they are those of a client that was given."""
        if self._own:
            self._own.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.service!r})"


class AsyncServiceClient:
    """The same, awaitable, on asyncio."""

    def __init__(self, *, http: httpx.AsyncClient | None = None, **how: Unpack[Options]) -> None:
        self.service: Service = service_of(**how)
        self._own = None if http else connection(httpx.AsyncClient)
        self._driver = AsyncDriver(self.service, http or self._own)  # type: ignore[arg-type]

    @classmethod
    def from_env(cls, *, http: httpx.AsyncClient | None = None, **how: Unpack[Options]) -> Self:
        """A client as the environment describes it; arguments win over the environment."""
        return cls(http=http, **settings(**how))

    async def run(self, talk: Talk[T]) -> T:
        """Hold a conversation to its end."""
        return await self._driver.run(talk)

    async def poll(self, job: Job) -> Status:
        """Ask once for the state of a job; a failed one is an answer, not an error."""
        return await self.run(poll(self.service, job))

    async def aclose(self) -> None:
        """Cancel what still runs, let it clean up, and close the connections that are the client's own."""
        await self._driver.settle()
        if self._own:
            await self._own.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.service!r})"
