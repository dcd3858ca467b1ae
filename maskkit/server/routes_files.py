"""``POST /files`` makes a pair of signed URLs; ``PUT`` and ``GET /files/NAME`` are what they admit."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from maskkit.errors import CodecError
from maskkit.server.file_store import MEDIA_TYPES, VERBS, Files, media_type_of, why_not_stored
from maskkit.server.parts import Server
from maskkit.server.quota import OverQuotaError
from maskkit.server.refusals import Refused, answer
from maskkit.server.schemas import FILE_LINKS, REFUSALS, refuses, shows

__all__ = ["links", "router"]

MediaType = Literal["image/png", "image/jpeg", "image/webp", "image/tiff", "image/vnd.adobe.photoshop"]
# ``router`` asks who it is; ``links`` asks for a signature only
router, links = (APIRouter(tags=["files"], responses=REFUSALS) for _ in range(2))
_SHOWN = ("image/png", "image/jpeg", "image/webp")  # what a browser draws; it saves the rest
_BYTES = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@router.post("/files", status_code=201, responses={201: shows(FILE_LINKS, "the two URLs")})
async def create(request: Request, media_type: MediaType | None = None) -> Response:
    """A pair of signed URLs, to PUT a file and to GET it; they and the file expire together."""
    server: Server = request.app.state.server
    client = server.client_of(request)
    server.files.check_room(client)
    name = server.files.name(client, secrets.token_hex(16) + MEDIA_TYPES.get(media_type or "", ""))
    base = server.base_url(request)
    pair = {verb.lower(): {"href": server.files.url(base, verb, name)} for verb in VERBS}
    return answer(pair | {"expiresIn": int(server.files.ttl)}, 201)


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
    media_type = media_type_of(name)
    shown = "inline" if media_type in _SHOWN else "attachment"
    return FileResponse(path, media_type=media_type, filename=name, content_disposition_type=shown)


async def _receive(pieces: AsyncIterator[bytes], path: Path, files: Files) -> None:
    try:
        with files.replacing(path) as (temporary, arrival), temporary.open("wb") as file:
            async for piece in pieces:
                arrival.take(len(piece))
                await asyncio.to_thread(file.write, piece)
    except OverQuotaError as error:
        closing = {"connection": "close"}
        raise Refused(413, "PayloadTooLarge", why_not_stored(error, files), headers=closing) from None
    except (CodecError, OSError) as error:
        raise Refused(507, "InsufficientStorage", why_not_stored(error, files)) from None
