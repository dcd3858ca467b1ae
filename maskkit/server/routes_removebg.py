"""remove.bg's API, version 1.0: a photo in, the cutout out, in one request."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import uuid
from collections.abc import Callable
from functools import partial

from fastapi import APIRouter, Request, Response

from maskkit.server.faults import JobError
from maskkit.server.lanes import LostWorkerError
from maskkit.server.parts import Server
from maskkit.server.refusals import Refused, answer
from maskkit.server.removebg import Asked, FieldError, read_fields, text_of
from maskkit.server.removebg_output import MEDIA_TYPES
from maskkit.server.removebg_picture import Answer, check_kind, cut
from maskkit.server.removebg_schema import ACCOUNT, IMPROVE, IMPROVED, PICTURE, REFUSED, REMOVE
from maskkit.server.removebg_sources import check_sources, check_url, fields_of, source
from maskkit.server.warned import warning

__all__ = ["router"]

router = APIRouter(prefix="/v1.0", tags=["remove.bg"], responses=REFUSED)

_CREDITS = 1_000_000  # a balance that stops no client


@router.post("/removebg", openapi_extra=REMOVE, responses={200: PICTURE}, response_class=Response)
async def removebg(request: Request) -> Response:
    """Cut the subject out of one photo."""
    server: Server = request.app.state.server
    client = server.access.client_of_key(request)
    _check_limit(server, client)
    with server.uploads.of(client):
        fields = await fields_of(request, server)
        try:
            asked = read_fields(fields)
        except FieldError as error:
            raise Refused(400, error.code, error.title, details=error.detail or None) from None
        check_sources(fields)
        photo = await source(server, fields, "image")
        behind = await source(server, fields, "bg_image")
        server.metrics.moved("in", len(photo or b"") + len(behind or b""))
        made = await _made(server, client, asked, photo or b"", behind)
    server.metrics.moved("out", len(made.content))
    return _answer(server, client, asked, made, as_json=_wants_json(request))


@router.get("/account", responses={200: ACCOUNT})
async def account(request: Request) -> Response:
    """A balance that stops no client; nothing is charged here."""
    server: Server = request.app.state.server
    server.access.client_of_key(request)
    credits = {"total": _CREDITS, "subscription": 0, "payg": _CREDITS, "enterprise": 0}
    api = {"free_calls": 0, "sizes": "all"}
    return answer({"data": {"attributes": {"credits": credits, "api": api}}})


@router.post("/improve", openapi_extra=IMPROVE, responses={200: IMPROVED})
async def improve(request: Request) -> Response:
    """Accept a photo for training, of which nothing is kept: there is no training here."""
    server: Server = request.app.state.server
    client = server.access.client_of_key(request)
    _check_limit(server, client)
    with server.uploads.of(client):
        fields = await fields_of(request, server)
        check_sources(fields)
        if url := text_of(fields.get("image_url")):  # what is not kept need not be fetched
            check_url("image", url)
        else:
            _check_kind(await source(server, fields, "image") or b"")
    return answer({"id": str(uuid.uuid4())}, headers={"x-maskkit-kept": "nothing"})


def _check_limit(server: Server, client: str) -> None:
    """Raise Refused (429) where the client's minute is used up."""
    if server.rate.left(client).remaining == 0:
        raise _used_up(server, client)


def _check_kind(photo: bytes) -> None:
    try:
        check_kind(photo)
    except JobError as fault:
        raise _refused(fault) from None


def _used_up(server: Server, client: str) -> Refused:
    headers = _limits(server, client) | {"retry-after": str(server.rate.left(client).wait)}
    return Refused(429, "rate_limit_exceeded", "Rate limit exceeded", headers=headers)


def _limits(server: Server, client: str) -> dict[str, str]:
    left = server.rate.left(client)
    return {
        "x-ratelimit-limit": str(left.limit),
        "x-ratelimit-remaining": str(left.remaining),
        "x-ratelimit-reset": str(left.reset),
    }


async def _made(server: Server, client: str, asked: Asked, photo: bytes, behind: bytes | None) -> Answer:
    """The answer, computed once for equal requests that come while it is made, or shortly after."""
    key = await asyncio.to_thread(_key, client.encode(), repr(asked).encode(), photo, behind or b"")
    task = server.flights.of(key, partial(_computed, server, client, asked, photo, behind))
    try:
        return await asyncio.shield(task)
    except JobError as fault:
        raise _refused(fault) from None
    except LostWorkerError:
        raise Refused(503, "service_unavailable", "try again", headers={"retry-after": "2"}) from None


def _key(*parts: bytes) -> bytes:
    """What two requests have in common if they are equal."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).digest()


def _refused(fault: JobError) -> Refused:
    failure = fault.failure
    status = failure.code if isinstance(failure.code, int) else 400
    return Refused(status, failure.type, str(failure.title), details=failure.details)


async def _computed(server: Server, client: str, asked: Asked, photo: bytes, behind: bytes | None) -> Answer:
    settings = server.settings
    if not server.rate.take(client, 1):  # of many that came at once, the first ones used it up
        raise _used_up(server, client)
    task = partial(cut, photo, behind, asked, settings.engine, settings.max_pixels)

    async def prepare() -> Callable[[], Answer]:
        return task

    try:
        with server.metrics.stage("compute"):
            made = await server.lanes.run_prepared(prepare, seconds=settings.compute_seconds, client=client)
    except BaseException:
        server.rate.charge(client, -1)  # an error costs nothing
        raise
    server.rate.charge(client, made.units - 1)
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
        **warning(made.warned),
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
