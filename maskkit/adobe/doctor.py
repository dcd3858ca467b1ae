"""Checks before a job is spent: credentials, clock, and the staging area from signature to deletion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from secrets import token_bytes

from maskkit.adobe.answers import refusal
from maskkit.adobe.effects import Call, Reply, Sign, Talk, Token
from maskkit.adobe.exchange import exchange, idempotent
from maskkit.adobe.hosts import is_adobe, origin, shown
from maskkit.adobe.service import Service
from maskkit.adobe.staging import expires_at, lifetime, new_keys, put_headers
from maskkit.errors import FetchError
from maskkit.wire import CONTRACTS

__all__ = ["Check", "examine"]

_SKEW = 300.0  # seconds; stores refuse signatures whose time is 15 minutes off
# What Adobe's v2 reads photos from.
_ALLOWED = (
    "amazonaws.com",
    "windows.net",
    "dropboxusercontent.com",
    "assets.frame.io",
    "storage.googleapis.com",
)


@dataclass(frozen=True)
class Check:
    """One thing looked at: whether it is good, what was seen, and what to do where it is not."""

    name: str
    ok: bool
    said: str
    advice: str = ""


def examine(service: Service) -> Talk[list[Check]]:
    """Everything that a job needs, without one."""
    checks = [Check("api", True, f"{service.base_url}, {service.api}")]
    checks += yield from _credentials(service)
    if service.staging is None:
        needed = service.contracts != ("v2",)
        advice = "set MASKKIT_STAGING to s3://bucket/prefix, gs://bucket/prefix or az://container/prefix"
        said = "none set; local photos cannot be sent" + (", nor results received" if needed else "")
        return [*checks, Check("staging", False, said, advice)]
    checks += yield from _staging(service)
    return checks


def _credentials(service: Service) -> Talk[list[Check]]:
    try:
        token = yield Token()
    except FetchError as error:
        advice = "set MASKKIT_CLIENT_ID and MASKKIT_CLIENT_SECRET, or MASKKIT_ACCESS_TOKEN"
        return [Check("token", False, str(error), advice)]
    checks = [Check("token", True, "at hand" if token else "none used")]
    path = CONTRACTS[service.contracts[0]].STATUS_PATH.format(job_id="00000000-0000-0000-0000-000000000000")
    try:
        call = Call("GET", service.base_url + path)
        reply = yield from exchange(service, call, again=idempotent, credentials=True)
    except FetchError as error:
        return [*checks, Check("service", False, str(error), "check MASKKIT_BASE_URL and the network")]
    accepted = reply.status_code not in (401, 403) and reply.status_code < 500
    said = "accepts the credentials" if accepted else str(refusal(reply, "the service", service=True))
    advice = "" if accepted else "are client id and secret of a project that has this API?"
    return [*checks, Check("service", accepted, said, advice), *_clock(service, reply)]


def _clock(service: Service, reply: Reply) -> Iterator[Check]:
    try:
        off = service.pace.now() - parsedate_to_datetime(reply.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return
    good = abs(off) < _SKEW
    yield Check("clock", good, f"{off:+.0f} s to the service's", "" if good else "set this machine's clock")


def _staging(service: Service) -> Talk[list[Check]]:
    key, _ = new_keys(".bin")
    content = token_bytes(64)
    checks: list[Check] = []
    for method, expected in (("PUT", (200, 201)), ("GET", (200,)), ("DELETE", (200, 202, 204))):
        try:
            url = str((yield Sign(method, key, lifetime(service.deadline))))
            headers = put_headers(url) if method == "PUT" else {}
            call = Call(method, url, headers, content if method == "PUT" else b"")
            reply = yield from exchange(service, call, again=idempotent)
        except FetchError as error:
            return [*checks, Check(f"staging {method}", False, str(error), "check the store's name and keys")]
        if method == "PUT":
            checks += _place(service, url)
        same = method != "GET" or reply.content == content
        good = reply.status_code in expected and same
        said = f"{shown(url)} answered {reply.status_code}" + ("" if same else ", with other content")
        advice = "" if good else f"may these credentials {method} there?"
        checks.append(Check(f"staging {method}", good, said, advice))
    return checks


def _place(service: Service, url: str) -> Iterator[Check]:
    ends = expires_at(url)
    if ends is not None:
        left = ends - service.pace.now()
        good = left > service.deadline
        said = f"URLs are good for {left:.0f} s, the deadline is {service.deadline:g} s"
        yield Check("expiry", good, said, "" if good else "shorten the deadline")
    if is_adobe(service.base_url) and service.contracts[0] == "v2":
        host = origin(url)[1]
        good = host.endswith(_ALLOWED)
        said = f"Adobe {'reads' if good else 'does not read'} from {host}"
        yield Check("host", good, said, "" if good else f"stage at one of {', '.join(_ALLOWED)}")
