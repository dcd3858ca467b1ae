"""What is posted when a job has ended, read: Adobe's I/O Events, maskkit's server, a bare status."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from maskkit.errors import AuthError, ContractError
from maskkit.wire import members
from maskkit.wire.events import event_key, verifies

__all__ = ["check_signature", "job_of", "read_event"]

_TOLERANCE = 300.0  # seconds: an event that somebody caught and posts again later is refused
_INNER = (("event", "body"), ("event",), ("data",), ("body",), ())  # where the job stands, outermost last


def check_signature(body: bytes | str, headers: Mapping[str, str], secret: str, now: float) -> None:
    """Raise AuthError unless the event was signed with the client's ``secret`` within five minutes."""
    content = body.encode() if isinstance(body, str) else body
    if not verifies(event_key(secret), headers, content, now, _TOLERANCE):
        raise AuthError("event: the signature is not this client's, or more than 5 minutes old")


def read_event(body: Any) -> Mapping[str, Any]:
    """The part of an event that names a job. Raises ContractError where none does.

    >>> read_event(b'{"event_id": "1", "event": {"body": {"jobId": "7"}}}')
    {'jobId': '7'}
    """
    said = body
    if isinstance(body, bytes | str):
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            raise ContractError("event: is not JSON") from None
    for path in _INNER:
        found = said
        for name in path:
            found = members.part(found).get(name)
        if members.first(members.part(found), "jobId", "jobID", "statusUrl", "_links") is not None:
            return members.part(found)
    raise ContractError("event: names no job: need jobId, statusUrl or _links")


def job_of(said: Mapping[str, Any]) -> tuple[str, str, str]:
    """Contract, id and status URL (a path, where the event has no URL) of what `read_event` found."""
    status = "/v2/status/{job_id}"
    receipt = members.receipt(said, "statusUrl", status)
    return ("v1" if "/sensei/" in receipt.status_url else "v2"), receipt.job_id, receipt.status_url
