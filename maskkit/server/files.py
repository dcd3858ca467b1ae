"""Staging of one's own: files under ``--data-dir`` behind signed URLs that expire.

v2 has no output URL, so its results lie here; clients without an object store put their photos here. The
signature in a URL is what admits a reader or a writer; the server reads and writes its own files directly,
without a detour over the network.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import httpx
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from maskkit.codec import atomic
from maskkit.errors import CodecError
from maskkit.server.faults import JobError
from maskkit.server.refusals import Refused
from maskkit.server.schemas import REFUSALS, refuses
from maskkit.server.signing import Signer

__all__ = ["MEDIA_TYPES", "Files", "links", "router"]

Verb = Literal["GET", "PUT"]
MediaType = Literal["image/png", "image/jpeg", "image/webp", "image/tiff", "image/vnd.adobe.photoshop"]
MEDIA_TYPES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/tiff": ".tif",
    "image/vnd.adobe.photoshop": ".psd",
}
_TYPES = {suffix: media_type for media_type, suffix in MEDIA_TYPES.items()}
_NAME = re.compile(r"^[0-9a-f]{16}-[0-9a-f-]{32,36}(\.[a-z]{3,4})?$")
_PATH = re.compile(r"/files/([^/]+)$")


class OverQuotaError(Exception):
    """A client's files would take more than they may."""


