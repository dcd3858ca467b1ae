"""The moment when a body has left this machine: the kernel takes megabytes at once, the line takes its time.

The clock of the answer begins then. Until it does, what counts is that the line moves at all.
"""

from __future__ import annotations

import select
import socket
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx

__all__ = ["leaving"]

_FEW = 1 << 16  # bytes that may still be under way when the clock of the answer starts
_PAUSE = 0.05  # seconds between two looks
_SO_NWRITE = 0x1024  # macOS: what of the send buffer is not acknowledged yet


def leaving(stream: Any, patience: float | None, until: float | None = None) -> Iterator[float]:
    """The pauses, in seconds, until what was written to a stream of httpcore has left, or an answer is here.

    Raises httpx.WriteTimeout when nothing has moved for ``patience`` seconds, or at ``until`` on the
    monotonic clock (None: for ever).
    """
    connection = stream.get_extra_info("socket")
    left, since, pause = _unsent(connection), time.monotonic(), 0.001
    while left > _FEW and not _answered(connection):
        now = time.monotonic()
        if (patience is not None and now - since > patience) or (until is not None and now > until):
            raise httpx.WriteTimeout("the body does not leave this machine")
        yield pause
        before, left, pause = left, _unsent(connection), min(_PAUSE, 2 * pause)
        since = since if left == before else time.monotonic()


def _unsent(connection: Any) -> int:
    """The bytes in the kernel that the other side has not acknowledged; 0 where the system does not tell."""
    try:
        if sys.platform == "darwin":
            return int(connection.getsockopt(socket.SOL_SOCKET, _SO_NWRITE))
        if sys.platform == "linux":
            import fcntl
            import termios

            told = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
            return int.from_bytes(told, sys.byteorder)
    except (OSError, AttributeError, ValueError):  # closed, or a stream of the caller's own without a socket
        return 0
    return 0


def _answered(connection: Any) -> bool:
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
