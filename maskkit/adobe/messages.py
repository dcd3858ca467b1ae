"""A request and its answer in httpx's terms, the same for both drivers."""

from __future__ import annotations

import time

import httpx

from maskkit.adobe.effects import Call, Lost, Reply
from maskkit.adobe.service import Service
from maskkit.redact import redact, secrets_of

__all__ = ["FAILURES", "Body", "lost", "reply", "request"]

_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_HOPELESS = (httpx.UnsupportedProtocol, httpx.InvalidURL, httpx.LocalProtocolError, UnicodeError)
_QUOTING = (httpx.LocalProtocolError, UnicodeError)  # their text holds the header they did not like
FAILURES = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError)


class Body:
    """The content of an answer while it comes in, within its cap in bytes and its time in seconds."""

    def __init__(self, call: Call) -> None:
        self.call, self.chunks, self.size = call, list[bytes](), 0
        self._until = time.monotonic() + call.total

    def full(self, chunk: bytes) -> bool:
        """Add a piece; true when there is no use in reading on."""
        self.chunks.append(chunk)
        self.size += len(chunk)
        return self.size > self.call.cap or time.monotonic() > self._until

    def too_much(self) -> Lost:
        """Why reading has ended."""
        if self.size > self.call.cap:
            return Lost(f"the answer is longer than {self.call.cap} bytes", sent=True, final=True)
        return Lost(f"the answer was not complete within {self.call.total:g} s", sent=True)


def request(call: Call) -> httpx.Request:
    """A request of its own making: headers, cookies and auth of the httpx client would go to storage too."""
    headers = {"User-Agent": "maskkit", "Accept-Encoding": "identity"} | dict(call.headers)
    timeout = httpx.Timeout(call.timeout).as_dict()
    return httpx.Request(
        call.method, call.url, headers=headers, content=call.content, extensions={"timeout": timeout}
    )


def reply(response: httpx.Response, body: Body, service: Service) -> Reply:
    """The answer, with the secrets of ours that it may echo."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    ours = " ".join([body.call.url, body.call.content.decode("latin-1") if not body.call.bulky else ""])
    secrets = frozenset(service.tokens.secrets | secrets_of(ours)) | body.call.secrets
    return Reply(response.status_code, headers, b"".join(body.chunks), secrets)


def lost(error: Exception, call: Call, *, connecting: bool = False) -> Lost:
    """What an error of httpx means: whether the request was sent, and whether another try is of use."""
    kind = "time-out" if isinstance(error, httpx.TimeoutException | TimeoutError) else type(error).__name__
    said = f"{kind} ({redact(error)})" if str(error) else f"{kind} after {call.timeout:g} s"
    if isinstance(error, _QUOTING):
        said = f"{kind}: the request cannot be written as HTTP"
    hopeless = isinstance(error, _HOPELESS)
    unsent = hopeless or connecting or isinstance(error, _UNSENT)
    return Lost(said, sent=not unsent, final=hopeless)
