"""``--also``: more outputs of one picture, from one photo and one mask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from maskkit.errors import PixelError
from maskkit.recipe import Recipe

if TYPE_CHECKING:
    from maskkit.batches.also import Also
    from maskkit.cutouts import Cutout
    from maskkit.placement import Placement

__all__ = ["Written", "also_of", "write_also"]


class Written(NamedTuple):
    """A file that was written, what it shows, and where the cutout was placed, if it was."""

    file: str
    shown: Any
    where: Placement | None


def also_of(words: list[str] | None, recipe: Recipe) -> tuple[Also, ...]:
    """More outputs. Raises BadParameter for what is none."""
    if not words:
        return ()
    from maskkit.batches.also import several

    try:
        return several(words, recipe)
    except PixelError as error:
        raise typer.BadParameter(str(error).partition(": ")[2], param_hint="--also") from None


def write_also(made: Cutout, recipe: Recipe, output: str, more: Iterable[Also]) -> list[Written]:
    """Write more outputs of a cutout beside ``output``."""
    from maskkit import codec
    from maskkit.batches.also import names, placed
    from maskkit.cutouts import encoding

    written = []
    for one in more:
        file = names(output, [one])[1]
        shown, own, where = placed(made, recipe, one)
        codec.write(file, shown, format=one.to, **encoding(own))  # type: ignore[arg-type]
        written.append(Written(file, shown, where))
    return written
