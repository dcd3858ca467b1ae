"""What a request handler needs of the server, and the steps that both contracts share."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

from fastapi import Request

from maskkit.server.credentials import Credentials, CredentialsFile
from maskkit.server.files import Files
from maskkit.server.guard import BlockedError, check_url
from maskkit.server.jobs import Job, Jobs, Refusal
from maskkit.server.lanes import Lanes
from maskkit.server.metrics import Metrics
from maskkit.server.refusals import Refused
from maskkit.server.settings import Settings
from maskkit.server.worker import Order, Worker
from maskkit.wire.members import is_loopback

__all__ = ["LOOPBACK_NAMES", "Server", "check_content_type", "read_json"]

_VERBS: tuple[Literal["GET", "PUT"], ...] = ("GET", "PUT")
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")
_AUTHORITY = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.-]+)(:\d+)?", re.ASCII)


@dataclass(frozen=True)
class Server:
    """The parts of one running server; ``app.state.server``."""

    settings: Settings
    jobs: Jobs
    files: Files
    metrics: Metrics
    lanes: Lanes
    worker: Worker
    clients: CredentialsFile | None
    uploads: asyncio.Semaphore

    @property
    def credentials(self) -> Credentials | None:
        """Who is known at this moment; None: open to this machine."""
        return None if self.clients is None else self.clients.now()

    def client_of(self, request: Request) -> str:
        """Who sent the request. Raises Refused (401, 403)."""
        known = self.credentials
        if known is None:
            self._check_local(request)
            return "anonymous"
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token, client = token.strip(), request.headers.get("x-api-key", "")
        bearer = scheme.lower() == "bearer"
        if bearer and known.check_token(client, token):
            return client
        if bearer and known.knows_token(token):
            raise Refused(403, None, "Api Key is invalid", code="403003")
        challenge = {"www-authenticate": "Bearer"}
        raise Refused(401, None, "Oauth token is not valid", code="401013", headers=challenge)

    def _check_local(self, request: Request) -> None:
        # open to this machine, not to any web page that a browser of this machine shows
        public = urlsplit(self.settings.public_url).hostname
        host = _AUTHORITY.fullmatch(request.headers.get("host", "localhost"))  # HTTP/1.0 may say none
        if host is None or host[1].strip("[]").lower() not in (*LOOPBACK_NAMES, public):
            raise Refused(403, "Forbidden", "without credentials the server answers to loopback names only")
        if not public and _is_remote(request.scope["server"][0]):  # whoever listens elsewhere has said so
            raise Refused(403, "Forbidden", "without credentials the server answers on loopback only")
        cross_site = request.headers.get("sec-fetch-site") == "cross-site"
        if cross_site and request.headers.get("origin") not in self.settings.cors_origins:
            raise Refused(403, "Forbidden", "cross-site requests are not admitted")

    def base_url(self, request: Request) -> str:
        """What the server's own URLs begin with, as this client sees it."""
        return (self.settings.public_url or str(request.base_url)).rstrip("/")

    def admits_http(self, href: str) -> bool:
        """Whether a URL without TLS is one of our own files, or one that development admits."""
        own = any(self.files.own(verb, href) for verb in _VERBS)
        return own or (self.settings.policy.http_loopback and is_loopback(href))

    def check_href(self, verb: Literal["GET", "PUT"], href: str, member: str) -> None:
        """Refuse a URL whose form the guard does not admit, unless it is one of our own."""
        if self.files.own(verb, href) is not None:
            return
        try:
            check_url(href, self.settings.policy)
        except BlockedError as error:
            raise Refused(400, "InputValidationError", f"{member}: {error}") from None

    async def submit(self, client: str, contract: str, order: Order, optimize: str) -> str:
        """Store the job; its id. Raises Refused (429) where a limit is reached."""
        stored = await asyncio.to_thread(self.jobs.submit, client, contract, order.to_json(), optimize)
        if isinstance(stored, Refusal):
            title = "the queue is full" if stored.limit == "queue" else "too many open jobs of this client"
            raise Refused(429, "TooManyRequests", title, headers={"retry-after": "5"})
        self.worker.wake()
        return stored

    async def job_of(self, request: Request, job_id: str, contract: str) -> Job:
        """The client's own job. Raises Refused (404) also where it is somebody else's."""
        client = self.client_of(request)
        job = await asyncio.to_thread(self.jobs.get, job_id, client) if "\0" not in job_id else None
        if job is None or job.contract != contract:
            raise Refused(404, "ResourceNotFound", "no such job")
        return job


def _is_remote(address: str) -> bool:
    try:
        return not ip_address(address).is_loopback
    except ValueError:  # a socket of the file system
        return False


def check_content_type(request: Request, needed: str) -> None:
    """Raises Refused (415) where the body is said to be something else, or nothing is said."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said != needed:
        raise Refused(415, "UnsupportedMediaType", f"Content-Type: {needed} is needed")


async def read_json(request: Request) -> Any:
    """The request's JSON body. Raises Refused (415, 400)."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "UnsupportedMediaType", "the body must not be compressed")
    check_content_type(request, "application/json")
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):  # ValueError: no JSON, no UTF-8, a number of 5,000 digits
        raise Refused(400, "RequestBodyError", "the body is not JSON") from None
