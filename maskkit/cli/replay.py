"""``maskkit replay``: a saved recipe on a photo."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from maskkit.cli.making import make
from maskkit.cli.recipe import parameters
from maskkit.cli.run import Run, shared

__all__ = ["replay"]


def replay(**given: Any) -> None:
    """Make again what a saved recipe made, of the same photo or of another.

    maskkit cutout a.jpg a.png --feather 2 --save-recipe soft.toml

    maskkit replay soft.toml b.jpg b.png
    """
    from maskkit.recipe import load

    recipe, mask = load(given.pop("recipe")), given.pop("mask")
    make(recipe, mask, Run(**given))


_RECIPE = inspect.Parameter(
    "recipe",
    inspect.Parameter.KEYWORD_ONLY,
    annotation=Annotated[
        str, typer.Argument(metavar="RECIPE", help="What --save-recipe wrote.", show_default=False)
    ],
)
replay.__signature__ = inspect.Signature([_RECIPE, *shared(), *parameters(["mask"])])  # type: ignore[attr-defined]
