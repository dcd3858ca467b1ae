"""A total time for synchronous requests: httpx bounds each read and write, and headers may drip for ever.

httpx shows a new connection to the ``trace`` of the request that opens it. Reads and writes on such a
connection get what is left of the time of whatever request uses it. Connections that a client of the caller's
own has opened before are not known here, and are bounded per read only; names are resolved in the time
of the system.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from maskkit.adobe.leaving import leaving

__all__ = ["OPENED", "bounded", "patient", "trace"]

_request = threading.local()  # .until: when, on the monotonic clock, the request of this thread must be over
_PIECE = 1 << 16  # bytes: a store that takes one at a time meets the end after each
OPENED = ("connect_tcp.complete", "connect_unix_socket.complete", "start_tls.complete")


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """While this runs, no connection of this thread is read or written for longer."""
    _request.until = time.monotonic() + seconds
    try:
        yield
    finally:
        del _request.until


def trace(event: str, told: Mapping[str, Any]) -> None:
    """For ``request.extensions["trace"]``: sees new connections."""
    if event.endswith(OPENED):
        _bound(told["return_value"])


def _bound(stream: Any) -> None:
    read, write = stream.read, stream.write

    def bounded_read(max_bytes: int, timeout: float | None = None) -> bytes:
        for pause in leaving(stream, timeout, getattr(_request, "until", None)):
            time.sleep(pause)
        content: bytes = read(max_bytes, _least(timeout))
        return content

    def bounded_write(buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            write(buffer[start : start + _PIECE], _least(timeout))

    with suppress(AttributeError):  # a transport of the caller's own may have streams that cannot be changed
        stream.read, stream.write = bounded_read, bounded_write


def patient(stream: Any) -> None:
    """The same for a stream of asyncio, whose total is a time-out of its task: the answer's clock waits."""
    read = stream.read

    async def patient_read(max_bytes: int, timeout: float | None = None) -> bytes:
        for pause in leaving(stream, timeout):
            await asyncio.sleep(pause)
        content: bytes = await read(max_bytes, timeout)
        return content

    with suppress(AttributeError):
        stream.read = patient_read


def _least(timeout: float | None) -> float | None:
    until: float | None = getattr(_request, "until", None)
    if until is None:
        return timeout
    left = max(0.001, until - time.monotonic())  # 0 would be a socket that does not wait at all
    return left if timeout is None else min(timeout, left)
