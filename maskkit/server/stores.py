"""Bytes from and to the stores that clients name: guarded, capped, timed, tried again on 5xx.

It speaks to a bare httpx transport, not to a client: that follows no redirect, takes no proxy from the
environment, keeps no cookies and writes no URL to a log. Every transfer has a connection of its own,
since one that was opened for another name at the same address was verified for that name only.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from typing import Literal

import httpx

from maskkit.redact import redact
from maskkit.server.faults import JobError, bad_input, link_invalid, store_unavailable
from maskkit.server.guard import BlockedError, Policy, Resolver, Target, check_url, resolve
from maskkit.server.throughput import Throughput

__all__ = ["Transfers"]

Role = Literal["input", "output"]
# the header that a store needs besides the bytes; a Content-Type that was not signed can get 403
_STORE_HEADERS = {
    "azure": {"x-ms-blob-type": "BlockBlob"},
    "dropbox": {"content-type": "application/octet-stream"},
}
_VERBS = {"dropbox": "POST"}
_REASON_BYTES, _REASON_LETTERS = 4096, 200
_REASON = {name: re.compile(rf"<{name}>([^<]{{1,500}})</{name}>".encode()) for name in ("Code", "Message")}


class _Transient(Exception):  # noqa: N818 - a reason to try again, never seen outside
    """The store may do better next time."""


@dataclass(frozen=True)
class Transfers:
    """How to reach stores: the policy, the caps, and how often and how long to try.

    ``max_bytes`` caps a download; ``stall`` is the longest pause between two pieces and ``deadline`` the
    longest whole transfer with all its tries, in seconds; ``pauses`` lie before the second and the third try.
    ``floor`` is the fewest bytes a second that a body may come with, in every ``stall`` seconds of it; the
    head of an answer has three times ``stall`` in all. A store that is slower is not asked again.
    """

    policy: Policy = field(default_factory=Policy)
    max_bytes: int = 100_000_000
    stall: float = 15.0
    deadline: float = 120.0
    floor: float = 1000.0
    pauses: tuple[float, ...] = (0.5, 2.0)
    lookup: Resolver | None = None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def download(self, href: str) -> bytes:
        """The bytes behind ``href``. Raises JobError: blocked, refused, too large, unreachable."""
        return await self._try("input", href, self._get)

    async def upload(self, href: str, storage: str, body: bytes) -> None:
        """Write ``body`` to ``href`` as the kind of store wants it. Raises JobError."""

        async def put(target: Target, address: str) -> bytes:
            kind = "azure" if storage == "external" and _is_azure(target.url) else storage
            headers = {**_STORE_HEADERS.get(kind, {}), "content-length": str(len(body))}
            request = self._request(_VERBS.get(kind, "PUT"), target, address, headers, body)
            await self._answer(request, "output", cap=None)
            return b""

        await self._try("output", href, put)

    async def post(self, href: str, headers: Mapping[str, str], body: bytes) -> None:
        """Tell ``href`` something, once. Raises JobError or BlockedError unless 2xx is the answer."""

        async def go(target: Target, address: str) -> bytes:
            said = {**headers, "content-length": str(len(body))}
            request = self._request("POST", target, address, said, body)
            return await self._answer(request, "output", cap=None)

        try:
            async with asyncio.timeout(self.stall):
                await self._once(href, go)
        except (_Transient, TimeoutError, httpx.TransportError) as error:
            raise store_unavailable(f"the receiver: {_reason(error)}") from None

    async def _get(self, target: Target, address: str) -> bytes:
        # identity: a compressed body could grow without bound
        request = self._request("GET", target, address, {"accept-encoding": "identity"}, None)
        return await self._answer(request, "input", cap=self.max_bytes)

    async def _try(self, role: Role, href: str, go: Callable[[Target, str], Awaitable[bytes]]) -> bytes:
        try:
            async with asyncio.timeout(self.deadline):
                for pause in self.pauses:
                    with contextlib.suppress(_Transient, httpx.TransportError):
                        return await self._once(href, go)
                    await self.sleep(pause)
                return await self._once(href, go)
        except BlockedError as error:
            raise link_invalid(f"{role}: {error}") from None
        except (_Transient, TimeoutError, httpx.TransportError) as error:
            raise store_unavailable(f"{role}: {_reason(error)}") from None

    async def _once(self, href: str, go: Callable[[Target, str], Awaitable[bytes]]) -> bytes:
        target = await resolve(check_url(href, self.policy), self.policy, self.lookup)
        return await _first(target, go)

    def _request(
        self, verb: str, target: Target, address: str, headers: dict[str, str], body: bytes | None
    ) -> httpx.Request:
        timeout = {"connect": 10.0, "read": self.stall, "write": self.stall, "pool": None}
        return httpx.Request(
            verb,
            target.pinned(address),
            headers={"host": target.host_header, "user-agent": "maskkit", "accept": "*/*", **headers},
            content=body,
            extensions={"timeout": timeout, "sni_hostname": target.name},
        )

    async def _answer(self, request: httpx.Request, role: Role, cap: int | None) -> bytes:
        async with httpx.AsyncHTTPTransport(verify=_tls(), retries=0) as transport:
            async with asyncio.timeout(3 * self.stall):  # it may connect, take the body, and think, no more
                response = await transport.handle_async_request(request)
            try:
                async with asyncio.timeout(None if response.is_success else self.stall):
                    if not response.is_success:
                        raise _refusal(response.status_code, role, reason=await _said(response))
                    return (
                        b""
                        if cap is None
                        else await _collect(response, cap, Throughput(self.floor, self.stall))
                    )
            finally:
                await response.aclose()


def _is_azure(url: httpx.URL) -> bool:
    """Whether a URL is a shared access signature of Azure's, whatever kind of store the order calls it."""
    return url.host.endswith(".core.windows.net") or {"sig", "sv"} <= url.params.keys()


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()


