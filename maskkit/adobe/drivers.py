"""Who does what a conversation asks for: httpx.Client, or httpx.AsyncClient on asyncio."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from maskkit.adobe import messages
from maskkit.adobe.auth import renew
from maskkit.adobe.bounded import OPENED, bounded, patient, trace
from maskkit.adobe.effects import Call, Effect, Lost, Reply, Sign, Sleep, Talk, Tidy, Token, Work
from maskkit.adobe.logs import ours
from maskkit.adobe.service import Service
from maskkit.adobe.staging import Staging
from maskkit.errors import FetchError, TransportError

__all__ = ["AsyncDriver", "Driver"]

T = TypeVar("T")
_GRACE = 1.0  # seconds


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
            case Token():
                return self._token(effect)
            case Work(function):
                return function()
            case Tidy(talk):
                return self._tidy(talk)

    def _token(self, wanted: Token) -> str | None:
        tokens, deadline = self.service.tokens, wanted.deadline or self.service.ends()
        if not self._lock.acquire(timeout=max(0.0, deadline.left())):
            raise _no_token()
        try:
            cached = tokens.cached(self.service.pace.clock(), wanted.stale)
            return cached if cached or not tokens.renewable else self.run(renew(self.service, deadline))
        finally:
            self._lock.release()

    def _tidy(self, talk: Callable[[], Talk[None]]) -> None:
        try:
            self.run(talk())
        except KeyboardInterrupt:  # once more; who presses Ctrl-C again wants out
            self.run(talk())
            raise

    def _send(self, call: Call) -> Reply | Lost:
        try:
            request = messages.request(call)
            request.extensions["trace"] = trace
            with ours(), bounded(call.total):
                return self._received(request, call)
        except messages.FAILURES as error:
            return messages.lost(error, call)

    def _received(self, request: httpx.Request, call: Call) -> Reply | Lost:
        response = self.http.send(request, auth=None, follow_redirects=False, stream=True)
        try:
            body = messages.Body(call)
            for chunk in response.iter_bytes():
                if body.full(chunk):
                    return body.too_much()
            return messages.reply(response, body, self.service)
        finally:
            response.close()


class AsyncDriver:
    """Runs conversations with an ``httpx.AsyncClient``; work that takes a while goes to a thread."""

    def __init__(self, service: Service, http: httpx.AsyncClient) -> None:
        self.service, self.http = service, http
        self._lock = asyncio.Lock()
        self._running: dict[asyncio.Future[None], asyncio.Task[Any] | None] = {}
        self._tidying: set[asyncio.Future[Any]] = set()

    async def run(self, talk: Talk[T]) -> T:
        """What the conversation returns, or raises; when cancelled it cleans up first."""
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._running[ended] = asyncio.current_task()
        try:
            return await self._drive(talk)
        finally:
            del self._running[ended]
            ended.set_result(None)

    async def settle(self, seconds: float = 35.0) -> None:
        """Cancel the conversations that still run (a `gather` leaves them); let everything be tidied up."""
        others = {end: task for end, task in self._running.items() if task is not asyncio.current_task()}
        for task in filter(None, others.values()):
            task.cancel()
        ends = [*others, *self._tidying]
        if ends:
            await asyncio.wait(ends, timeout=seconds)

    async def _drive(self, talk: Talk[T]) -> T:
        step: Any = talk.send
        value: Any = None
        while True:
            try:
                effect = step(value)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            try:
                step, value = talk.send, await self.perform(effect)
            except BaseException as error:
                step, value = talk.throw, error

    async def _tidy(self, talk: Callable[[], Talk[None]]) -> None:
        # In a task of its own, which no cancellation stops. The first is passed on when the task has ended, a
        # second at once (anyio's scopes repeat theirs without end); `settle` waits for what is left then.
        rest = asyncio.ensure_future(self._drive(talk()))
        self._tidying.add(rest)
        rest.add_done_callback(self._tidied)
        try:
            await asyncio.shield(rest)
        except asyncio.CancelledError:
            if not rest.done():
                await asyncio.shield(rest)
            raise

    def _tidied(self, rest: asyncio.Future[Any]) -> None:
        self._tidying.discard(rest)
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
            case Token():
                return await self._token(effect)
            case Work(function):
                return await _in_thread(function)
            case Tidy(talk):
                return await self._tidy(talk)

    async def _token(self, wanted: Token) -> str | None:
        tokens, deadline = self.service.tokens, wanted.deadline or self.service.ends()
        try:
            async with asyncio.timeout(max(0.0, deadline.left())), self._lock:
                cached = tokens.cached(self.service.pace.clock(), wanted.stale)
                if cached or not tokens.renewable:
                    return cached
                return await self._drive(renew(self.service, deadline))
        except TimeoutError:
            raise _no_token() from None

    async def _send(self, call: Call) -> Reply | Lost:
        connecting, until = False, asyncio.get_running_loop().time() + call.total
        # Waiting for a free connection of the pool is for httpx to end: it knows that nothing was sent.
        timer = asyncio.timeout_at(until + _GRACE)

        async def trace(event: str, told: Any) -> None:  # the time-out of the whole does not say where it hit
            nonlocal connecting
            if not timer.expired():
                timer.reschedule(until)
            if event.endswith(OPENED):
                patient(told["return_value"])
            if event == "connection.connect_tcp.started":
                connecting = True
            elif "send_request" in event:
                connecting = False

        try:
            request = messages.request(call)
            request.extensions["trace"] = trace
            with ours():
                async with timer:
                    return await self._received(request, call)
        except (*messages.FAILURES, TimeoutError) as error:
            return messages.lost(error, call, connecting=connecting)

    async def _received(self, request: httpx.Request, call: Call) -> Reply | Lost:
        response = await self.http.send(request, auth=None, follow_redirects=False, stream=True)
        try:
            body = messages.Body(call)
            async for chunk in response.aiter_bytes():
                if body.full(chunk):
                    return body.too_much()
            return messages.reply(response, body, self.service)
        finally:
            await response.aclose()


def _staging(service: Service) -> Staging:
    if service.staging is None:
        raise FetchError("staging: none is set; give staging= or set MASKKIT_STAGING")
    return service.staging


def _no_token() -> TransportError:
    return TransportError("token: none was given before the deadline")


async def _in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    if inspect.iscoroutinefunction(function):
        return await function(*arguments)
    outcome = await asyncio.to_thread(function, *arguments)
    return await outcome if inspect.isawaitable(outcome) else outcome
