"""Files to and from stores: signed URLs only, and no credentials of the API."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from maskkit.adobe import answers
from maskkit.adobe.effects import Call, Sign, Talk
from maskkit.adobe.exchange import exchange, idempotent
from maskkit.adobe.hosts import same_origin, shown
from maskkit.adobe.job import Job
from maskkit.adobe.logs import say
from maskkit.adobe.pace import Deadline
from maskkit.adobe.service import Service
from maskkit.adobe.staging import expires_at, put_headers, signed_headers
from maskkit.errors import ContractError, FetchError, MaskkitError
from maskkit.wire import Status

__all__ = ["fetch", "put", "remove", "sign"]

_TIDYING = 30.0  # seconds that tidying up is given at least, beyond any deadline


def fetch(service: Service, job: Job, status: Status, deadline: Deadline) -> Talk[bytes]:
    """The result of a job that has succeeded."""
    if job.output_key:
        url = yield from sign(service, "GET", job.output_key, 900.0)
    elif job.api == "v2":  # it writes to no URL of the caller's: there is nothing yet at result_url
        url = _offered(service, status, job.job_id)
    else:
        url = job.result_url or job.output_url or _offered(service, status, job.job_id)
    call = Call("GET", url, cap=service.max_bytes, bulky=True)
    reply = yield from exchange(service, call, again=idempotent, deadline=deadline)
    if reply.status_code != 200:
        who, expired = f"the store of the result, {shown(url)},", _expired(service, url)
        raise answers.refusal(reply, who, job_id=job.job_id, expired=expired)
    say("fetched", job=job.job_id, bytes=len(reply.content))
    return bytes(reply.content)


def _expired(service: Service, url: str) -> float | None:
    ends = expires_at(url)
    return ends if ends is not None and ends <= service.pace.now() else None


def _offered(service: Service, status: Status, job_id: str) -> str:
    url = status.output_url
    if url is None:
        raise ContractError("the job succeeded and names no result", job_id=job_id)
    if not url.startswith("https://") and not same_origin(url, service.base_url):
        raise ContractError(f"the result is offered at {shown(url)}; https is needed", job_id=job_id)
    return url


def put(service: Service, url: str, content: bytes, deadline: Deadline) -> Talk[None]:
    """Upload to a signed URL."""
    call = Call("PUT", url, put_headers(url, content), content, bulky=True)
    reply = yield from exchange(service, call, again=idempotent, deadline=deadline)
    if reply.status_code not in (200, 201, 204):
        expired, signed = _expired(service, url), _signed(url, call)
        raise answers.refusal(reply, f"the store, {shown(url)},", expired=expired, signed=signed)


def _signed(url: str, call: Call) -> str:
    """What is to be said of the headers that a URL was signed with."""
    names = signed_headers(url)
    sent = {name.lower(): value for name, value in call.headers.items()}
    return ", ".join(f"{name} (sent: {sent.get(name, 'nothing')})" for name in names)


def sign(service: Service, method: str, key: str, expires_in: float) -> Talk[str]:
    """A signature of the staging area. Raises FetchError where none is set, or where it fails."""
    if service.staging is None:
        raise FetchError("staging: none is set, and the service reads photos from a URL; set MASKKIT_STAGING")
    try:
        return str((yield Sign(method, key, expires_in)))
    except MaskkitError:
        raise
    except Exception as error:  # of a staging area of one's own: its text may hold a secret
        raise FetchError(f"staging: signing {method} failed ({type(error).__name__})") from None


def remove(service: Service, keys: Sequence[str], within: float = _TIDYING) -> Talk[None]:
    """Delete what was staged; what cannot be is named in the log, since nothing else can be done about it."""
    deadline = Deadline(service.pace, max(within, _TIDYING))
    for key in keys:
        try:
            url = yield from sign(service, "DELETE", key, 900.0)
            reply = yield from exchange(service, Call("DELETE", url), again=idempotent, deadline=deadline)
            if reply.status_code in (200, 202, 204, 404):
                continue
            why = str(reply.status_code)
        except MaskkitError as error:
            why = str(error)
        say("left behind", level=logging.WARNING, key=key, why=why)
