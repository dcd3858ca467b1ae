"""Events: what a server says when a job has ended, and by what its receiver knows that the server said it.

A notifier in an order is ``{"type": "CALLBACK", "data": {"url", "headers"}}``, as in Adobe's other services,
or ``callbackUrl`` in short. What is posted is signed as Standard Webhooks does: ``webhook-id`` is the same at
every attempt, ``webhook-signature`` is ``v1,`` and the base64 of
HMAC-SHA256(key, ``{webhook-id}.{webhook-timestamp}.{body}``).

References
----------
Standard Webhooks, https://www.standardwebhooks.com
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from maskkit.redact import Redacted
from maskkit.wire import members
from maskkit.wire.records import Body

__all__ = ["Notifier", "event_key", "read_notifiers", "signed_headers", "verifies", "write_notifier"]

_MOST = 5  # notifiers of one order
_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_OURS = ("host", "content-", "transfer-", "connection", "webhook-", "user-agent", "expect", "te", "trailer")


@dataclass(frozen=True, repr=False)
class Notifier(Redacted):
    """Whom to tell: a URL, and headers that the receiver wants to see."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def read_notifiers(body: Mapping[str, Any], *, http: members.Http | None = None) -> tuple[Notifier, ...]:
    """The notifiers of an order. Raises ContractError that names the member."""
    listed = body.get("notifiers")
    if listed is not None and not isinstance(listed, list):
        members.refuse("notifiers", "type", "a list is needed", listed)
    found = [_read(one, f"notifiers.{index}", http) for index, one in enumerate(listed or ())]
    if body.get("callbackUrl") is not None:
        url = members.text(body, "callbackUrl", "callbackUrl")
        found.append(Notifier(members.web_url(url, "callbackUrl", http=http)))
    if len(found) > _MOST:
        members.refuse("notifiers", "maxItems", f"{_MOST} at most are needed", found)
    return tuple(found)


def write_notifier(notifier: Notifier) -> Body:
    """A notifier in an order.

    >>> write_notifier(Notifier("https://shop.example/done"))
    {'type': 'CALLBACK', 'data': {'url': 'https://shop.example/done'}}
    """
    data: Body = {"url": notifier.url}
    if notifier.headers:
        data["headers"] = dict(notifier.headers)
    return {"type": "CALLBACK", "data": data}


def event_key(secret: str) -> bytes:
    """The key of a client's events, from its secret (32 random bytes, so a plain HMAC is enough).

    >>> len(event_key("a secret"))
    32
    """
    return hmac.new(secret.encode("utf-8", "surrogatepass"), b"maskkit events", hashlib.sha256).digest()


def signed_headers(key: bytes, event_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers of an event that is sent at ``seconds`` (Unix time)."""
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{_signature(key, event_id, str(seconds), body)}",
    }


def verifies(key: bytes, headers: Mapping[str, str], body: bytes, now: float, tolerance: float) -> bool:
    """Whether the headers are those of this body, signed with ``key`` at most ``tolerance`` seconds ago."""
    said = {name.lower(): value for name, value in headers.items()}
    event_id, at = said.get("webhook-id", ""), said.get("webhook-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", at) or abs(now - int(at)) > tolerance:
        return False
    wanted = f"v1,{_signature(key, event_id, at, body)}".encode()
    given = said.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(one.encode(), wanted) for one in given)


def _signature(key: bytes, event_id: str, seconds: str, body: bytes) -> str:
    content = f"{event_id}.{seconds}.".encode() + body
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode("ascii")


def _read(body: Any, member: str, http: members.Http | None) -> Notifier:
    body = members.mapping(body, member)
    kind = members.text(body, "type", f"{member}.type")
    if kind.upper() != "CALLBACK":
        members.refuse(f"{member}.type", "enum", "CALLBACK is needed", kind)
    data = members.mapping(body.get("data"), f"{member}.data")
    url = members.web_url(members.text(data, "url", f"{member}.data.url"), f"{member}.data.url", http=http)
    headers = data.get("headers")
    return Notifier(url, {} if headers is None else _headers(headers, f"{member}.data.headers"))


def _headers(body: Any, member: str) -> dict[str, str]:
    found = dict(members.mapping(body, member))
    for name, value in found.items():
        if not _NAME.fullmatch(name) or name.lower().startswith(_OURS):
            members.refuse(member, "pattern", "names of headers of your own are needed", name)
        if not (isinstance(value, str) and value.isascii() and value.isprintable() and len(value) <= 2000):
            members.refuse(f"{member}.{name}", "pattern", "printable ASCII is needed")
    if len(found) > 20:
        members.refuse(member, "maxProperties", "20 headers at most are needed", found)
    return found
