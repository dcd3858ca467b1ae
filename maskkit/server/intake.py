"""What is taken in: a request's body and the URLs in it, the job that it orders or asks for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request

from maskkit.server.file_store import VERBS, Verb
from maskkit.server.glance import NotAtOnceError
from maskkit.server.guard import BlockedError, check_url
from maskkit.server.jobs import Job, Refusal
from maskkit.server.orders import Order
from maskkit.server.parts import Server
from maskkit.server.refusals import Refused
from maskkit.server.strict import check_members, check_query
from maskkit.wire.members import is_loopback

__all__ = [
    "admits_http",
    "check_content_type",
    "check_href",
    "check_outside",
    "job_of",
    "read_json",
    "read_order",
    "submit",
]


def check_content_type(request: Request, needed: str) -> None:
    """Raise Refused (415) where the body is said to be something else, or nothing is said."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said != needed:
        raise Refused(415, "UnsupportedMediaType", f"Content-Type: {needed} is needed")


async def read_json(request: Request) -> Any:
    """The request's JSON body, which may be any JSON value. Raises Refused (415, 400)."""
    check_content_type(request, "application/json")
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):  # ValueError: no JSON, no UTF-8, a number of 5,000 digits
        raise Refused(400, "RequestBodyError", "the body is not JSON") from None


async def read_order(request: Request, schema: Mapping[str, Any]) -> Any:
    """The JSON of an order. Raises ContractError for a member that ``schema`` does not list, or a query."""
    body = await read_json(request)
    check_query(request.query_params.keys())
    check_members(body, schema)
    return body


def admits_http(server: Server, href: str) -> bool:
    """Whether a URL without TLS is one of the server's own files, or one that development admits."""
    own = any(server.files.own(verb, href) for verb in VERBS)
    return own or (server.settings.policy.http_loopback and is_loopback(href))


def check_href(server: Server, verb: Verb, href: str, member: str) -> None:
    """Refuse a URL whose form the guard does not admit, unless it is one of the server's own."""
    if server.files.own(verb, href) is None:
        check_outside(server, href, member)


def check_outside(server: Server, href: str, member: str) -> None:
    """Refuse a URL whose form the guard does not admit."""
    try:
        check_url(href, server.settings.policy)
    except BlockedError as error:
        raise Refused(400, "InputValidationError", f"{member}: {error}") from None


async def submit(server: Server, client: str, contract: str, order: Order, optimize: str) -> str:
    """Store the job and return its id. Raises Refused (429) where a limit is reached."""
    stored = await server.jobs.soon(server.jobs.submit, client, contract, order.to_json(), optimize)
    if isinstance(stored, Refusal):
        title = "the queue is full" if stored.limit == "queue" else "too many open jobs of this client"
        raise Refused(429, "TooManyRequests", title, headers={"retry-after": "5"})
    server.worker.wake(client)
    return stored


async def job_of(server: Server, request: Request, job_id: str, contract: str) -> Job:
    """The client's own job. Raises Refused (404) also where it is somebody else's."""
    client = server.client_of(request)
    job = await _found(server, job_id, client) if "\0" not in job_id else None
    if job is None or job.contract != contract:
        raise Refused(404, "ResourceNotFound", "no such job")
    return job


async def _found(server: Server, job_id: str, client: str) -> Job | None:
    try:
        return server.jobs.glance(job_id, client)
    except NotAtOnceError:
        return await asyncio.to_thread(server.jobs.get, job_id, client)
