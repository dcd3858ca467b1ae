"""More outputs of one picture, from one decoded photo and one mask."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maskkit.codec.formats import format_to_write
from maskkit.errors import CodecError, PixelError
from maskkit.keywords import Options
from maskkit.recipe import Recipe

if TYPE_CHECKING:
    from maskkit.codec.picture import Picture
    from maskkit.cutouts import Cutout
    from maskkit.pixels import Array
    from maskkit.placement import Placement

__all__ = ["Also", "also", "finish", "names", "placed", "several"]

_CANVAS = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")
_SIDE = re.compile(r"[1-9]\d{0,4}")
_NAME = re.compile(r"[A-Za-z][\w-]*")


@dataclass(frozen=True)
class Also:
    """One more output.

    Attributes
    ----------
    name : stands between the photo's name and the suffix.
    to : the file format; ``suffix`` as it was typed.
    changes : options of the recipe that it has in the place of the batch's.
    side : the longer side that it is scaled down to, in pixels; 0 leaves its size.
    """

    name: str
    to: str
    suffix: str
    changes: tuple[tuple[str, Any], ...] = ()
    side: int = 0


def also(text: str) -> Also:
    """``[NAME:][WIDTHxHEIGHT:|SIDE:][mask|BACKDROP].SUFFIX`` as a record. Raises PixelError.

    The parts are told by what they are; a word before a colon that is none of them is the name.

    >>> also("1200x1200:white.jpg")
    Also(name='1200x1200-white', to='jpeg', suffix='.jpg',
         changes=(('backdrop', 'white'), ('canvas', (1200, 1200))), side=0)
    >>> also("mask.png").changes, also("thumb:200.webp").name, also("thumb:200.webp").side
    ((('backdrop', None), ('product', 'mask')), 'thumb', 200)
    """
    head, dot, suffix = text.rpartition(".")
    parts = [part for part in head.split(":") if part]
    if not dot or not parts:
        raise _refusal(text)
    try:
        to = format_to_write(suffix).name
    except CodecError as error:
        raise PixelError(f"also: {text!r}: {str(error).partition(': ')[2]}") from None
    told, side, name = _told(parts[1:] if _is_name(parts) else parts, text)
    name = parts[0] if _is_name(parts) else name
    return Also(name, to, f".{suffix}", tuple(sorted(told.items())), side)


def _is_name(parts: list[str]) -> bool:
    """A word, with something behind it that says what is made."""
    return len(parts) > 1 and bool(_NAME.fullmatch(parts[0])) and parts[0] != "mask"


def _told(parts: list[str], text: str) -> tuple[Options, int, str]:
    told: Options = {}
    side = 0
    for part in parts:
        if found := _CANVAS.fullmatch(part):
            told["canvas"] = int(found[1]), int(found[2])
        elif _SIDE.fullmatch(part):
            side = int(part)
        elif part == "mask":
            told |= {"product": "mask", "backdrop": None}
        elif "backdrop" not in told:
            told["backdrop"] = _colour(part, text)
        else:
            raise _refusal(text)
    return told, side, re.sub(r"[^\w-]+", "", "-".join(parts)) or "also"


def _colour(words: str, text: str) -> str:
    from maskkit import backdrop

    try:
        painted = not isinstance(backdrop.from_text(words, (1, 1)), Path)
    except (PixelError, CodecError):
        painted = False
    if not painted:
        raise _refusal(text)
    return words


def several(texts: Iterable[str], recipe: Recipe) -> tuple[Also, ...]:
    """What was typed, as records. Raises PixelError for two of one name, and for JPEG without a backdrop."""
    found = tuple(map(also, texts))
    if len({(one.name, one.suffix) for one in found}) < len(found):
        raise PixelError("also: two outputs have one name; put a NAME: before one of them")
    for one in found:
        own = recipe.but(**dict(one.changes))
        if one.to == "jpeg" and own.product != "mask" and own.backdrop is None:
            raise PixelError(
                f"also: {one.name}{one.suffix}: JPEG holds no alpha; name a colour: {one.name}:white.jpg"
            )
    return found


def _refusal(text: str) -> PixelError:
    return PixelError(
        f"also: need [NAME:][WIDTHxHEIGHT:|SIDE:][mask|COLOUR].SUFFIX, as 1200x1200:white.jpg, mask.png or "
        f"thumb:200.webp; got {text!r}"
    )


def names(output: str, more: Iterable[Also]) -> list[str]:
    """The output, and where each of the others goes.

    >>> names("a/mug.webp", [also("mask.png"), also("thumb:200.jpg")])
    ['a/mug.webp', 'a/mug.mask.png', 'a/mug.thumb.jpg']
    """
    stem = output[: len(output) - len(Path(output).suffix)]
    return [output, *(f"{stem}.{one.name}{one.suffix}" for one in more)]


def finish(made: Cutout, recipe: Recipe, one: Also) -> tuple[Array | Picture, Recipe]:
    """What is shown, and the recipe that it has: that of the batch with the changes."""
    return placed(made, recipe, one)[:2]


def placed(made: Cutout, recipe: Recipe, one: Also) -> tuple[Array | Picture, Recipe, Placement | None]:
    """`finish`, and where the cutout was placed on its canvas, if it was; in pixels of what is shown."""
    from maskkit import backdrop
    from maskkit.codec.picture import Picture
    from maskkit.cutouts import size_of
    from maskkit.cutouts.finishing import finish as finish_recipe

    own = recipe.but(**dict(one.changes), to=one.to, lossless=recipe.lossless and one.to == "webp")
    if one.to not in ("jpeg", "webp", "avif"):
        own = own.but(quality=None)
    shown, where = finish_recipe(made, own)
    width, height = size_of(shown)
    scale = one.side / max(width, height)
    if not 0 < scale < 1:
        return shown, own, where
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if isinstance(shown, Picture):
        shown = shown.with_pixels(backdrop.image(shown.pixels, size, fit="stretch"))
    else:
        from maskkit import masks

        shown = masks.resize(shown, size)
    return shown, own, None if where is None else where.scaled(size)
