"""The page at ``/`` and the API's at ``/docs``: plain HTML, CSS and JavaScript, shipped with the package."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse

from maskkit.placement import ANCHORS, PRESETS
from maskkit.recipe import OPTIONS
from maskkit.server.page.reference import reference
from maskkit.server.refusals import Refused

__all__ = ["router"]

_FOLDER = Path(__file__).parent
_NOTEBOOK = _FOLDER.parents[1] / "notebook"  # whose marks on a photo the page draws, too
_FILES = {
    "reference.css": "text/css; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    **dict.fromkeys(
        (
            "page.js",
            "controls.js",
            "doors.js",
            "elsewhere.js",
            "marks.js",
            "ordering.js",
            "saving.js",
            "stage.js",
            "status.js",
            "strip.js",
            "taking.js",
        ),
        "text/javascript; charset=utf-8",
    ),
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
async def index(request: Request) -> HTMLResponse:
    """The page, whose controls say of themselves what the recipe's options say."""
    most = request.app.state.server.settings.max_bytes
    return HTMLResponse(_index().replace("{max_bytes}", str(most)), headers=_HEADERS)


@cache
def _index() -> str:
    """The page's HTML; an input whose id is an option's name gets its help as title."""
    html = (_FOLDER / "index.html").read_text("utf-8")
    html = re.sub(r"\{help:(\w+)\}", lambda found: escape(_in_percent(OPTIONS[found[1]].help)), html)
    html = html.replace("{presets}", _presets()).replace("{anchors}", _anchors())
    return re.sub(r'(<input [^>]*id="(\w+)")(?=([^>]*))', _titled, html)


def _presets() -> str:
    """The shops' presets as options, with the numbers that a preview scales."""
    return "".join(
        f'<option value="{name}" data-canvas="{one.canvas[0]}x{one.canvas[1]}" '
        f'data-backdrop="{one.backdrop}" title="{escape(one.about)}">'
        f"{name.capitalize()}, {one.canvas[0]} &times; {one.canvas[1]}</option>"
        for name, one in PRESETS.items()
    )


def _anchors() -> str:
    """The nine places on a canvas as radio buttons."""
    return "".join(
        f'<input type="radio" name="position" value="{x:g},{y:g}" aria-label="{word}" title="{word}"'
        f"{' checked' if word == 'center' else ''}>"
        for word, (x, y) in ANCHORS.items()
    )


def _titled(found: re.Match[str]) -> str:
    option = OPTIONS.get(found[2])
    if not option:
        return found[1]
    told = _in_percent(option.help) if 'data-unit="%"' in found[3] else option.help
    return f'{found[1]} title="{escape(told)}"'


def _in_percent(text: str) -> str:
    """An option's help as a slider in percent counts.

    >>> _in_percent("How much, 0 to 1; 1 for hair.")
    'How much, 0 to 100%; 100% for hair.'
    """
    return re.sub(r"(0 to |; )1\b(?!\.\d)", r"\g<1>100%", text)


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
    home = _NOTEBOOK if name == "marks.js" else _FOLDER
    return FileResponse(home / name, media_type=_FILES[name], headers=_HEADERS)
