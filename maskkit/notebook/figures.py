"""Pictures side by side, and one over the other with a slider: HTML that needs no kernel."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from maskkit import codec
from maskkit.codec.inputs import to_record
from maskkit.codec.looks import SIDE, as_seen, described, figure, trusted
from maskkit.display import contact_sheet
from maskkit.engines import Estimate
from maskkit.errors import PixelError
from maskkit.pixels import Array, check_same_size

__all__ = ["Figure", "compare", "show"]


@dataclass(frozen=True, eq=False)
class Figure:
    """What a notebook shows: ``html``, ``png`` where no HTML is shown, ``text`` where neither is."""

    html: str
    png: bytes
    text: str

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        png = base64.b64encode(self.png).decode()
        return {"text/html": self.html, "image/png": png, "text/plain": self.text}

    def __repr__(self) -> str:
        return self.text


def show(*pictures: Any, titles: Sequence[str] | None = None, side: int = 320) -> Figure:
    """Pictures and masks side by side, with what each is under it.

    NumPy prints an array as numbers, a mask too; this draws it.

    Parameters
    ----------
    *pictures : path, bytes, file, PIL.Image, Picture, Cutout, Estimate or array
        Masks are drawn as grey, transparency as a checkerboard.
    titles : sequence of str, optional
        One for each.
    side : int
        The longer side of each, pixels; smaller ones keep their size.

    Returns
    -------
    Figure, which a notebook shows; it needs no kernel once it is saved or exported.

    Raises
    ------
    PixelError
        There is no picture, one is none, or there are more or fewer titles than pictures.
    CodecError
        A file cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> show(np.zeros((20, 30), np.uint8), titles=["a mask"])
    a mask: 30 x 20 pixels, mask, uint8
    """
    if not pictures:
        raise PixelError("pictures: need at least one")
    if titles is not None and len(titles) != len(pictures):
        raise PixelError(f"titles: need one for each of {len(pictures)} pictures, got {len(titles)}")
    records = [_record(one, f"picture {number}") for number, one in enumerate(pictures, 1)]
    pixels = [one.pixels for one in records]
    told = [[described(one), *_origin(given)] for one, given in zip(pixels, pictures, strict=True)]
    named = [[title, *lines] for title, lines in zip(titles, told, strict=True)] if titles else told
    small = [as_seen(one.pixels, side, one.icc) for one in records]
    cells = "".join(figure(seen, *lines) for seen, lines in zip(small, named, strict=True))
    html = f'<div style="display:flex;flex-wrap:wrap;gap:12px;align-items:flex-start">{cells}</div>'
    text = "\n".join(": ".join(filter(None, lines)) for lines in named)
    return Figure(html, _sheet(small, side), text)


def compare(before: Any, after: Any, *, titles: Sequence[str] = ("before", "after")) -> Figure:
    """One picture over the other, with a slider between them: drag it, or focus it and use the arrow keys.

    Parameters
    ----------
    before, after : path, bytes, file, PIL.Image, Picture, Cutout, Estimate or array
        Of one size.
    titles : two of str

    Returns
    -------
    Figure, which a notebook shows; the slider works in exported HTML as well.

    Raises
    ------
    PixelError
        The sizes differ, one is no picture, or there are not two titles.
    CodecError
        A file cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> compare(np.zeros((20, 30, 3), np.uint8), np.full((20, 30), 255, np.uint8))
    before: 30 x 20 pixels, RGB, uint8
    after: 30 x 20 pixels, mask, uint8
    """
    if len(titles) != 2:
        raise PixelError(f"titles: need two, got {len(titles)}")
    records = [_record(before, "before"), _record(after, "after")]
    pixels = [one.pixels for one in records]
    check_same_size(pixels[1], pixels[0], "after", "before")
    small = [as_seen(one.pixels, icc=one.icc) for one in records]
    lines = [f"{title}: {described(one)}" for title, one in zip(titles, pixels, strict=True)]
    return Figure(_slider(small, lines), _sheet(small, SIDE // 2), "\n".join(lines))


_STYLE = (
    ".maskkit-compare{position:relative;max-width:100%;--split:50;line-height:0}"
    ".maskkit-compare>figure{margin:0!important}.maskkit-compare figcaption{display:none}"
    ".maskkit-compare>figure:nth-of-type(2){position:absolute;inset:0;"
    "clip-path:inset(0 0 0 calc(var(--split)*1%))}"
    ".maskkit-compare>i{position:absolute;top:0;bottom:0;left:calc(var(--split)*1% - 1px);width:2px;"
    "background:#fff;box-shadow:0 0 0 1px #000;pointer-events:none}"
    ".maskkit-compare>input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:ew-resize}"
    ".maskkit-compare:has(:focus-visible){outline:3px solid #1a73e8;outline-offset:2px}"
)


def _slider(small: Sequence[Array], lines: Sequence[str]) -> str:
    """Both pictures, the second one cut at ``--split`` percent, which a range over them sets.

    JupyterLab has uses of its own for the arrow keys, and leaves them to an element that says so itself.
    """
    width = small[0].shape[1]
    pictures = "".join(figure(seen, line) for seen, line in zip(small, lines, strict=True))
    told = "<br>".join(map(escape, lines))
    moved = "this.parentElement.style.setProperty('--split',this.value)"
    return (
        f'<style>{_STYLE}</style><div class="maskkit-compare" style="width:{width}px">{pictures}<i></i>'
        f'<input type="range" min="0" max="100" value="50" oninput="{moved}" '
        f'data-lm-suppress-shortcuts="true" '
        f'aria-label="Compare: how much of the first picture is shown, in percent"></div>'
        f'<p style="font-size:.85em;margin:.4em 0">{told}</p>'
    )


def _sheet(small: Sequence[Array], side: int) -> bytes:
    return codec.encode(contact_sheet(small, columns=min(4, len(small)), side=side), "png")


def _record(given: Any, name: str) -> codec.Picture:
    return codec.Picture(given.alpha) if isinstance(given, Estimate) else to_record(given, name)


def _origin(given: Any) -> list[str]:
    """Who made it, where it says so."""
    source = getattr(given, "source", None) or getattr(given, "engine", None)
    known = isinstance(source, str) and hasattr(given, "confidence")
    return [trusted("mask", str(source), given.confidence)] if known else []
