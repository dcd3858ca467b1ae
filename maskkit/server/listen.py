"""How uvicorn is to serve the application: what it does not log, how long it waits, and for whom."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Any, cast

import httptools
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from maskkit.server.app import create_app
from maskkit.server.refusals import refusal
from maskkit.server.settings import Settings
from maskkit.wire import Failure

__all__ = ["uvicorn_config"]

_FRAMING = (b"content-length", b"transfer-encoding")
_MOST = 65_536  # bytes of a head, of what ends a body, and of what stands between its chunks


def uvicorn_config(settings: Settings, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """What ``uvicorn.Server`` takes; its log belongs to the caller."""
    return uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        ws="none",
        http=cast(Any, partial(_Patient, seconds=settings.head_seconds, most=settings.max_connections)),
        log_config=None,
        access_log=False,  # the application logs each request, without its query
        server_header=False,
        timeout_keep_alive=75,  # longer than clients pause between polls, so that none meets a closing door
        timeout_graceful_shutdown=int(settings.grace),
    )


async def _full(scope: Any, receive: Any, send: Any) -> None:
    failure = Failure(code=503, type="ServiceUnavailable", title="too many connections")
    answer = refusal(scope["path"], 503, failure, {"retry-after": "5", "connection": "close"})
    await answer(scope, receive, send)


class _Parser(httptools.HttpRequestParser):
    """httptools' parser, which goes on in HTTP/1.1 where a client offers to change to another protocol.

    A server may pass over such an offer (RFC 9110, 7.8), and this one knows none: Java's client makes one
    with the first request of every connection. The parser takes all behind such a head for words of the other
    protocol, the request's own body among it, so it is told again how the body is framed.
    """

    def __init__(self, protocol: _Patient) -> None:
        super().__init__(protocol)
        self._protocol = protocol

    def feed_data(self, data: Any) -> None:
        """Parse the bytes that came next. Raises HttpParserError."""
        while True:
            try:
                super().feed_data(data)
            except httptools.HttpParserUpgrade as offer:
                data = self._protocol.framing() + data[offer.args[0] :]
            else:
                return


class _Staged:
    """The transport as an answer sees it, which ends the line by ``end`` and not at once."""

    def __init__(self, transport: asyncio.Transport, end: Callable[[], None]) -> None:
        self.write, self.is_closing, self.close = transport.write, transport.is_closing, end


class _Patient(HttpToolsProtocol):
    """HTTP whose requests have ``seconds`` for their head; uvicorn itself would wait for ever.

    Whoever opens connections and says nothing, or a letter a minute, would use up the server's sockets. Those
    beyond the ``most`` at a time are told to come back and closed, those beyond twice as many just closed. Of
    a peer that has more of them than the one who comes, a connection without a whole request gives way. The
    parser itself would keep a head of any length.
    """

    def __init__(self, *args: Any, seconds: float, most: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self._seconds, self._most = seconds, most
        self._late: asyncio.TimerHandle | None = None
        self._heads, self._unused = True, 0  # a head is due; bytes that came since the last that was of use
        self._framing = False  # what comes is a head of our own
        self._ended = False  # the last answer is given, and whatever comes is passed over
        self.parser = _Parser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._most and (other := self._greediest()):
            self.connections.discard(other)
            other.transport.abort()
        elif len(self.connections) > 2 * self._most:
            transport.abort()
        elif len(self.connections) > self._most:
            self.app, self._seconds = _full, min(self._seconds, 2.0)
        self._watch(waits=True)

    def _greediest(self) -> _Patient | None:
        """A connection without a whole request, of the peer that has the most and more than this one's."""
        connections = cast("set[_Patient]", self.connections)
        held = Counter(one.peer for one in connections)
        greedy, most = held.most_common(1)[0]
        if most <= held[self.peer]:
            return None
        theirs = [one for one in connections if one.peer == greedy]
        idle = [one for one in theirs if one._late is not None]
        arriving = (one for one in theirs if one.cycle is not None and one.cycle.more_body)
        return min(idle, key=_Patient._ends) if idle else next(arriving, None)

    @property
    def peer(self) -> str:
        """The address of whoever is at the other end."""
        return self.client[0] if self.client else ""

    def _ends(self) -> float:
        return self._late.when() if self._late is not None else 0.0

    def data_received(self, data: bytes) -> None:
        if self._ended:
            return
        self._unused += len(data)
        super().data_received(data)
        if self._unused > _MOST and not self.transport.is_closing():
            self.send_400_response("The head is too long.")
        self._watch(waits=self._heads and (self.cycle is None or self.cycle.response_complete))

    def framing(self) -> bytes:
        """A head that says no more than how the body of the request that began is framed."""
        self._framing = True
        lines = [b": ".join(one) for one in self.headers if one[0] in _FRAMING] or [b"content-length: 0"]
        return b"\r\n".join([b"POST / HTTP/1.1", *lines, b"\r\n"])

    def on_message_begin(self) -> None:
        if not self._framing:
            super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._framing:
            super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._heads and not self._framing:  # what stands behind a body is none of the request's
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        # much that came at once may be the body
        if self._unused > _MOST and sum(map(len, chain(*self.headers))) > _MOST:
            raise ValueError("the head is too long")
        self._heads, self._unused = False, 0
        if not self._framing:
            super().on_headers_complete()
            cast(Any, self.cycle).transport = _Staged(self.transport, self._end)
        self._framing = False

    def _end(self) -> None:
        """Close the line, in stages while a body is on its way (RFC 9112, 9.6).

        What comes to a closed socket is answered with a reset, which takes the answer from whoever reads it
        after they have sent all: Python's http.client does.
        """
        if self.cycle is None or not self.cycle.more_body or self.transport.is_closing():
            self.transport.close()
            return
        self._ended = True
        self.transport.write_eof()
        self._watch(waits=True)

    def on_body(self, body: bytes) -> None:
        self._unused = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self.parser.should_upgrade():  # its body is still to come
            return
        self._heads, self._unused = True, 0
        super().on_message_complete()

    def eof_received(self) -> bool:  # type: ignore[override]
        # who has sent a whole request and closes that side of the line still waits for the answer
        cycle = self.cycle
        waits = cycle is not None and not cycle.more_body and not cycle.response_complete
        if waits:
            self.timeout_keep_alive = 0
        return waits

    def connection_lost(self, exc: Exception | None) -> None:
        self._watch(waits=False)
        super().connection_lost(exc)

    def _watch(self, *, waits: bool) -> None:
        if waits and self._late is None:
            self._late = self.loop.call_later(self._seconds, self.transport.close)
        elif not waits and self._late is not None:
            self._late.cancel()
            self._late = None
