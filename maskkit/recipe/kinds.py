"""What one option of a recipe is: its kind, its range, its help; and the value that its kind admits."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from maskkit.checks import (
    check_amount,
    check_choice,
    check_pair,
    check_points,
    check_size,
    check_subjects,
    check_unit,
    check_whole,
    is_finite,
)
from maskkit.effects.options import canonical
from maskkit.errors import PixelError
from maskkit.placement import ANCHORS, PRESETS, margins_of
from maskkit.recipe.stored import StoredPixels

__all__ = ["KINDS", "Option", "checked", "engine_values"]

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Pairs = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Option:
    """One option of a recipe, as the library, the command line and the server have it.

    Attributes
    ----------
    kind : what its values are, a name in `KINDS`.
    help : what it does, in one sentence for a stranger, with its default.
    group : under which heading it stands: "mask", "edge", "picture", "effects" or "output".
    choices : the words it can be, for kind "choice".
    least, most : the range of a number; None is no limit.
    metavar : the unit or the form of the value, for the command line.
    """

    kind: str
    help: str
    group: str
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    metavar: str | None = None

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """The least and the most that a number of its kind may be; None is no limit.

        >>> [Option(kind, "", "edge").limits for kind in ("unit", "amount", "text")]
        [(0, 1), (0, None), (None, None)]
        """
        if self.kind == "unit":
            return 0, 1
        if self.kind not in ("amount", "whole"):
            return None, None
        return None if self.least == -math.inf else self.least or 0, self.most


def checked(value: Any, name: str, option: Option) -> Any:
    """The value in the one form that its kind has. Raises PixelError with the option's name.

    >>> checked(2, "feather", Option("amount", "", "edge"))
    2.0
    >>> checked([(3, 4)], "keep", Option("points", "", "mask"))
    ((3.0, 4.0),)
    """
    return KINDS[option.kind](value, name, option)


def _box(value: Any, name: str, _: Option) -> tuple[Box, ...]:
    """One box or several, as a tuple of boxes."""
    boxes = value if _is_list_of_boxes(value) else [value]
    return tuple(_four(box, name) for box in boxes)


def _is_list_of_boxes(value: Any) -> bool:
    return (
        isinstance(value, Iterable)
        and not isinstance(value, str)
        and all(isinstance(one, Iterable) and not isinstance(one, str) for one in value)
    )


def _four(box: Any, name: str) -> Box:
    try:
        left, top, right, bottom = box
    except (TypeError, ValueError):
        raise PixelError(f"{name}: need (left, top, right, bottom), got {box!r}") from None
    if not all(map(is_finite, (left, top, right, bottom))):
        raise PixelError(f"{name}: need four finite numbers (left, top, right, bottom), got {box!r}")
    return float(left), float(top), float(right), float(bottom)


def _choice(value: Any, name: str, option: Option) -> str:
    check_choice(value, name, option.choices)
    return str(value)


def _mode(value: Any, name: str, _: Option) -> str:
    if value != "normal":
        from maskkit.blend import BLEND_MODES  # NumPy comes with it

        check_choice(value, name, BLEND_MODES)
    return str(value)


def _unit(value: Any, name: str, _: Option) -> float:
    check_unit(value, name)
    return float(value)


def _amount(value: Any, name: str, option: Option) -> float:
    check_amount(value, name, least=0 if option.least is None else option.least)
    return float(value)


def _whole(value: Any, name: str, option: Option) -> int:
    whole = check_whole(value, name, least=int(option.least or 0))
    if option.most is not None and whole > option.most:
        raise PixelError(f"{name}: need at most {option.most:g}, got {whole}")
    return whole


def _flag(value: Any, name: str, _: Option) -> bool:
    if not isinstance(value, bool) and type(value).__name__ != "bool_" and type(value).__name__ != "bool":
        raise PixelError(f"{name}: need True or False, got {value!r}")
    return bool(value)


def _text(value: Any, name: str, _: Option) -> str:
    if not isinstance(value, (str, os.PathLike)) or not os.fspath(value):
        raise PixelError(f"{name}: need text, got {value!r}")
    return str(os.fspath(value))


def _points(value: Any, name: str, _: Option) -> tuple[Point, ...]:
    found = check_points(value, name)
    for point in found:
        if not all(map(is_finite, point)):
            raise PixelError(f"{name}: need points of two finite numbers (x, y), got {point!r}")
    return tuple((float(x), float(y)) for x, y in found)


def _picture(value: Any, name: str, _: Option) -> StoredPixels:
    """A mask, or a plate: the pixels themselves."""
    return StoredPixels.of(value, name)


def _picture_or_text(value: Any, name: str, option: Option) -> StoredPixels | str:
    """Words or a path stay as they are; pixels are kept."""
    if isinstance(value, (str, os.PathLike)):
        return _text(value, name, option)
    return StoredPixels.of(value, name)


def _size(value: Any, name: str, _: Option) -> tuple[int, int]:
    width, height = check_pair(value, name, "(width, height)")
    try:
        return check_size((width, height))
    except PixelError as error:
        raise PixelError(f"{name}: {str(error).partition(': ')[2]}") from None


def _share(value: Any, name: str, _: Option) -> tuple[float, float]:
    if isinstance(value, str):
        word = " ".join(value.split())
        check_choice(word, name, tuple(ANCHORS))
        return ANCHORS[word]
    try:
        x, y = value
    except (TypeError, ValueError):
        raise PixelError(f"{name}: need two numbers from 0 to 1 (x, y), got {value!r}") from None
    check_unit(x, name)
    check_unit(y, name)
    return float(x), float(y)


def _factor(value: Any, name: str, _: Option) -> str | float:
    if isinstance(value, str) and value == "fit":
        return value
    if not (is_finite(value) and value > 0):
        raise PixelError(f"{name}: need 'fit' or a factor above 0, got {value!r}")
    return float(value)


def _subjects(value: Any, name: str, _: Option) -> str | int:
    count = check_subjects(value, name)
    return value if isinstance(value, str) else count


def _levels(value: Any, name: str, _: Option) -> str | tuple[float, float]:
    from maskkit.codec.mask_levels import check_levels  # NumPy comes with it

    return check_levels(value, name)


def _engine(value: Any, name: str, _: Option) -> tuple[tuple[str, Any], ...]:
    return engine_values(value, name)


def engine_values(
    given: Mapping[str, Any] | Iterable[tuple[str, Any]], name: str
) -> tuple[tuple[str, Any], ...]:
    """What only one engine knows, as sorted pairs of a name and a number, a word or a tuple of numbers."""
    try:
        pairs = sorted(dict(given).items())
    except (TypeError, ValueError):
        raise PixelError(f"{name}: need a mapping of names to values, got {given!r}") from None
    return tuple((str(key), _plain(value, f"{name}: {key}")) for key, value in pairs if value is not None)


def _plain(value: Any, name: str) -> Any:
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (list, tuple)):
        return tuple(_plain(one, name) for one in value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, float) or hasattr(value, "__float__"):
        number = float(value)
        if math.isfinite(number):
            return number
    raise PixelError(f"{name}: need a finite number, a word or a tuple of them, got {value!r}")


def _margins(value: Any, name: str, _: Option) -> str:
    """One to four lengths, as the shortest text that says them."""
    top, right, bottom, left = margins_of(value, name)
    if (top, left) != (bottom, right):
        return " ".join((top, right, bottom, left))
    return top if top == right else f"{top} {right}"


def _place(value: Any, name: str, _: Option) -> tuple[int, int]:
    return check_pair(value, name)


def _preset(value: Any, name: str, _: Option) -> str:
    check_choice(value, name, tuple(PRESETS))
    return str(value)


def _effect(value: Any, name: str, _: Option) -> str | None:
    """What is asked of an effect, in the one text that says so."""
    return None if value is False else canonical(value, name)


Check = Callable[[Any, str, Option], Any]
KINDS: dict[str, Check] = {
    "choice": _choice,  # one of some words
    "mode": _mode,  # a blend mode
    "unit": _unit,  # 0 to 1
    "amount": _amount,  # pixels, as a number; 0 or more unless `least` says otherwise
    "whole": _whole,  # a whole number
    "flag": _flag,  # True or False
    "text": _text,  # a name, a colour, a path
    "box": _box,  # (left, top, right, bottom) in pixels, one or several
    "points": _points,  # (x, y) in pixels, any number of them
    "picture": _picture,  # the pixels of a mask
    "picture or text": _picture_or_text,  # the pixels of a picture, or words that say what it is
    "size": _size,  # (width, height) in pixels
    "share": _share,  # (x, y), each 0 to 1
    "factor": _factor,  # "fit", or a number above 0
    "levels": _levels,  # "auto", or what is black and what is white
    "subjects": _subjects,  # "all", "largest", or how many
    "margins": _margins,  # one to four lengths in pixels or % of the canvas
    "place": _place,  # (x, y), whole pixels
    "preset": _preset,  # a name in `maskkit.placement.PRESETS`
    "effect": _effect,  # an effect of `maskkit.effects`, by the option's name
    "engine": _engine,  # what only one engine knows, by name
}