async def _first(target: Target, go: Callable[[Target, str], Awaitable[bytes]]) -> bytes:
    # a name with several addresses: the next one is tried only where no connection came about
    for address in target.addresses[:-1]:
        try:
            return await go(target, address)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await go(target, target.addresses[-1])


def _refusal(status: int, role: Role, reason: str) -> Exception:
    """What an answer that is no success means for the job; ``reason`` is what the store said."""
    why = f": {reason}" if reason else ""
    if status in (408, 429) or status >= 500:
        return _Transient(f"the store answered {status}{why}")
    details = {"status": status} | ({"reason": reason} if reason else {})
    if status == 404:
        return JobError(404, "ResourceNotFound", f"{role}: the store answered 404{why}", details)
    what = "the store redirects, which is not followed" if 300 <= status < 400 else "the store refused"
    return link_invalid(f"{role}: {what} ({status}){why}", details)


async def _said(response: httpx.Response) -> str:
    """The ``<Code>`` and ``<Message>`` of a store's refusal, as S3, Google and Azure write them; redacted.

    Nothing else of the body is passed on: a stranger names the URLs, and the body may be any page.
    """
    body = bytearray()
    with contextlib.suppress(httpx.TransportError):
        async for piece in _pieces(response):
            body += piece[: _REASON_BYTES - len(body)]
            if len(body) >= _REASON_BYTES:
                break
    found = (_REASON[name].search(body) for name in ("Code", "Message"))
    words = [" ".join(one[1].decode("utf-8", "replace").split()) for one in found if one]
    shown = redact(unescape(": ".join(words)))
    return "".join(letter for letter in shown if letter.isprintable())[:_REASON_LETTERS]


async def _collect(response: httpx.Response, cap: int, speed: Throughput) -> bytes:
    too_large = bad_input(f"input: larger than {cap} bytes")
    if int(response.headers.get("content-length") or 0) > cap:
        raise too_large
    if response.headers.get("content-encoding", "identity") != "identity":
        raise bad_input("input: the store sends it compressed, which is not accepted")
    collected = bytearray()
    async for piece in _pieces(response):
        collected += piece
        if len(collected) > cap:
            raise too_large
        speed.came(len(piece))
    return bytes(collected)


async def _pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    stream = response.stream
    if not isinstance(stream, httpx.AsyncByteStream):  # pragma: no cover - an async transport streams async
        raise TypeError("the transport's stream is not asynchronous")
    async for piece in stream:
        yield piece


def _reason(error: Exception) -> str:
    # httpx's own texts name no URL, yet nothing but the kind of failure is needed here
    if isinstance(error, _Transient):
        return str(error)
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "the store is too slow"
    return f"the connection failed ({type(error).__name__})"
