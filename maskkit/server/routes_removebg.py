"""remove.bg's API, version 1.0: a photo in, the cutout out, in one request."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import re
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile

from maskkit.server.faults import JobError
from maskkit.server.lanes import LostWorkerError
from maskkit.server.parts import Server
from maskkit.server.refusals import Refused, answer
from maskkit.server.removebg import Asked, FieldError, read_fields
from maskkit.server.removebg_picture import MEDIA_TYPES, Answer, cut

__all__ = ["router"]

router = APIRouter(prefix="/v1.0", tags=["remove.bg"], include_in_schema=False)

_CREDITS = 1_000_000  # a balance that stops no client
_DATA_URL = re.compile(r"data:[^,]{0,200},")
_TITLES = {
    "image": "Please provide the source image in the image_url, image_file or image_file_b64 parameter.",
    "background": "Please give one of bg_color, bg_image_url and bg_image_file.",
}


@router.post("/removebg")
async def removebg(request: Request) -> Response:
    """Cut the subject out of one photo."""
    server: Server = request.app.state.server
    client = server.access.client_of_key(request)
    _check_room(server, client)
    async with server.uploads:
        fields = await _fields(request, server)
        try:
            asked = read_fields(fields)
            _check_sources(fields)
        except FieldError as error:
            raise Refused(400, error.code, error.title, details=error.detail or None) from None
        photo = await _source(server, fields, "image")
        behind = await _source(server, fields, "bg_image")
        server.metrics.moved("in", len(photo or b"") + len(behind or b""))
        made = await _made(server, client, asked, photo or b"", behind)
    server.metrics.moved("out", len(made.content))
    return _answer(server, client, asked, made, as_json=_wants_json(request))


@router.get("/account")
async def account(request: Request) -> Response:
    """A balance that stops no client; nothing is charged here."""
    server: Server = request.app.state.server
    server.access.client_of_key(request)
    credits = {"total": _CREDITS, "subscription": 0, "payg": _CREDITS, "enterprise": 0}
    api = {"free_calls": 0, "sizes": "all"}
    return answer({"data": {"attributes": {"credits": credits, "api": api}}})


@router.post("/improve")
async def improve(request: Request) -> Response:
    """Accept a photo for training, of which nothing is kept: there is no training here."""
    server: Server = request.app.state.server
    _check_room(server, server.access.client_of_key(request))
    async with server.uploads:
        await _fields(request, server)
    return answer({"id": str(uuid.uuid4())}, headers={"x-maskkit-kept": "nothing"})


def _check_room(server: Server, client: str) -> None:
    """Raise Refused (429) where the client's minute is used up, or too many uploads are under way."""
    if server.rate.left(client).remaining == 0:
        left = server.rate.left(client)
        raise Refused(
            429,
            "rate_limit_exceeded",
            "Rate limit exceeded",
            headers=_limits(server, client) | {"retry-after": str(left.wait)},
        )
    if server.uploads.locked():
        raise Refused(429, "rate_limit_exceeded", "too many uploads at once", headers={"retry-after": "2"})


def _limits(server: Server, client: str) -> dict[str, str]:
    left = server.rate.left(client)
    return {
        "x-ratelimit-limit": str(left.limit),
        "x-ratelimit-remaining": str(left.remaining),
        "x-ratelimit-reset": str(left.reset),
    }


async def _fields(request: Request, server: Server) -> dict[str, Any]:
    """The fields of a form of either kind, or of a JSON object; files as bytes."""
    said = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if said == "application/json":
        try:
            body = json.loads(await request.body())
        except (ValueError, RecursionError):
            raise Refused(400, "invalid_json", "The body is not JSON") from None
        if not isinstance(body, dict):
            raise Refused(400, "invalid_json", "The body is not a JSON object")
        return {str(name): value for name, value in body.items()}
    most = 2 * server.settings.max_bytes  # pictures come as base64, too: the framework's limit is 1 MB
    async with request.form(max_files=8, max_fields=200, max_part_size=most) as form:
        parts = [
            (name, await one.read() if isinstance(one, UploadFile) else one) for name, one in form.items()
        ]
    return {name: value for name, value in parts if value}


def _check_sources(fields: Mapping[str, Any]) -> None:
    """Raise FieldError unless there is one photo, and one background at most."""
    photos = [one for one in ("image_file", "image_file_b64", "image_url") if _given(fields.get(one))]
    if not photos:
        raise FieldError("missing_source", "No image given", _TITLES["image"])
    if len(photos) > 1:
        raise FieldError("multiple_sources", "Multiple image sources given", _TITLES["image"])
    behind = [one for one in ("bg_color", "bg_image_url", "bg_image_file") if _given(fields.get(one))]
    if len(behind) > 1:
        title = "Multiple background sources given"
        raise FieldError("multiple_bg_sources", title, _TITLES["background"])


def _given(value: object) -> bool:
    return bool(value) if isinstance(value, bytes) else isinstance(value, str) and bool(value.strip())


