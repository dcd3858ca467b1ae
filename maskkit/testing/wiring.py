"""The socket side of the scripted server: requests in, answers and faults out."""

from __future__ import annotations

import contextlib
import socket
import struct
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, repeat
from typing import Any

from maskkit.testing.faults import Fault
from maskkit.testing.script import Received, Script
from maskkit.testing.service import answer

__all__ = ["Handler", "Listener"]


class Listener(ThreadingHTTPServer):
    """Knows its script and its open connections, so that none outlives it."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], handler: Any, script: Script) -> None:
        super().__init__(address, handler)
        self.script = script
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """A connection has ended."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """End every connection."""
        super().server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is none of the server's errors."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or every answer waits 40 ms for an acknowledgement
    server: Listener

    def do_GET(self) -> None:
        """Answer a request of any method, or fail as the script says."""
        script = self.server.script
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Received(self.command, self.path, headers, body)
        with script.lock:
            script.received.append(request)
            fault = next((one for one in script.faults if one.takes(request.method, request.path)), None)
        if fault:
            self._fail(fault)
        else:
            self._answer(*answer(script, request))

    do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a test reads ``received``."""

    def _answer(self, status: int, headers: Any, content: bytes, *, cut: bool = False) -> None:
        self.send_response_only(status)
        for name, value in {"Date": self.date_time_string(), **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content) + (64 if cut else 0)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _fail(self, fault: Fault) -> None:
        kind = {"Content-Type": "application/json", **fault.headers}
        if fault.how == "answer":
            return self._answer(fault.status, kind, fault.content())
        self.close_connection = True
        if fault.how == "truncate":
            return self._answer(200, kind, fault.content(), cut=True)
        if fault.how == "hang":
            self.server.script.stopping.wait(30)
        elif fault.how == "endless":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self._drip(b"1\r\n \r\n")
        elif fault.how == "drip":
            self._drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"z")
        elif fault.how == "reset":  # linger for 0 s: the connection ends with RST
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
        return None

    def _drip(self, *pieces: bytes) -> None:
        """One piece after the other, the last one again and again."""
        with contextlib.suppress(OSError):
            for piece in chain(pieces, repeat(pieces[-1])):
                self.wfile.write(piece)
                if self.server.script.stopping.wait(0.01):
                    break
