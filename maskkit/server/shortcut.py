"""The routes that are asked most, polls and orders, reached without the framework's own way to them.

FastAPI looks through every router, builds a stack of contexts and solves dependencies for each request: of a
poll that is more than all that the answer itself takes. Its routes stay, for the API's description and for
whatever does not fit here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["ErrorHandlers", "Shortcut"]

ErrorHandlers = Sequence[tuple[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]]
Polled = Callable[[Request, str], Awaitable[Response]]
Ordered = Callable[[Request], Awaitable[Response]]


class Shortcut:
    """ASGI middleware within the gate.

    Parameters
    ----------
    app
        What is asked where no route of here fits.
    polls, orders
        Handlers of ``GET PATH/{id}`` and of ``POST PATH``, by their paths.
    handlers
        What makes an answer of an error, as the framework has it.
    """

    def __init__(
        self,
        app: ASGIApp,
        polls: Mapping[str, Polled],
        orders: Mapping[str, Ordered],
        handlers: ErrorHandlers,
    ) -> None:
        self._app, self._polls, self._orders, self._handlers = app, polls, orders, handlers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a poll or an order, or pass it on."""
        answering = self._answering(Request(scope, receive)) if scope["type"] == "http" else None
        if answering is None:
            await self._app(scope, receive, send)
        else:
            await (await answering)(scope, receive, send)

    def _answering(self, request: Request) -> Awaitable[Response] | None:
        method, path = request.scope["method"], request.scope["path"]
        if method == "GET":
            prefix, _, job_id = path.rpartition("/")
            poll = self._polls.get(prefix)
            return self._safely(request, poll(request, job_id)) if poll and job_id else None
        order = self._orders.get(path) if method == "POST" else None
        return self._safely(request, order(request)) if order else None

    async def _safely(self, request: Request, answering: Awaitable[Response]) -> Response:
        try:
            return await answering
        except Exception as error:
            for kind, handle in self._handlers:
                if isinstance(error, kind):
                    return await handle(request, error)
            raise
