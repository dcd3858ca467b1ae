"""A recipe as text: JSON with its pixels inside, TOML with its pixels as PNG files beside."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from maskkit.errors import CodecError, PixelError
from maskkit.keywords import Options, check_known
from maskkit.recipe.record import OPTIONS, Made, Recipe
from maskkit.recipe.stored import StoredPixels

__all__ = ["VERSION", "from_json", "load", "save", "to_json"]

VERSION = 1


def to_json(recipe: Recipe) -> str:
    """One line of JSON: the version, what is asked, and what it was made with.

    >>> to_json(Recipe(feather=1.5))
    '{"recipe": 1, "feather": 1.5}'
    """
    return json.dumps(_members(recipe, lambda _, pixels: {"png": pixels.to_text()}))


def from_json(text: str) -> Recipe:
    """The recipe that `to_json` wrote. Raises PixelError for anything else.

    >>> from_json('{"recipe": 2}')
    Traceback (most recent call last):
    maskkit.errors.PixelError: recipe: need version 1, got 2
    """
    try:
        members = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        raise PixelError("recipe: is not JSON") from None
    return _recipe(members, lambda name, kept: StoredPixels.from_text(kept.get("png"), name))


def save(recipe: Recipe, path: str | Path) -> None:
    """Write the recipe as TOML, and its pixels as PNG files beside it (``NAME.keep_mask.png``).

    A name that ends in ``.json`` is written as JSON, which holds the pixels itself.

    Raises CodecError where a file cannot be written.
    """
    from maskkit.codec import atomic

    target = Path(path)
    if target.suffix.lower() == ".json":
        with atomic(target) as temporary:
            temporary.write_text(to_json(recipe), "utf-8")
        return
    import tomli_w

    def beside(name: str, pixels: StoredPixels) -> dict[str, str]:
        file = target.with_name(f"{target.stem}.{name}.png")
        with atomic(file) as temporary:
            temporary.write_bytes(pixels.png())
        return {"file": file.name, "sha256": pixels.sha256}

    content = tomli_w.dumps(_members(recipe, beside))
    with atomic(target) as temporary:
        temporary.write_text(content, "utf-8")


def load(path: str | Path) -> Recipe:
    """The recipe in a file that `save` wrote, TOML or JSON.

    Raises CodecError for a file that cannot be read, and PixelError for one that holds no recipe, or whose
    pixels are not those that were saved with it.
    """
    source = Path(path)
    try:
        text = source.read_text("utf-8")
        members = None if text.lstrip().startswith("{") else tomllib.loads(text)  # no TOML begins so
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not text"
        raise CodecError(f"{source}: cannot be read: {reason}") from None
    except ValueError as error:
        raise PixelError(f"recipe: {source} is not TOML: {error}") from None
    if members is None:
        return from_json(text)
    return _recipe(members, lambda name, kept: _beside(source, name, kept))


def _beside(source: Path, name: str, kept: Mapping[str, Any]) -> StoredPixels:
    from maskkit.codec.sources import load as content_of

    file = Path(str(kept.get("file")))
    pixels = StoredPixels.from_png(content_of(source.with_name(file.name))[0])
    if pixels.sha256 != kept.get("sha256"):
        raise PixelError(f"{name}: {file.name} is not the picture that was saved with the recipe")
    return pixels


def _members(recipe: Recipe, store: Callable[[str, StoredPixels], dict[str, str]]) -> dict[str, object]:
    members: dict[str, object] = {"recipe": VERSION}
    for name, value in recipe.asked().items():
        if isinstance(value, StoredPixels):
            members[name] = store(name, value)
        elif OPTIONS[name].kind == "engine":
            members[name] = {key: _listed(one) for key, one in value if one is not None}
        else:
            members[name] = _listed(value)
    if recipe.made is not None:
        members["made"] = {key: value for key, value in asdict(recipe.made).items() if value is not None}
    return members


def _recipe(members: Any, fetch: Callable[[str, Mapping[str, Any]], StoredPixels]) -> Recipe:
    if not isinstance(members, dict) or "recipe" not in members:
        raise PixelError("recipe: there is none in it; a recipe begins with its version")
    version = members.pop("recipe")
    if version != VERSION:
        raise PixelError(f"recipe: need version {VERSION}, got {version!r}")
    made = members.pop("made", None)
    check_known(members, OPTIONS, "a recipe")
    asked: Options = {
        name: fetch(name, value) if isinstance(value, dict) and OPTIONS[name].kind != "engine" else value
        for name, value in members.items()
    }
    return Recipe(**asked, made=None if made is None else _made(made))


def _made(members: Any) -> Made:
    known = [one.name for one in fields(Made)]
    if not isinstance(members, dict) or not {"maskkit", "engine"} <= members.keys() <= set(known):
        raise PixelError(f"made: need a table with {', '.join(known)}")
    return Made(**members)


def _listed(value: Any) -> Any:
    """Tuples as lists, at any depth."""
    return [_listed(one) for one in value] if isinstance(value, tuple) else value