@dataclass(eq=False)
class Files:
    """The folder, the signer of its URLs, a file's seconds, a client's bytes.

    What each client's files take is counted when `expire` looks through the folder, and kept up by what is
    written here: an order must not cost more the more files there are. Of what other servers write into a
    shared folder it knows from the next look on.
    """

    folder: Path
    signer: Signer
    ttl: float
    quota: int
    _used: Counter[str] = field(init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def __post_init__(self) -> None:
        self.expire()

    def name(self, client: str, rest: str) -> str:
        """The name of a client's file: whose it is comes first, as a hash that says nothing to others."""
        return f"{hashlib.blake2b(client.encode(), key=self.signer.key, digest_size=8).hexdigest()}-{rest}"

    def room(self, path: Path) -> int:
        """How many bytes the file at ``path`` may have beside the others of its client."""
        return max(0, self.quota - self._used[_owner(path.name)] + _size(path))

    def check_room(self, client: str) -> None:
        """Raises Refused (429) where a client's files take all that they may."""
        if self._used[_owner(self.name(client, ""))] >= self.quota:
            title = f"this client's files take the {self.quota} bytes that they may; they go after their time"
            raise Refused(429, "TooManyRequests", title, headers={"retry-after": "60"})

    @contextlib.contextmanager
    def replacing(self, path: Path) -> Iterator[Path]:
        """`codec.atomic`, and what it changes is counted. Raises OverQuotaError instead of the change."""
        with atomic(path) as temporary:
            yield temporary
            size, owner = _size(temporary), _owner(path.name)
            with self._lock:  # of files that arrive together each is counted before the next is looked at
                _check_fits(size, self.room(path))
                self._used[owner] += size - _size(path)

    def url(self, base: str, verb: Verb, name: str) -> str:
        """A URL below ``base`` that admits ``verb`` on the file ``name`` until the file's time is over."""
        return f"{base}/files/{name}?sig={self.signer.sign(verb, name, self.ttl)}"

    def path(self, verb: Verb, name: str, signature: str) -> Path | None:
        """Where the file is, if the signature admits ``verb`` on it."""
        signed = _NAME.match(name) is not None and self.signer.read(verb, signature) == name
        return self.folder / name if signed else None

    def own(self, verb: Verb, href: str) -> Path | None:
        """Where the file behind a URL is, if this server (or one that shares its secret) signed it."""
        with contextlib.suppress(httpx.InvalidURL, ValueError):
            url = httpx.URL(href)
            if found := _PATH.search(url.path):
                return self.path(verb, found[1], url.params.get("sig", ""))
        return None

    def read(self, path: Path) -> bytes:
        """The content of a file. Raises JobError if it is gone."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise JobError(
                404, "ResourceNotFound", "input: the file was not put, or its time is over"
            ) from None

    def write(self, path: Path, content: bytes) -> None:
        """The file appears whole or not at all. Raises JobError if the disk or the client's share is full."""
        try:
            with self.replacing(path) as temporary:
                temporary.write_bytes(content)
        except OverQuotaError:
            raise JobError(507, "InsufficientStorage", f"output: {_over(self.quota)}") from None
        except (CodecError, OSError) as error:
            raise JobError(507, "InsufficientStorage", f"output: cannot be stored ({_why(error)})") from None

    def expire(self) -> None:
        """Delete the files whose time is over, count what is left."""
        limit, used = time.time() - self.ttl, Counter[str]()
        with os.scandir(self.folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):  # another server was quicker
                    seen = entry.stat()
                    if seen.st_mtime < limit:
                        Path(entry).unlink()
                    else:
                        used[_owner(entry.name)] += seen.st_size
        with self._lock:
            self._used = used


router, links = (APIRouter(tags=["files"], responses=REFUSALS) for _ in range(2))
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@router.post("/files", status_code=201)
async def create(request: Request, media_type: MediaType | None = None) -> dict[str, Any]:
    """A pair of signed URLs, to PUT a file and to GET it; they and the file expire together."""
    server = request.app.state.server
    client = server.client_of(request)
    server.files.check_room(client)
    name = server.files.name(client, secrets.token_hex(16) + MEDIA_TYPES.get(media_type or "", ""))
    base = server.base_url(request)
    return {
        "put": {"href": server.files.url(base, "PUT", name)},
        "get": {"href": server.files.url(base, "GET", name)},
        "expiresIn": int(server.files.ttl),
    }


@links.put(
    "/files/{name}",
    status_code=201,
    response_class=Response,
    responses={507: refuses("the disk is full")},
    openapi_extra={"requestBody": {"content": _BYTES}},
)
async def put(request: Request, name: str, sig: str = "") -> Response:
    """Store the body, whatever its content type is."""
    files: Files = request.app.state.server.files
    path = files.path("PUT", name, sig)
    if path is None:
        raise Refused(403, "FileLinkInvalidError", "the link is not valid, or its time is over")
    await _receive(request.stream(), path, files)
    return Response(status_code=201)


@links.head("/files/{name}", include_in_schema=False)
@links.get("/files/{name}", response_class=FileResponse)
async def get(request: Request, name: str, sig: str = "") -> FileResponse:
    """The file's content."""
    files: Files = request.app.state.server.files
    path = files.path("GET", name, sig)
    if path is None:
        raise Refused(403, "FileLinkInvalidError", "the link is not valid, or its time is over")
    if not path.is_file():
        raise Refused(404, "ResourceNotFound", "the file was not put, or its time is over")
    media_type = _TYPES.get(path.suffix, "application/octet-stream")
    return FileResponse(path, media_type=media_type, headers={"x-content-type-options": "nosniff"})


async def _receive(pieces: AsyncIterator[bytes], path: Path, files: Files) -> None:
    taken, room = 0, await asyncio.to_thread(files.room, path)
    try:
        with files.replacing(path) as temporary, temporary.open("wb") as file:
            async for piece in pieces:
                taken += len(piece)
                _check_fits(taken, room)
                await asyncio.to_thread(file.write, piece)
    except OverQuotaError:
        raise Refused(413, "PayloadTooLarge", _over(files.quota), headers={"connection": "close"}) from None
    except (CodecError, OSError) as error:
        raise Refused(507, "InsufficientStorage", f"the file cannot be stored ({_why(error)})") from None


def _owner(name: str) -> str:
    return name.partition("-")[0]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _check_fits(size: int, room: int) -> None:
    if size > room:
        raise OverQuotaError


def _over(quota: int) -> str:
    return f"this client's files would take more than {quota} bytes in all; they go after their time"


def _why(error: Exception) -> str:
    cause = error.__context__ if isinstance(error, CodecError) else error
    return (cause.strerror if isinstance(cause, OSError) else None) or "no room"
