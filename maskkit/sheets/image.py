"""A sheet as a PNG: one row a cutout, every ground, then its worst edges at 400%."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from unicodedata import combining, normalize

import cv2
import numpy as np

from maskkit import backdrop, codec
from maskkit.compositing import composite
from maskkit.kernels import convert
from maskkit.pixels import Array
from maskkit.sheets.entry import CROP, Shown

__all__ = ["SIDE", "render"]

SIDE = 192
_GAP, _LINE, _LINES, _TITLE = 8, 22, 4, 36
_FRAME = 170  # grey, so that a white ground has an end
_GROUNDS = ("#fff", "#000", "#f0f", "#808080", "checker")
_COLUMNS = len(_GROUNDS) + 3
_WIDTH = _GAP + _COLUMNS * (SIDE + _GAP)
_LETTERS = 200  # that fit in a line, of letters of the usual width


def render(made: Sequence[Shown], title: str) -> bytes:
    """The PNG's bytes."""
    rows = [_line(title[:_LETTERS], 0.7, high=_TITLE), *(_row(shown) for shown in made)]
    return codec.encode(np.concatenate(rows), "png", compression="small")


def _line(text: str, scale: float = 0.45, high: int = _LINE) -> Array:
    line = np.full((high, _WIDTH, 3), 255, np.uint8)
    plain = _plain(text)
    start, font = (_GAP, high * 3 // 4), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(line, plain, start, font, scale, (20, 20, 20), 1, cv2.LINE_AA)
    return line


def _plain(text: str) -> str:
    """The text in the letters that OpenCV draws: accents are left out, and any other letter is a "?".

    >>> _plain("café \u732b.png")
    'cafe ?.png'
    """
    bare = (letter for letter in normalize("NFKD", text) if not combining(letter))
    return "".join(letter if " " <= letter <= "~" else "?" for letter in bare)


def _row(shown: Shown) -> Array:
    said = [f"{finding.check}: {finding.text}" for finding in shown.troubles]
    verdict = "; ".join(said) or "nothing found"
    small = [_on(shown.small, ground) for ground in _GROUNDS]
    crops = [_on(_enlarged(crop), "#808080") for _, crop in shown.crops]
    strip = np.full((SIDE + _GAP, _WIDTH, 3), 255, np.uint8)
    for column, cell in enumerate([*small, *crops]):
        left, (high, wide) = _GAP + column * (SIDE + _GAP), cell.shape[:2]
        strip[: high + 2, left - 1 : left + wide + 1] = _FRAME
        strip[1 : high + 1, left : left + wide] = cell
    told = [shown.entry.reason, shown.origin, shown.recipe, shown.entry.command]
    lines = [shown.name, verdict, *filter(None, told)]
    wrapped = [piece for line in lines for piece in wrap(line, _LETTERS, max_lines=_LINES)]
    return np.concatenate([*(_line(line) for line in wrapped), strip])


def _on(pixels: Array, ground: str) -> Array:
    size = pixels.shape[1], pixels.shape[0]
    behind = backdrop.checkerboard(size, cell=8) if ground == "checker" else backdrop.solid(ground, size)
    return convert(composite(pixels, behind), np.uint8)[..., :3]


def _enlarged(crop: Array) -> Array:
    """Four pixels for one, so that single ones are seen."""
    scale = SIDE // CROP
    return np.repeat(np.repeat(crop, scale, 0), scale, 1)
