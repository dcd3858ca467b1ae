"""``rembg s``'s API: ``GET`` and ``POST /api/remove``, a photo in, a PNG out."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from maskkit.errors import PixelError
from maskkit.server.compute import make
from maskkit.server.direct import answered
from maskkit.server.faults import JobError
from maskkit.server.intake import check_content_type
from maskkit.server.parts import Server
from maskkit.server.refusals import Refused
from maskkit.server.rembg import MODELS, NO, YES, product_of, without_effect
from maskkit.server.schemas import Schema, shows

__all__ = ["router"]

_DETAIL = {
    "type": "object",
    "required": ["detail"],
    "properties": {"detail": {"type": "string"}},
}
_WORDS = {
    400: "no such model, a value that cannot be read, or a URL that is not admitted",
    401: "neither a client's secret nor a token",
    403: "without credentials: not from this machine, or from a page of another site",
    405: "not a method of this path; Allow has them",
    408: "the body came too slowly",
    413: "the file is too large",
    415: "wrong content type",
    422: "a field is missing or not valid",
    429: "a limit is reached; see Retry-After",
    500: "unexpected; the log has it under x-request-id",
    502: "the engine failed",
    503: "the engine or the store of the photo is away; try again",
}
_PICTURE = {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
router = APIRouter(
    tags=["rembg"],
    responses={
        200: {"description": "the picture", **_PICTURE},
        **{code: shows(_DETAIL, words) for code, words in _WORDS.items()},
    },
)

_FLAG = {"enum": [*YES, *NO, ""], "default": "false"}
_NUMBER = {"description": "changes nothing here"}
_FIELDS: dict[str, Schema] = {
    "model": {
        "type": "string",
        "enum": [*MODELS, ""],
        "description": "the server's engine does it",
    },
    "a": {**_FLAG, "description": "refine the edge as hair"},
    **dict.fromkeys(("af", "ab", "ae"), _NUMBER),
    "om": {**_FLAG, "description": "the mask alone"},
    "ppm": {**_FLAG, "description": "a mask of black and white"},
    "dc": {**_FLAG, "description": "take the old background out of the edge's colours"},
    "vm": {**_FLAG, "description": "refine the edge as hair"},
    "bgc": {"type": "string", "description": "what goes behind, R,G,B,A of 0 to 255"},
    "extras": {"type": "string", "description": "JSON; points and a rectangle of sam_prompt are hints"},
}
_URL = {"type": "string", "format": "uri", "description": "of the photo; it passes the guard"}
_FILE = {"type": "string", "format": "binary", "description": "the photo"}


def _in_query(fields: Mapping[str, Schema], *required: str) -> Schema:
    return {
        "parameters": [
            {"name": name, "in": "query", "required": name in required, "schema": schema}
            for name, schema in fields.items()
        ]
    }


def _in_form(fields: Mapping[str, Schema], *required: str) -> Schema:
    schema = {"type": "object", "required": list(required), "properties": dict(fields)}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


@router.get("/api/remove", openapi_extra=_in_query({"url": _URL, **_FIELDS}, "url"))
async def remove_url(request: Request) -> StreamingResponse:
    """The subject of a photo that the server fetches."""
    server, client = _who(request)
    with server.uploads.of(client):
        fields = dict(request.query_params)
        url = fields.get("url")
        if not url:
            raise Refused(422, "InputValidationError", "url: need the URL of a photo")
        try:
            photo = await server.transfers.download(url)
        except JobError as fault:
            status = 503 if fault.failure.code == 503 else 400
            raise Refused(status, fault.failure.type, f"url: {fault.failure.title}") from None
        return await _cut(request, fields, photo)


@router.post("/api/remove", openapi_extra=_in_form({"file": _FILE, **_FIELDS}, "file"))
async def remove_upload(request: Request) -> StreamingResponse:
    """The subject of a photo that is sent; the other fields may stand in the URL, too."""
    server, client = _who(request)
    check_content_type(request, "multipart/form-data")
    with server.uploads.of(client):
        async with request.form(max_files=4, max_fields=100) as form:
            photo = form.get("file")
            if not isinstance(photo, UploadFile) or not photo.size:
                raise Refused(422, "InputValidationError", "file: need a photo")
            words = {name: value for name, value in form.items() if isinstance(value, str)}
            return await _cut(request, {**request.query_params, **words}, photo)


def _who(request: Request) -> tuple[Server, str]:
    server: Server = request.app.state.server
    request.state.client = server.access.client_of_either(request)
    return server, request.state.client


async def _cut(request: Request, fields: Mapping[str, str], photo: UploadFile | bytes) -> StreamingResponse:
    try:
        product = product_of(fields)
    except PixelError as error:
        raise Refused(400, "InputValidationError", str(error)) from None
    shown = await answered(request, product, {"photo": photo}, make)
    ignored = without_effect(fields)
    if ignored:
        shown.headers["x-maskkit-ignored"] = ", ".join(ascii(name)[1:-1] for name in ignored)[:500]
    return shown