async def _source(server: Server, fields: Mapping[str, Any], name: str) -> bytes | None:
    """The bytes of a picture that comes as a file, as base64, or from a URL that the guard admits."""
    file, coded, url = (fields.get(f"{name}{end}") for end in ("_file", "_file_b64", "_url"))
    if isinstance(file, bytes) and file:
        content = file
    elif _given(file):
        raise Refused(400, "invalid_file_type", "Invalid file type", details=f"{name}_file: need a file")
    elif _given(coded):
        content = await asyncio.to_thread(_decoded, str(coded))
    elif _given(url):
        content = await _fetched(server, name, str(url).strip())
    else:
        return None
    if len(content) > server.settings.max_bytes:
        limit = f"File exceeds limit of {server.settings.max_bytes // 1_000_000}MB"
        raise Refused(400, "file_too_large", "File too large", details=limit)
    return content


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(_DATA_URL.sub("", text, count=1) if text.startswith("data:") else text)
    except (binascii.Error, ValueError):
        title = "There was an error reading the image."
        raise Refused(400, "failed_to_read_image", title, details="image_file_b64: is not base64") from None


async def _fetched(server: Server, name: str, url: str) -> bytes:
    if not url.lower().startswith(("http://", "https://")):
        title = f"Invalid {name}_url: Please provide a valid URL."
        raise Refused(400, f"invalid_{name}_url", title)
    try:
        return await server.transfers.download(url)
    except JobError as fault:
        code, kind = (
            ("failed_image_download", "image")
            if name == "image"
            else ("failed_bg_download", "background image")
        )
        title = f"Failed to download {kind} from given {name}_url: {fault.failure.title}"
        raise Refused(400, code, title) from None


async def _made(server: Server, client: str, asked: Asked, photo: bytes, behind: bytes | None) -> Answer:
    """The answer, computed once for equal requests that come while it is made, or shortly after.

    A client whose patience ends before the answer asks again; that must not cost the work again.
    """
    flights: dict[bytes, asyncio.Task[Answer]] = server.flights
    key = hashlib.sha256(b"\0".join([client.encode(), repr(asked).encode(), photo, behind or b""])).digest()
    task = flights.get(key)
    if task is None:
        task = flights[key] = asyncio.create_task(_computed(server, client, asked, photo, behind))
        task.add_done_callback(partial(_land, flights, key))
    try:
        return await asyncio.shield(task)
    except JobError as fault:
        failure = fault.failure
        status = failure.code if isinstance(failure.code, int) else 400
        raise Refused(status, failure.type, str(failure.title), details=failure.details) from None
    except LostWorkerError:
        raise Refused(503, "service_unavailable", "try again", headers={"retry-after": "2"}) from None


_KEPT_SECONDS, _KEPT = 30.0, 8


def _land(flights: dict[bytes, asyncio.Task[Answer]], key: bytes, task: asyncio.Task[Answer]) -> None:
    """Keep a good answer for a moment, a few at a time; failures are tried again."""
    if task.cancelled() or task.exception() is not None:
        flights.pop(key, None)
        return
    landed = [one for one, other in flights.items() if other.done()]
    for one in landed[:-_KEPT]:
        flights.pop(one, None)
    asyncio.get_running_loop().call_later(_KEPT_SECONDS, flights.pop, key, None)


async def _computed(server: Server, client: str, asked: Asked, photo: bytes, behind: bytes | None) -> Answer:
    settings = server.settings
    server.rate.take(client, 1)
    task = partial(cut, photo, behind, asked, settings.engine, settings.max_pixels)

    async def prepare() -> Callable[[], Answer]:
        return task

    try:
        with server.metrics.stage("compute"):
            made = await server.lanes.run_prepared(prepare, seconds=settings.compute_seconds)
    except BaseException:
        server.rate.take(client, -1)  # an error costs nothing
        raise
    server.rate.take(client, made.units - 1)
    return made


def _wants_json(request: Request) -> bool:
    """JSON is asked for, and neither "*/*" nor any picture is: axios names JSON first and wants the bytes."""
    accept = request.headers.get("accept", "").lower()
    return "application/json" in accept and "*/*" not in accept and "image/" not in accept


def _answer(server: Server, client: str, asked: Asked, made: Answer, *, as_json: bool) -> Response:
    box = made.subject
    foreground = {"top": box.top, "left": box.left, "width": box.width, "height": box.height}
    said = {
        "x-width": str(made.width),
        "x-height": str(made.height),
        "x-credits-charged": "0",
        "x-mask-source": made.engine,
        **{f"x-foreground-{name}": str(value) for name, value in foreground.items()},
        **_limits(server, client),
    }
    if asked.typed:
        said["x-type"] = "other"
    if asked.shadow not in ("none", made.shadow):
        said["x-maskkit-shadow"] = made.shadow
    if not as_json:
        return Response(made.content, headers=said, media_type=MEDIA_TYPES[made.kind])
    body = {"result_b64": base64.b64encode(made.content).decode()}
    body |= {f"foreground_{name}": value for name, value in foreground.items()}  # type: ignore[misc]
    return answer({"data": body}, headers=said)
