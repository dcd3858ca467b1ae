"""The routes that are asked most, polls and orders, reached without the framework's own way to them.

FastAPI has layers around its routes, looks through every router, builds a stack of contexts and solves
dependencies for each request: of a poll that is more than all that the answer itself takes. Its routes stay,
for the API's description and for whatever does not fit here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Answers", "ErrorHandlers", "Shortcut"]

ErrorHandlers = Sequence[tuple[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]]
Polled = Callable[[Request, str], Awaitable[Response]]
Ordered = Callable[[Request], Awaitable[Response]]


class Answers:
    """ASGI application of polls and orders alone.

    Parameters
    ----------
    polls, orders
        Handlers of ``GET PATH/{id}`` and of ``POST PATH``, by their paths.
    handlers
        What makes an answer of an error, as the framework has it.
    """

    def __init__(
        self, polls: Mapping[str, Polled], orders: Mapping[str, Ordered], handlers: ErrorHandlers
    ) -> None:
        self._polls, self._orders, self._handlers = polls, orders, handlers

    def fit(self, scope: Scope) -> bool:
        """Whether the request is one of these."""
        return scope["type"] == "http" and self._handler(scope) is not None

    def _handler(self, scope: Scope) -> Ordered | None:
        method, path = scope["method"], scope["path"]
        if method == "POST":
            return self._orders.get(path)
        prefix, _, job_id = path.rpartition("/")
        poll = self._polls.get(prefix) if method == "GET" and job_id else None
        return None if poll is None else lambda request: poll(request, job_id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that fits. Raises LookupError for any other."""
        request, handler = Request(scope, receive), self._handler(scope)
        if handler is None:
            raise LookupError("only what fits may be asked here")
        try:
            answer = await handler(request)
        except Exception as error:
            handle = next((handle for kind, handle in self._handlers if isinstance(error, kind)), None)
            if handle is None:
                raise
            answer = await handle(request, error)
        await answer(scope, receive, send)


class Shortcut:
    """ASGI middleware that hands to ``answers`` what fits them, and everything else to ``app``."""

    def __init__(self, app: ASGIApp, answers: Answers) -> None:
        self._app, self._answers = app, answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, one way or the other."""
        await (self._answers if self._answers.fit(scope) else self._app)(scope, receive, send)
