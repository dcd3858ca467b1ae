"""The fields of a request of remove.bg's contract, and the bytes of the pictures that they name."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

from maskkit.codec.formats import format_of
from maskkit.server.faults import JobError
from maskkit.server.parts import Server
from maskkit.server.refusals import Refused
from maskkit.server.removebg import text_of
from maskkit.server.removebg_picture import UNREADABLE

__all__ = ["check_sources", "check_url", "fields_of", "source"]

_DATA_URL = re.compile(r"data:[^,]{0,200},")
# a "+" that a form did not escape came as a space
_ALPHABET = str.maketrans({" ": "+", "-": "+", "_": "/", "\r": None, "\n": None, "\t": None})
_FILES = ("image_file", "bg_image_file")
_NONE = "No image given"
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_PHOTO = ("image_file", "image_file_b64", "image_url")
_BEHIND = ("bg_color", "bg_image_url", "bg_image_file")


async def fields_of(request: Request, server: Server) -> dict[str, Any]:
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
    if said not in _FORMS:
        told = f"Content-Type: need {', '.join(_FORMS)} or application/json, got {said[:60]!r}"
        raise Refused(400, "missing_source", _NONE, details=told)
    most = 2 * server.settings.max_bytes  # pictures come as base64, too: the framework's limit is 1 MB
    async with request.form(max_files=8, max_fields=200, max_part_size=most) as form:
        parts = [
            (name, await _value(name, one) if isinstance(one, UploadFile) else one)
            for name, one in form.items()
        ]
    return {name: value for name, value in parts if value}


async def _value(name: str, part: UploadFile) -> bytes | str:
    content = await part.read()
    return content if name in _FILES else content.decode("utf-8", "replace")  # a word sent as a file


def check_sources(fields: Mapping[str, Any]) -> None:
    """Raise Refused (400) unless there is one photo, and one background at most."""
    photos = sum(_given(fields.get(one)) for one in _PHOTO)
    if photos != 1:
        what = "Multiple image sources given" if photos else _NONE
        told = "Please provide the source image in the image_url, image_file or image_file_b64 parameter."
        raise Refused(400, "multiple_sources" if photos else "missing_source", what, details=told)
    if sum(_given(fields.get(one)) for one in _BEHIND) > 1:
        told = "Please give one of bg_color, bg_image_url and bg_image_file."
        raise Refused(400, "multiple_bg_sources", "Multiple background sources given", details=told)


def _given(value: object) -> bool:
    return bool(value) if isinstance(value, bytes) else value is not False and bool(text_of(value))


async def source(server: Server, fields: Mapping[str, Any], name: str) -> bytes | None:
    """The bytes of a picture that comes as a file, as base64, or from a URL that the guard admits."""
    file, coded, url = (fields.get(f"{name}{end}") for end in ("_file", "_file_b64", "_url"))
    if isinstance(file, bytes) and file:
        content = file
    elif _given(file):
        content = _unnamed(name, str(file))
    elif _given(coded):
        content = await asyncio.to_thread(_decoded, text_of(coded))
    elif _given(url):
        content = await _fetched(server, name, text_of(url))
    else:
        return None
    if len(content) > server.settings.max_bytes:
        limit = f"File exceeds limit of {server.settings.max_bytes // 1_000_000}MB"
        raise Refused(400, "file_too_large", "File too large", details=limit)
    return content


def _unnamed(name: str, text: str) -> bytes:
    """The bytes of a file that came without a file's name, which the framework takes for text.

    What is not UTF-8 it reads as Latin-1, and no format of pictures is UTF-8.
    """
    try:
        content = text.encode("latin-1")
    except UnicodeEncodeError:
        content = b""
    if format_of(content) is None:
        raise Refused(400, "invalid_file_type", "Invalid file type", details=f"{name}_file: need a file")
    return content


def _decoded(text: str) -> bytes:
    """The bytes of base64, in lines or not, of either alphabet, its padding left out or not."""
    bare = (_DATA_URL.sub("", text, count=1) if text.startswith("data:") else text).translate(_ALPHABET)
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        told = "image_file_b64: is not base64"
        raise Refused(400, "failed_to_read_image", UNREADABLE, details=told) from None


def check_url(name: str, url: str) -> None:
    """Raise Refused (400) for what is no URL of the web."""
    if not url.lower().startswith(("http://", "https://")):
        raise Refused(400, f"invalid_{name}_url", f"Invalid {name}_url: Please provide a valid URL.")


async def _fetched(server: Server, name: str, url: str) -> bytes:
    check_url(name, url)
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
