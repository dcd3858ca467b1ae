"""A recipe in a file: TOML with its pixels as PNG files beside it, or JSON that holds them itself."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maskkit.errors import CodecError, PixelError
from maskkit.recipe.record import OPTIONS, Recipe
from maskkit.recipe.stored import StoredPixels
from maskkit.recipe.text import asked_in, members

__all__ = ["load", "save"]


def save(recipe: Recipe, path: str | Path) -> None:
    """Write the recipe as TOML, and its pixels as PNG files beside it (``NAME.keep_mask.png``).

    A name that ends in ``.json`` is written as JSON, which holds the pixels itself.

    Raises CodecError where a file cannot be written.
    """
    from maskkit.codec import atomic

    target = Path(path)
    if target.suffix.lower() == ".json":
        with atomic(target) as temporary:
            temporary.write_text(recipe.to_json(), "utf-8")
        return
    import tomli_w

    def beside(name: str, pixels: StoredPixels) -> dict[str, str]:
        file = target.with_name(f"{target.stem}.{name}.png")
        with atomic(file) as temporary:
            temporary.write_bytes(pixels.png())
        return {"file": file.name, "sha256": pixels.sha256}

    content = tomli_w.dumps(members(recipe.asked(), recipe.made, OPTIONS, beside))
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
        found = None if text.lstrip().startswith("{") else tomllib.loads(text)  # no TOML begins so
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not text"
        raise CodecError(f"{source}: cannot be read: {reason}") from None
    except ValueError as error:
        raise PixelError(f"recipe: {source} is not TOML: {error}") from None
    if found is None:
        return Recipe.from_json(text)
    asked, made = asked_in(found, OPTIONS, lambda name, kept: _beside(source, name, kept))
    return Recipe(**asked, made=made)


def _beside(source: Path, name: str, kept: Mapping[str, Any]) -> StoredPixels:
    from maskkit.codec.sources import load as content_of

    file = Path(str(kept.get("file")))
    pixels = StoredPixels.from_png(content_of(source.with_name(file.name))[0])
    if pixels.sha256 != kept.get("sha256"):
        raise PixelError(f"{name}: {file.name} is not the picture that was saved with the recipe")
    return pixels
