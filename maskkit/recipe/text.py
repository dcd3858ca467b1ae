"""What is asked as members of a text, JSON or TOML: its version, its options, what it was made with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

from maskkit.errors import PixelError
from maskkit.keywords import Options, check_known
from maskkit.recipe.kinds import Option
from maskkit.recipe.made import Made
from maskkit.recipe.stored import StoredPixels

__all__ = ["VERSION", "Fetch", "Store", "asked_in", "from_base64", "in_base64", "members", "parsed"]

VERSION = 1

Store = Callable[[str, StoredPixels], dict[str, str]]
"""Keeps the pixels of an option, and says where they are found again."""
Fetch = Callable[[str, Mapping[str, Any]], StoredPixels]
"""Finds the pixels of an option again, by what `Store` said."""


def members(
    asked: Mapping[str, Any], made: Made | None, options: Mapping[str, Option], store: Store
) -> dict[str, object]:
    """The members of a text: the version, the options that are asked, what it was made with.

    >>> members({"feather": 1.5}, None, {"feather": Option("amount", "", "edge")}, in_base64)
    {'recipe': 1, 'feather': 1.5}
    """
    found: dict[str, object] = {"recipe": VERSION}
    for name, value in asked.items():
        if isinstance(value, StoredPixels):
            found[name] = store(name, value)
        elif options[name].kind == "engine":
            found[name] = {key: _listed(one) for key, one in value if one is not None}
        else:
            found[name] = _listed(value)
    if made is not None:
        found["made"] = {key: value for key, value in asdict(made).items() if value is not None}
    return found


def asked_in(found: object, options: Mapping[str, Option], fetch: Fetch) -> tuple[Options, Made | None]:
    """What `members` were made of. Raises PixelError for a version or an option that is not known."""
    if not isinstance(found, dict) or "recipe" not in found:
        raise PixelError("recipe: there is none in it; a recipe begins with its version")
    rest = dict(found)
    version, made = rest.pop("recipe"), rest.pop("made", None)
    if version != VERSION:
        raise PixelError(f"recipe: need version {VERSION}, got {version!r}")
    check_known(rest, options, "a recipe")
    asked = {
        name: fetch(name, value) if isinstance(value, dict) and options[name].kind != "engine" else value
        for name, value in rest.items()
    }
    return asked, None if made is None else _made(made)


def parsed(text: str) -> object:
    """What a text of JSON holds. Raises PixelError for anything else."""
    try:
        found: object = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise PixelError("recipe: is not JSON") from None
    return found


def in_base64(_: str, pixels: StoredPixels) -> dict[str, str]:
    """Pixels in the text itself."""
    return {"png": pixels.to_text()}


def from_base64(name: str, kept: Mapping[str, Any]) -> StoredPixels:
    """The pixels that `in_base64` wrote."""
    return StoredPixels.from_text(kept.get("png"), name)


def _made(found: Any) -> Made:
    known = [one.name for one in fields(Made)]
    if not isinstance(found, dict) or not {"maskkit", "engine"} <= found.keys() <= set(known):
        raise PixelError(f"made: need a table with {', '.join(known)}")
    return Made(**found)


def _listed(value: Any) -> Any:
    """Tuples as lists, at any depth."""
    return [_listed(one) for one in value] if isinstance(value, tuple) else value
