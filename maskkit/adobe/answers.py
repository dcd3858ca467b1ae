"""Refusals as typed errors: which one, what was said, and what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from time import gmtime, strftime, time
from typing import Any, TypedDict, TypeVar

from maskkit.adobe.effects import Lost, Reply
from maskkit.adobe.pace import retry_after
from maskkit.errors import (
    AuthError,
    ContractError,
    FetchError,
    JobFailedError,
    MaybeSubmittedError,
    QuotaError,
    RateLimitError,
    TransportError,
)
from maskkit.redact import redact, redact_all, without
from maskkit.wire import Failure, Status
from maskkit.wire.failures import reasons
from maskkit.wire.failures import refusal as reason

__all__ = ["busy", "failed", "lost", "maybe_submitted", "refusal", "understood"]

T = TypeVar("T")


class Context(TypedDict, total=False):
    """What every error tells beside its text."""

    status_code: int
    request_id: str | None
    job_id: str | None


_SERVICE = (400, 404, 409, 410, 415, 422)  # what the contracts document of a request that was understood
_LENGTH = 300  # characters of one reason that are shown
# Gateways answer 403 where others say 402 and 429.
_QUOTA = re.compile(
    r"(?i)quota|credits?\b|trial ?limit|(usage|monthly|daily|plan) limit|limit (is |was )?exceeded"
)
_BUSY = re.compile(r"(?i)high traffic|too many requests|throttl|rate ?limit|over ?load|server is busy")


def understood(reply: Reply, read: Callable[[Any], T]) -> T:
    """What ``read`` makes of the body. Raises ContractError, which quotes it without our secrets."""
    try:
        return read(reply.json())
    except ContractError as error:
        unread = without(str(error), reply.own_secrets())
        known = {"member": error.member, "keyword": error.keyword}
    raise ContractError(unread, status_code=reply.status_code, **known)


def busy(reply: Reply) -> bool:
    """Too many requests: 429, or a 403 that says so in words."""
    return reply.status_code == 429 or (reply.status_code == 403 and bool(_BUSY.search(_words(reply))))


def _words(reply: Reply) -> str:
    return " ".join(str(one) for one in reasons(reply.json()))[:2000]


def refusal(
    reply: Reply,
    who: str,
    *,
    service: bool = False,
    job_id: str | None = None,
    expired: float | None = None,
    signed: str = "",
) -> FetchError:
    """The error for an answer that is not what was asked for.

    ``service``: the masking service said it, and of job ``job_id`` where that is known (a proxy's page says
    nothing of a job); else a store, of a URL whose signature has ``expired`` (Unix time), or was made
    with the headers in ``signed``.
    """
    body = reply.quotable()
    said = reason(body)
    status = reply.status_code
    request_id = reply.headers.get("x-request-id") or reply.headers.get("x-amz-request-id")
    context: Context = {"status_code": status, "request_id": request_id, "job_id": job_id}
    text = f"{who} answered {status}" + (f": {told}" if (told := _told(body)) else "")
    if busy(reply):
        return RateLimitError(text, retry_after=retry_after(reply.headers, time()), **context)
    if status == 402 or said.type == "TrialLimitExceededError" or (service and _spent(reply)):
        return QuotaError(text, **context)
    if status in (401, 403) or (expired is not None and status == 400):  # GCS's word for expired
        return AuthError(f"{text}; {_auth_advice(status, service, expired, signed)}", **context)
    if 300 <= status < 400:
        return ContractError(f"{text}; redirects are not followed", **context)
    if service and status in _SERVICE and (job_id is None or _ends(status, body)):
        return _job_failed(text, said, context)
    return FetchError(text, **context)


def _ends(status: int, body: object) -> bool:
    """The service itself says that a job is over; "not found" may pass, where its parts agree late."""
    return status != 404 and isinstance(body, Mapping)


def _spent(reply: Reply) -> bool:
    return reply.status_code == 403 and bool(_QUOTA.search(_words(reply)))


def _told(body: object) -> str:
    """Every reason in a body, else the body itself, shortened; nothing of an empty one."""
    known = "; ".join(str(one)[:_LENGTH] for one in reasons(body))
    if known or body in (None, "", [], {}):
        return known
    text = redact(json.dumps(body))
    return text if len(text) <= _LENGTH else f"{text[:_LENGTH]}…"


def failed(status: Status, job_id: str) -> FetchError:
    """The error for a job that the service reports as failed."""
    said = status.failures[0] if status.failures else Failure()
    text = "; ".join(str(one)[:_LENGTH] for one in status.failures) or "the service gave no reason"
    if said.type == "TrialLimitExceededError":
        return QuotaError(f"job {job_id} failed: {text}", job_id=job_id)
    return _job_failed(f"job {job_id} failed: {text}", said, {"job_id": job_id})


def lost(outcome: Lost, who: str, *, job_id: str | None = None) -> TransportError:
    """The error for a request that got no answer."""
    return TransportError(f"{who}: {outcome.reason}", job_id=job_id)


def maybe_submitted(what: str, reply: Reply | None = None) -> MaybeSubmittedError:
    """The error for an order whose fate is unknown."""
    return MaybeSubmittedError(
        f"the order may have started a job, and its id is unknown: {what}; it is not sent again by itself",
        status_code=reply.status_code if reply else None,
        request_id=reply.headers.get("x-request-id") if reply else None,
    )


def _job_failed(text: str, said: Failure, context: Context) -> JobFailedError:
    kind, title = (redact_all(part) for part in (said.type, said.title))
    code, details = redact_all(said.code), redact_all(said.details)  # services quote the URLs they were given
    return JobFailedError(text, code=code, type=kind, title=title, details=details, **context)


def _auth_advice(status: int, service: bool, expired: float | None, signed: str) -> str:
    if expired is not None:
        at = strftime("%Y-%m-%d %H:%M:%S UTC", gmtime(expired))
        return f"the signature of the URL expired at {at}: sign it again"
    if signed:
        return f"the URL was signed with headers that must be sent as they were signed: {signed}"
    if not service:
        return "is the signature for this verb, and not expired?"
    return "is the token valid?" if status == 401 else "is the client id (x-api-key) entitled to this API?"
