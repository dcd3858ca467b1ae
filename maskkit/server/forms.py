"""The fields of the direct routes: the options of a recipe as parts of a form, and read back into it."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Any

from fastapi import File, Form, UploadFile

from maskkit.checks import nearest
from maskkit.errors import PixelError
from maskkit.keywords import Options, check_known
from maskkit.recipe import OPTIONS, TEXT_KINDS, Option, Recipe, from_words, option_types, options_of
from maskkit.server.refusals import Refused

__all__ = ["FIELDS", "check_fields", "check_query", "parameters", "recipe_of"]

# Who makes the mask is the server's choice, and what its engine is told; an own mask is a field of its own.
_NOT_HERE = (
    "source", "mask", "model", "engine_options", "product", "to", "backdrop", "compression",
    "associated",
)  # fmt: skip
FIELDS = tuple(
    name
    for group in ("mask", "edge", "picture", "effects", "output")
    for name in options_of(group)
    if name not in _NOT_HERE
)
_MOST = 200.0  # pixels: what a radius costs grows with it
_TYPED: dict[str, object] = {
    **dict.fromkeys(TEXT_KINDS, str | None),
    "picture": UploadFile | None,
    "mode": str,
    "box": str | None,
    "points": list[str],
}


def parameters(names: Iterable[str] = FIELDS) -> list[inspect.Parameter]:
    """The fields as the parameters of a route."""
    return [_parameter(name, OPTIONS[name]) for name in names]


def _parameter(name: str, option: Option) -> inspect.Parameter:
    typed: Any = _TYPED.get(option.kind) or option_types()[name]
    default = getattr(Recipe, name)
    if option.kind in _TYPED and option.kind != "mode":
        default = [] if option.kind == "points" else None
    part = File if option.kind == "picture" else Form
    how: Options = {"description": option.help}
    least, most = option.limits
    if option.kind in ("unit", "amount"):
        how |= {"ge": -_MOST if least is None else least, "le": most or _MOST, "allow_inf_nan": False}
    elif option.kind == "whole" and name != "trim":
        how |= {"ge": least, "le": most or 1_000_000}
    elif option.kind not in ("flag", "choice", "picture"):
        how["max_length"] = 2000
    if name == "trim":  # a margin in pixels; "true", for none, is what it was before
        typed = str | None
        how = {"description": option.help, "max_length": 20}
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=Annotated[typed, part(**how)])


def check_fields(sent: Iterable[str], known: Iterable[str]) -> None:
    """Raise Refused (400) for a field that there is none of; it names the nearest that there is."""
    try:
        check_known(sent, known, "this form")
    except PixelError as error:
        raise Refused(400, "InputValidationError", str(error)) from None


def check_query(sent: Iterable[str], known: Collection[str]) -> None:
    """Raise Refused (400) for anything in the URL's query: the fields come in the form."""
    for name in sent:
        where = "belongs into the form, not into the URL" if name in known else "is no option of this URL"
        near = "" if name in known else nearest(name, known)
        raise Refused(400, "InputValidationError", f"{name}: {where}{near}")


def recipe_of(given: Mapping[str, Any], **more: Any) -> Recipe:
    """The recipe in the fields of a form, uploads aside. Raises Refused (422) with the field's name."""
    asked = {
        name: _value(name, value)
        for name, value in given.items()
        if value not in (None, [], "") and OPTIONS[name].kind != "picture"
    }
    try:
        return Recipe(**{name: from_words(value, name) for name, value in asked.items()}, **more)
    except PixelError as error:
        raise Refused(422, "InputValidationError", str(error)) from None


def _value(name: str, value: Any) -> Any:
    if name != "trim":
        return value
    words = {"true": 0, "on": 0, "false": None, "off": None}
    try:
        return words[value.lower()] if value.lower() in words else int(value)
    except ValueError:
        raise Refused(422, "InputValidationError", f"trim: need a margin in pixels, got {value!r}") from None
