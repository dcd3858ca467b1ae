"""Who does what a conversation asks for: httpx.Client, or httpx.AsyncClient on asyncio."""

from __future__ import annotations

import asyncio
import inspect
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from maskkit.adobe.effects import Call, Effect, Lost, Reply, Sign, Sleep, Talk, Token, Work
from maskkit.adobe.logs import ours
from maskkit.adobe.service import Service
from maskkit.adobe.staging import Staging
from maskkit.errors import FetchError
from maskkit.redact import redact, secrets_of

__all__ = ["AsyncDriver", "Driver"]

T = TypeVar("T")
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_HOPELESS = (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError)
_QUOTING = (httpx.LocalProtocolError, UnicodeError)  # their text holds the header they did not like
_FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError)


class Driver:
    """Runs conversations with an ``httpx.Client``; safe to use from several threads."""

    def __init__(self, service: Service, http: httpx.Client) -> None:
        self.service, self.http = service, http
        self._lock = threading.Lock()

    def run(self, talk: Talk[T]) -> T:
        """What the conversation returns, or raises."""
        step: Any = talk.send
        value: Any = None
        while True:
            try:
                effect = step(value)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            try:
                step, value = talk.send, self.perform(effect)
            except BaseException as error:
                step, value = talk.throw, error

    def perform(self, effect: Effect) -> Any:
        """Do one thing."""
        match effect:
            case Call():
                return self._send(effect)
            case Sleep(seconds):
                return self.service.pace.sleep(seconds)
            case Sign(method, key, expires_in):
                return _staging(self.service).sign(method, key, expires_in)
            case Token(stale):
                return self._token(stale)
            case Work(function):
                return function()

    def _token(self, stale: str | None) -> str | None:
        tokens = self.service.tokens
        with self._lock:
            cached = tokens.cached(self.service.pace.clock(), stale)
            return cached if cached or not tokens.renewable else self.run(tokens.renew(self.service))

    def _send(self, call: Call) -> Reply | Lost:
        try:
            request = _request(call)
            with ours():
                response = self.http.send(request, auth=None, follow_redirects=False, stream=True)
                try:
                    body = _Body(call)
                    for chunk in response.iter_bytes():
                        if body.full(chunk):
                            return body.too_much()
                    return _reply(response, body, self.service)
                finally:
                    response.close()
        except _FAILURES as error:
            return _lost(error, call)


class AsyncDriver:
    """Runs conversations with an ``httpx.AsyncClient`` ; work that takes a while goes to a thread."""

    def __init__(self, service: Service, http: httpx.AsyncClient) -> None:
        self.service, self.http = service, http
        self._lock = asyncio.Lock()
        self._leftovers: set[asyncio.Future[Any]] = set()

    async def run(self, talk: Talk[T]) -> T:
        """What the conversation returns, or raises; when cancelled it cleans up first."""
        return await self._drive(talk, talk.send, None)

    async def settle(self, seconds: float = 10.0) -> None:
        """Let conversations that were cancelled twice finish their cleaning up."""
        if self._leftovers:
            await asyncio.wait(set(self._leftovers), timeout=seconds)

    async def _drive(self, talk: Talk[T], step: Any, value: Any, *, last: bool = False) -> T:
        while True:
            try:
                effect = step(value)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            try:
                step, value = talk.send, await self.perform(effect)
            except BaseException as error:
                if isinstance(error, asyncio.CancelledError) and not last:
                    await self._clean_up(talk, error)
                step, value = talk.throw, error

    async def _clean_up(self, talk: Talk[Any], error: BaseException) -> None:
        # In a task of its own: a second cancellation (anyio's scopes repeat theirs) must not stop it.
        rest = asyncio.ensure_future(self._drive(talk, talk.throw, error, last=True))
        self._leftovers.add(rest)
        rest.add_done_callback(self._forget)
        await asyncio.shield(rest)

    def _forget(self, rest: asyncio.Future[Any]) -> None:
        self._leftovers.discard(rest)
        if not rest.cancelled():
            rest.exception()  # it has been told; asyncio need not warn that nobody asked

    async def perform(self, effect: Effect) -> Any:
        """Do one thing."""
        match effect:
            case Call():
                return await self._send(effect)
            case Sleep(seconds):
                return await self.service.pace.sleep_async(seconds)
            case Sign(method, key, expires_in):
                return await _in_thread(_staging(self.service).sign, method, key, expires_in)
            case Token(stale):
                return await self._token(stale)
            case Work(function):
                return await _in_thread(function)

    async def _token(self, stale: str | None) -> str | None:
        tokens = self.service.tokens
        async with self._lock:
            cached = tokens.cached(self.service.pace.clock(), stale)
            return cached if cached or not tokens.renewable else await self.run(tokens.renew(self.service))

    async def _send(self, call: Call) -> Reply | Lost:
        connecting = False

        async def trace(event: str, _: Any) -> None:  # the time-out of the whole does not say where it hit
            nonlocal connecting
            if event == "connection.connect_tcp.started":
                connecting = True
            elif "send_request" in event:
                connecting = False

        try:
            request = _request(call)
            request.extensions["trace"] = trace
            with ours():
                async with asyncio.timeout(call.total):
                    response = await self.http.send(request, auth=None, follow_redirects=False, stream=True)
                    try:
                        body = _Body(call)
                        async for chunk in response.aiter_bytes():
                            if body.full(chunk):
                                return body.too_much()
                        return _reply(response, body, self.service)
                    finally:
                        await response.aclose()
        except (*_FAILURES, TimeoutError) as error:
            return _lost(error, call, connecting=connecting)


