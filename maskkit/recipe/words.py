"""The values of options as people type them, on a command line, in a form or in a table: text to values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from maskkit.errors import PixelError
from maskkit.placement import ANCHORS
from maskkit.recipe.record import OPTIONS

__all__ = ["TEXT_KINDS", "from_words"]

# The kinds whose values are typed as one text, wherever people type.
TEXT_KINDS: tuple[str, ...] = (
    "picture or text",
    "text",
    "size",
    "share",
    "factor",
    "subjects",
    "levels",
    "margins",
    "place",
    "preset",
    "effect",
)

_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"


def from_words(value: Any, name: str) -> Any:
    """The value of the option ``name`` in what was typed for it; what is no text stays as it is.

    Raises PixelError, which names the option, for text that says no such value.

    >>> from_words("1.5", "feather"), from_words("yes", "invert")
    (1.5, True)
    >>> from_words(["3,4"], "keep"), from_words("10 20 30 40", "box"), from_words("800x600", "canvas")
    (((3.0, 4.0),), ((10.0, 20.0, 30.0, 40.0),), (800, 600))
    """
    read = _READ.get(OPTIONS[name].kind)
    try:
        return value if read is None else read(value)
    except ValueError as error:
        raise PixelError(f"{name}: {error}") from None


def _texts(value: Any) -> list[str]:
    """Several values: a list of texts, or one text with semicolons."""
    given = [value] if isinstance(value, str) else value
    return [part for text in given for part in text.split(";") if part.strip()]


def _numbers(text: str, count: int, words: str) -> tuple[float, ...]:
    parts = [part for part in re.split(r"[,\s]+", text.strip()) if part]
    if len(parts) != count or not all(re.fullmatch(_NUMBER, part) for part in parts):
        raise ValueError(f"need {words}, got {text!r}")
    return tuple(map(float, parts))


def _points(value: Any) -> Any:
    if not isinstance(value, str) and not all(isinstance(one, str) for one in value):
        return value
    return tuple(_numbers(text, 2, "points as X,Y in pixels") for text in _texts(value))


def _box(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(_numbers(text, 4, "LEFT,TOP,RIGHT,BOTTOM in pixels") for text in _texts(value))


def _size(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    found = re.fullmatch(r"(\d{1,9})[x,](\d{1,9})", text.strip().lower())
    if not found:
        raise ValueError(f"need WIDTHxHEIGHT in pixels, got {text!r}")
    return int(found[1]), int(found[2])


def _share(text: Any) -> Any:
    """Two numbers, or a word for them."""
    if not isinstance(text, str) or " ".join(text.split()) in ANCHORS:
        return text
    return _numbers(text, 2, "X,Y from 0 to 1, or a word such as bottom")


def _place(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    if not re.fullmatch(r"\s*[-+]?\d{1,9}\s*[,\s]\s*[-+]?\d{1,9}\s*", text):
        raise ValueError(f"need X,Y in whole pixels, got {text!r}")
    return tuple(int(part) for part in re.split(r"[,\s]+", text.strip()))


def _factor(text: Any) -> Any:
    return float(text) if isinstance(text, str) and re.fullmatch(_NUMBER, text) else text


def _levels(text: Any) -> Any:
    return text if not isinstance(text, str) or text == "auto" else _numbers(text, 2, "auto or BLACK,WHITE")


def _number(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    if not re.fullmatch(_NUMBER, text.strip()):
        raise ValueError(f"need a number, got {text!r}")
    return float(text)


def _whole(text: Any) -> Any:
    number = _number(text)
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _flag(text: Any) -> Any:
    if not isinstance(text, str):
        return text
    if text.strip().lower() not in _FLAGS:
        raise ValueError(f"need true or false, got {text!r}")
    return _FLAGS[text.strip().lower()]


def _engine(texts: Mapping[str, object] | Iterable[str]) -> Mapping[str, object]:
    if isinstance(texts, Mapping):
        return texts
    return dict(map(_named, [texts] if isinstance(texts, str) else texts))


def _named(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ValueError(f"need NAME=VALUE, got {text!r}")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


_READ: dict[str, Callable[[Any], Any]] = {
    "points": _points,
    "box": _box,
    "engine": _engine,
    "unit": _number,
    "amount": _number,
    "whole": _whole,
    "flag": _flag,
    "size": _size,
    "share": _share,
    "place": _place,
    "factor": _factor,
    "subjects": lambda text: (
        int(text) if isinstance(text, str) and text.isascii() and text.isdigit() else text
    ),
    "levels": _levels,
}
