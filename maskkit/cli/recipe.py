"""The options of a recipe on the command line: derived from its fields, and read back into them."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer

from maskkit.errors import PixelError
from maskkit.keywords import Options
from maskkit.recipe import OPTIONS, TEXT_KINDS, Option, Recipe, from_words, load, option_types

__all__ = ["NAMES", "option_of", "over_file", "parameters", "recipe_of"]

# Beside --its-name: what people type.
NAMES = {
    "mask": ("-m", "--mask"),
    "backdrop": ("-b", "--backdrop", "--background"),
    "mask_levels": ("--levels", "--mask-levels"),
    "mask_class": ("--class", "--mask-class"),
    "engine_options": ("--engine-option",),
}
_HEADINGS = {"mask": "Mask", "edge": "Edge", "picture": "Picture", "effects": "Effects", "output": "Output"}
# What is typed where the field holds something else; `from_words` reads it.
_TYPED: dict[str, object] = {
    **dict.fromkeys(TEXT_KINDS, str | None),
    "picture": str | None,
    "mode": str,
    "box": tuple[float, float, float, float] | None,
    "points": list[str] | None,
    "engine": list[str] | None,
}


def option_of(name: str) -> str:
    """What an option of the recipe is called on the command line.

    >>> option_of("keep_mask"), option_of("mask")
    ('--keep-mask', '--mask')
    """
    return next((one for one in NAMES.get(name, ()) if one.startswith("--")), f"--{name.replace('_', '-')}")


def parameters(names: Iterable[str]) -> list[inspect.Parameter]:
    """The typer parameters of these options of the recipe."""
    return [_parameter(name, OPTIONS[name]) for name in names]


def _parameter(name: str, option: Option) -> inspect.Parameter:
    default = getattr(Recipe, name)
    typed: Any = _TYPED.get(option.kind) or option_types()[name]
    if option.kind in _TYPED and option.kind != "mode":
        default = None
    how: Options = {"help": option.help, "rich_help_panel": _HEADINGS[option.group]}
    if option.metavar:
        how["metavar"] = option.metavar
    if option.limits != (None, None):
        how |= dict(zip(("min", "max"), option.limits, strict=True))
    shown = typer.Option(*NAMES.get(name, (option_of(name),)), show_default=bool(default), **how)
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=Annotated[typed, shown])


def recipe_of(given: Mapping[str, object], **more: Any) -> Recipe:
    """The recipe that the words of a command line make. Raises BadParameter with the option's name."""
    asked = {name: _read(name, value) for name, value in given.items() if value not in (None, [])}
    try:
        return Recipe(**asked, **more)
    except PixelError as error:
        name, _, said = str(error).partition(": ")
        raise typer.BadParameter(said, param_hint=option_of(name)) from None


def _read(name: str, value: Any) -> Any:
    try:
        return from_words(value, name)
    except PixelError as error:
        raise typer.BadParameter(str(error).partition(": ")[2], param_hint=option_of(name)) from None


def over_file(file: str | None, recipe: Recipe) -> Recipe:
    """The recipe in a file, with the options that were given."""
    return recipe if file is None else load(file).but(**recipe.asked())