class _Body:
    """The content of an answer while it comes in, within its cap in bytes and its time in seconds."""

    def __init__(self, call: Call) -> None:
        self.call, self.chunks, self.size = call, list[bytes](), 0
        self._until = time.monotonic() + call.total

    def full(self, chunk: bytes) -> bool:
        self.chunks.append(chunk)
        self.size += len(chunk)
        return self.size > self.call.cap or time.monotonic() > self._until

    def too_much(self) -> Lost:
        if self.size > self.call.cap:
            return Lost(f"the answer is longer than {self.call.cap} bytes", sent=True, final=True)
        return Lost(f"the answer was not complete within {self.call.total:g} s", sent=True)


def _request(call: Call) -> httpx.Request:
    """A request of its own making: headers, cookies and auth of the httpx client would go to storage too."""
    headers = {"User-Agent": "maskkit", "Accept-Encoding": "identity"} | dict(call.headers)
    timeout = httpx.Timeout(call.timeout).as_dict()
    return httpx.Request(
        call.method, call.url, headers=headers, content=call.content, extensions={"timeout": timeout}
    )


def _reply(response: httpx.Response, body: _Body, service: Service) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    ours = " ".join([body.call.url, body.call.content.decode("latin-1") if not body.call.bulky else ""])
    secrets = frozenset(service.tokens.secrets | secrets_of(ours))
    return Reply(response.status_code, headers, b"".join(body.chunks), secrets)


def _lost(error: Exception, call: Call, *, connecting: bool = False) -> Lost:
    kind = "time-out" if isinstance(error, httpx.TimeoutException | TimeoutError) else type(error).__name__
    said = f"{kind} ({redact(error)})" if str(error) else f"{kind} after {call.timeout:g} s"
    if isinstance(error, _QUOTING):
        said = f"{kind}: the request cannot be written as HTTP"
    hopeless = isinstance(error, _HOPELESS)
    unsent = hopeless or connecting or isinstance(error, _UNSENT)
    return Lost(said, sent=not unsent, final=hopeless)


def _staging(service: Service) -> Staging:
    if service.staging is None:
        raise FetchError("staging: none is set; give staging= or set MASKKIT_STAGING")
    return service.staging


async def _in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    if inspect.iscoroutinefunction(function):
        return await function(*arguments)
    outcome = await asyncio.to_thread(function, *arguments)
    return await outcome if inspect.isawaitable(outcome) else outcome
