"""What every request passes: an id, a cap on its body, a limit on its time, a line in the log."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maskkit.server.refusals import REMOVEBG, refusal
from maskkit.wire import Failure

__all__ = ["Gate"]

JSON_BYTES = 262_144
_SLOWEST = 25_000  # bytes a second; a photo of 22 MB is a quarter of an hour on its way at that
_REQUEST_ID = re.compile(r"^[\w.:-]{1,128}$", re.ASCII)
_JSON_DOORS = ("/sensei/", "/v2/", "/ims/")
# of every answer that does not say otherwise: whatever a client stored here, no browser runs anything of it
_HARDENED = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_PREFLIGHT = {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "authorization, content-type, x-api-key",
    "access-control-max-age": "86400",
}
logger = logging.getLogger("maskkit.server.access")


class Gate:
    """ASGI middleware around the application."""

    def __init__(self, app: ASGIApp, max_bytes: int, seconds: float) -> None:
        self._app, self._max_bytes, self._seconds = app, max_bytes, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        known = asked.get("x-request-id", "")
        request_id = known if _REQUEST_ID.match(known) else str(uuid.uuid4())
        if scope["path"].endswith("/") or scope["path"].startswith("//"):
            # clients write one more slash than the contract has, and join one to a base URL that ends with it
            scope = {**scope, "path": "/" + scope["path"].strip("/")}
        tagged, begin = _Tagged(send, request_id, scope["path"]), time.perf_counter()
        if asked.get("expect", "").lower() == "100-continue":
            receive = tagged.awaited(receive)
        try:
            if scope["method"] == "OPTIONS" and scope["path"].startswith(REMOVEBG):
                await Response(None, 204, _PREFLIGHT)(scope, receive, tagged)
            else:
                await self._pass(scope, receive, tagged, asked)
        except Exception:
            if tagged.begun:
                raise
            logger.exception("unexpected, %s", request_id)  # the client gets no more than that
            failure = Failure(code=500, type="InternalError", title="unexpected error")
            await refusal(scope["path"], 500, failure)(scope, receive, tagged)
        finally:
            # the path without its query: signatures are in it
            took, verb = (time.perf_counter() - begin) * 1000, scope["method"]
            logger.info("%s %r %d %.0f ms %s", verb, scope["path"], tagged.status, took, request_id)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, asked: Headers) -> None:
        path, length = scope["path"], asked.get("content-length", "0")
        cap = self._cap(path)
        coded = asked.get("content-encoding", "").strip().lower() not in ("", "identity")
        if length.isdigit() and int(length[:20]) > cap:
            await _too_large(path, cap)(scope, receive, send)
        elif coded and not path.startswith("/files/"):  # a file is kept as it comes
            await _compressed(path)(scope, receive, send)
        else:
            await self._app(scope, _limited(receive, cap, self._seconds), send)

    def _cap(self, path: str) -> int:
        if path.startswith(_JSON_DOORS):
            return JSON_BYTES
        # a direct door takes a photo, and a mask and a backdrop beside it
        return self._max_bytes if path.startswith("/files/") else 2 * self._max_bytes


class _Tagged:
    """``send`` that adds the request's id and the headers of every answer, and notes the status."""

    def __init__(self, send: Send, request_id: str, path: str) -> None:
        self._send, self._request_id, self._path = send, request_id, path
        self.status, self.begun = 500, False
        self._unasked = False  # the client keeps its body back until it is asked for

    def awaited(self, receive: Receive) -> Receive:
        """``receive`` of a client that sends its body when it is asked to: an answer before is the last one.

        Whether the body still comes nobody can tell, so neither what the next bytes are.
        """
        self._unasked = True

        async def asking() -> Message:
            self._unasked = False
            return await receive()

        return asking

    async def __call__(self, message: Message) -> None:
        """Send one message of the answer."""
        if message["type"] == "http.response.start":
            self.status, self.begun = message["status"], True
            headers = MutableHeaders(scope=message)
            headers["x-request-id"] = self._request_id
            if self._unasked:
                headers["connection"] = "close"
            for name, value in _HARDENED.items():
                headers.setdefault(name, value)
            if self._path.startswith(REMOVEBG):  # that contract admits the pages of every site
                headers["access-control-allow-origin"] = "*"
                headers["access-control-expose-headers"] = "*"
        await self._send(message)


def _too_large(path: str, cap: int) -> ASGIApp:
    failure = Failure(code=413, type="PayloadTooLarge", title=f"the body is larger than {cap} bytes")
    return refusal(path, 413, failure, {"connection": "close"})


def _compressed(path: str) -> ASGIApp:
    title = "Content-Encoding: the body must not be compressed"  # it could grow without bound
    return refusal(path, 415, Failure(code=415, type="UnsupportedMediaType", title=title))


def _limited(receive: Receive, cap: int, seconds: float) -> Receive:
    """``receive`` that stops a body that is too large, or not there in time: ``seconds + bytes / 25,000``."""
    taken, finished, begin = 0, False, time.monotonic()

    async def limited() -> Message:
        nonlocal taken, finished
        if finished:
            return await receive()  # only a disconnect can come; it may take its time
        left = begin + seconds + taken / _SLOWEST - time.monotonic()
        try:
            async with asyncio.timeout(max(0.0, left)):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, "the body came too slowly", {"connection": "close"}) from None
        taken += len(message.get("body", b""))
        finished = not message.get("more_body", False)
        if taken > cap:
            raise HTTPException(413, f"the body is larger than {cap} bytes", {"connection": "close"})
        return message

    return limited
