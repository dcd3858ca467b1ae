"""A sheet as one page: pictures are in it once each, grounds are painted behind them by the style sheet."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files

from maskkit import codec
from maskkit.pixels import Array
from maskkit.sheets.entry import Shown

__all__ = ["SIDE", "render"]

SIDE = 320
_GROUNDS = ("white", "black", "magenta", "grey", "checkers")
_CAP = 36_000  # bytes of a small picture: 200 of them and their crops stay under 20 MB
_QUALITIES = (85, 60, 30, 5)


def render(made: Sequence[Shown], title: str) -> bytes:
    """The page's bytes, UTF-8."""
    return "".join(_parts(made, title)).encode("utf-8", "replace")


def _parts(made: Sequence[Shown], title: str) -> Iterator[str]:
    home = files("maskkit.sheets")
    style, script = (home.joinpath(name).read_text("utf-8") for name in ("page.css", "page.js"))
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    doubtful = sum(1 for shown in made if shown.troubles)
    yield f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{escape(title)}</title><style>{style}</style></head><body>
<header><h1>{escape(title)}</h1><p>{len(made)} shown, {doubtful} with findings. <kbd>J</kbd> next,
<kbd>K</kbd> previous, <kbd>N</kbd> next with findings,
<kbd>1</kbd> to <kbd>5</kbd> the ground of the edges.</p>
<fieldset><legend>Ground of the edges</legend>"""
    for number, ground in enumerate(_GROUNDS, 1):
        checked = " checked" if ground == "grey" else ""
        yield f'<label><input type="radio" name="ground" value="{ground}"{checked}> {number} {ground}</label>'
    yield '</fieldset></header><main id="sheet" data-ground="grey">'
    for number, shown in enumerate(made, 1):
        yield _card(shown, number)
    yield f"</main><script>{script}</script></body></html>\n"


def _card(shown: Shown, number: int) -> str:
    name = escape(shown.name)
    height, width = shown.small.shape[:2]
    grounds = "".join(
        f'<figure><div class="view {ground}" role="img" aria-label="{name} on {ground}"></div>'
        f"<figcaption>{ground}</figcaption></figure>"
        for ground in _GROUNDS
    )
    crops = "".join(_crop(check, pixels, name) for check, pixels in shown.crops)
    troubled = " data-troubled" if shown.troubles else ""
    return (
        f'<article tabindex="-1" aria-labelledby="n{number}"{troubled}'
        f' style="--picture:url({_small(shown.small)});--shape:{width}/{height}">'
        f'<h2 id="n{number}">{number}. {name}</h2>{_told(shown)}'
        f'<div class="row">{grounds}</div><h3>Edges at 400%</h3>'
        f'<div class="row edges">{crops}</div></article>'
    )


def _crop(check: str, pixels: Array, name: str) -> str:
    height, width = pixels.shape[:2]
    address = _address(codec.encode(pixels, "png", compression="small"), "png")
    return (
        f'<figure><img class="edge" src="{address}" width="{4 * width}" height="{4 * height}"'
        f' alt="{name}: {escape(check)} at 400%"><figcaption>{escape(check)}</figcaption></figure>'
    )


def _told(shown: Shown) -> str:
    said = [
        f'<li class="{one.verdict}">{one.verdict}: {escape(one.check)}, {escape(one.text)}</li>'
        for one in shown.troubles
    ]
    found = "".join(said) or '<li class="ok">Nothing found.</li>'
    rows = (
        ("Reason", escape(shown.entry.reason)),
        ("Source", escape(shown.origin)),
        ("Recipe", shown.recipe and f"<code>{escape(shown.recipe)}</code>"),
        ("Make it again", shown.entry.command and f"<code>{escape(shown.entry.command)}</code>"),
    )
    listed = "".join(f"<dt>{label}</dt><dd>{text}</dd>" for label, text in rows if text)
    return f"<ul>{found}</ul>" + (f"<dl>{listed}</dl>" if listed else "")


def _small(pixels: Array) -> str:
    """WebP of at most `_CAP` bytes where a quality above 5 allows it."""
    for quality in _QUALITIES:
        content = codec.encode(pixels, "webp", quality=quality, alpha_quality=quality)
        if len(content) <= _CAP:
            break
    return _address(content, "webp")


def _address(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
