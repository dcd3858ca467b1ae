"""The page at ``/`` and the API's at ``/docs``: plain HTML, CSS and JavaScript, shipped with the package."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse

from maskkit.server.page.reference import reference
from maskkit.server.refusals import Refused

__all__ = ["router"]

_FOLDER = Path(__file__).parent
_FILES = {
    "index.html": "text/html; charset=utf-8",
    "reference.css": "text/css; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "doors.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
# nothing from elsewhere runs or is loaded; pictures are made in the page
_HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-cache",
}

router = APIRouter(include_in_schema=False)


@router.head("/")
@router.get("/")
async def index() -> FileResponse:
    """The page."""
    return _file("index.html")


@router.head("/docs")
@router.get("/docs")
async def docs(request: Request) -> HTMLResponse:
    """The API, from its OpenAPI document."""
    base = request.app.state.server.base_url(request)
    return HTMLResponse(reference(request.app.openapi(), base), headers=_HEADERS)


@router.head("/page/{name}")
@router.get("/page/{name}")
async def part(name: str) -> FileResponse:
    """What the page needs."""
    if name not in _FILES:
        raise Refused(404, "ResourceNotFound", "no such file")
    return _file(name)


def _file(name: str) -> FileResponse:
    return FileResponse(_FOLDER / name, media_type=_FILES[name], headers=_HEADERS)
