"""What a sheet shows of a cutout: itself, small, its worst edges, and what an inspection finds."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from maskkit import backdrop
from maskkit.codec import to_picture
from maskkit.codec.one_space import in_space
from maskkit.cutouts import Cutout
from maskkit.errors import MaskkitError, PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array
from maskkit.quality import Finding, Inspection, inspect

__all__ = ["CROP", "Entry", "Shown", "checked", "shown", "visible"]

CROP = 48  # pixels: 192 on the page, at 400%
_CROPS = 3
Box = tuple[int, int, int, int]
"""Left, top, right, bottom."""
_RANK = {"fault": 0, "warning": 1}


@dataclass(frozen=True)
class Entry:
    """A cutout on a sheet, and why it is there.

    Parameters
    ----------
    cutout : path, bytes, file, PIL.Image, Picture, (H, W, 4) array or Cutout
        A picture with alpha. A `Cutout` also tells its source, confidence and recipe.
    reason : str
        Why it needs eyes.
    command : str
        A command line that makes it again.
    name : str
        What it is called; by default its file name, or its number.
    """

    cutout: Any
    reason: str = ""
    command: str = ""
    name: str = ""


@dataclass(frozen=True)
class Shown:
    """An entry measured and made small: ``small`` is at most ``side`` long, ``crops`` are worst first."""

    entry: Entry
    name: str
    found: Inspection
    small: Array
    crops: tuple[tuple[str, Array], ...]
    origin: str = ""
    recipe: str = ""

    @property
    def troubles(self) -> tuple[Finding, ...]:
        """Faults, then warnings."""
        return _troubles(self.found)


def shown(entry: Entry, number: int, side: int) -> Shown:
    """The entry as a sheet shows it. Raises PixelError or CodecError with its name."""
    name = visible(entry.name or _name(entry.cutout)) or f"cutout {number}"
    try:
        picture = to_picture(entry.cutout, "cutout")
        if picture.pixels.shape[2] != 4:
            raise PixelError("cutout: has no alpha; a sheet shows cutouts, which have")
        pixels = convert(in_space(picture, None, "cutout").pixels, np.uint8)
        found = inspect(pixels)
    except MaskkitError as error:
        if name in str(error):
            raise
        raise type(error)(f"{name}: {error}") from None
    origin, recipe = _told(entry.cutout)
    return Shown(entry, name, found, _small(pixels, side), _crops(pixels, found), origin, recipe)


def visible(text: str) -> str:
    r"""The text with a mark for what would not show, or would turn the words around it.

    >>> visible("a\n\u202egnp.exe") == "a\ufffd\ufffdgnp.exe"
    True
    """
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def _name(cutout: Any) -> str:
    if isinstance(cutout, (str, os.PathLike)):
        return os.fsdecode(cutout).encode("utf-8", "replace").decode()
    return ""


def _told(cutout: Any) -> tuple[str, str]:
    """Who made it and how far to trust it, and what was asked; empty for a file."""
    if not isinstance(cutout, Cutout):
        return "", ""
    trust = "" if cutout.confidence is None else f", confidence {cutout.confidence:.2f}"
    return f"{cutout.source}{trust}", repr(cutout.asked)


def _small(pixels: Array, side: int) -> Array:
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return pixels if scale == 1 else backdrop.image(pixels, size, fit="stretch")


def _troubles(found: Inspection) -> tuple[Finding, ...]:
    beyond = [finding for finding in found.findings if finding.verdict in _RANK]
    return tuple(sorted(beyond, key=lambda finding: _RANK[finding.verdict]))


def _crops(pixels: Array, found: Inspection) -> tuple[tuple[str, Array], ...]:
    """Where limits are exceeded, one of each check first; else the softest piece of edge."""
    spots = [(finding.check, finding.spots) for finding in _troubles(found)]
    most = max((len(boxes) for _, boxes in spots), default=0)
    picked = [(check, boxes[nth]) for nth in range(most) for check, boxes in spots if nth < len(boxes)]
    found_at = [(check, _worst(pixels, check, box)) for check, box in picked[:_CROPS]]
    return tuple(found_at) or (("softest edge", _softest(pixels)),)


def _worst(pixels: Array, check: str, box: Box) -> Array:
    """The piece of a box where most of what was found is; of a small box, what is around its middle.

    What lies hidden under alpha 0 is shown as a program shows it that ignores alpha.
    """
    left, top, right, bottom = box
    if max(right - left, bottom - top) > CROP:
        weight = _found(pixels, check)[top:bottom, left:right]
        x, y = _densest(weight)
        box = left + x, top + y, min(left + x + CROP, right), min(top + y + CROP, bottom)
    crop = _around(pixels, box)
    if check == "hidden":
        crop[..., 3] = 255
    return crop


def _found(pixels: Array, check: str) -> Array:
    """Where what a check is about can be: kept pixels on the frame, hidden colour, or the edge."""
    alpha = pixels[..., 3]
    if check == "frame":
        ring = np.ones(alpha.shape, bool)
        ring[1:-1, 1:-1] = False
        return ring & (alpha > 0)
    if check == "hidden":
        green, hidden = pixels[..., 1], np.zeros(alpha.shape, bool)
        hidden[:, 1:] = (green[:, 1:] != green[:, :-1]) & (alpha[:, 1:] == 0)
        return hidden
    return _soft(alpha)


def _around(pixels: Array, box: Box) -> Array:
    middle = (box[0] + box[2]) // 2, (box[1] + box[3]) // 2
    height, width = pixels.shape[:2]
    left = min(max(0, middle[0] - CROP // 2), max(0, width - CROP))
    top = min(max(0, middle[1] - CROP // 2), max(0, height - CROP))
    return pixels[top : top + CROP, left : left + CROP].copy()


def _softest(pixels: Array) -> Array:
    left, top = _densest(_soft(pixels[..., 3]))
    return _around(pixels, (left, top, left + CROP, top + CROP))


def _soft(alpha: Array) -> Array:
    """Soft pixels; of a hard edge, those where alpha changes."""
    soft = (alpha > 0) & (alpha < 255)
    if not soft.any():
        soft[:, 1:] = alpha[:, 1:] != alpha[:, :-1]
    return soft


def _densest(weight: Array) -> tuple[int, int]:
    """Left and top of the cell with most of it."""
    rows, columns = np.arange(0, weight.shape[0], CROP), np.arange(0, weight.shape[1], CROP)
    counts = np.add.reduceat(np.add.reduceat(weight.astype(np.int32), rows, 0), columns, 1)
    row, column = np.unravel_index(int(counts.argmax()), counts.shape)
    return int(column) * CROP, int(row) * CROP


def checked(given: Any) -> Entry:
    """An entry: as it is, or around a cutout. Raises PixelError for words that are none."""
    entry = given if isinstance(given, Entry) else Entry(given)
    for field in ("reason", "command", "name"):
        if not isinstance(getattr(entry, field), str):
            got = type(getattr(entry, field)).__name__
            raise PixelError(f"Entry: {field}: need text, got {got}")
    return replace(entry, reason=visible(entry.reason), command=visible(entry.command))
