"""What an option of a verb may be: an amount, a share, a whole number, a pair, a word; checked here alone.

Every check raises PixelError with the option's name, what came and what is needed.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Collection, Iterable
from numbers import Real
from typing import Any, TypeGuard

from maskkit.errors import PixelError

__all__ = [
    "check_amount",
    "check_choice",
    "check_pair",
    "check_points",
    "check_position",
    "check_positive",
    "check_size",
    "check_subjects",
    "check_unit",
    "check_whole",
    "is_finite",
    "nearest",
]


def is_finite(value: object) -> TypeGuard[float]:
    """Whether it is one real number, neither NaN nor infinite.

    >>> is_finite(0.5), is_finite(math.nan), is_finite("1")
    (True, False, False)
    """
    return isinstance(value, Real) and math.isfinite(value)


def check_amount(value: float, name: str, least: float = 0) -> None:
    """Raise PixelError unless ``value`` is a finite number of pixels, ``least`` or more.

    >>> check_amount(-1, "radius")
    Traceback (most recent call last):
    maskkit.errors.PixelError: radius: need a finite number of pixels, 0 or more, got -1
    """
    if not (is_finite(value) and value >= least):
        floor = f", {least:g} or more" if math.isfinite(least) else ""
        raise PixelError(f"{name}: need a finite number of pixels{floor}, got {value!r}")


def check_positive(value: float, name: str) -> None:
    """Raise PixelError unless ``value`` is a finite number above 0 (a gamma, a variance).

    >>> check_positive(0, "gamma")
    Traceback (most recent call last):
    maskkit.errors.PixelError: gamma: need a finite number above 0, got 0
    """
    if not (is_finite(value) and value > 0):
        raise PixelError(f"{name}: need a finite number above 0, got {value!r}")


def check_unit(value: float, name: str, least: float = 0) -> None:
    """Raise PixelError unless ``value`` is a number from ``least`` to 1 (an opacity, a level).

    >>> check_unit(1.5, "opacity")
    Traceback (most recent call last):
    maskkit.errors.PixelError: opacity: need 0 to 1, got 1.5
    """
    if not (is_finite(value) and least <= value <= 1):
        raise PixelError(f"{name}: need {least:g} to 1, got {value!r}")


def check_whole(value: int, name: str, least: int = 1) -> int:
    """Return ``value`` if it is a whole number, ``least`` or more.

    >>> check_whole(2.5, "n")
    Traceback (most recent call last):
    maskkit.errors.PixelError: n: need a whole number, at least 1, got 2.5
    """
    try:
        whole = operator.index(value)
    except TypeError:
        whole = least - 1
    if whole < least:
        raise PixelError(f"{name}: need a whole number, at least {least}, got {value!r}")
    return whole


def check_subjects(value: str | int, name: str) -> int:
    """How many of a mask's largest parts are meant by "all" (0), "largest" (1) or a whole number.

    >>> [check_subjects(value, "subjects") for value in ("all", "largest", 3)]
    [0, 1, 3]
    >>> check_subjects("both", "subjects")
    Traceback (most recent call last):
    maskkit.errors.PixelError: subjects: need a whole number, all or largest, got 'both'
    """
    words = ("all", "largest")
    if not isinstance(value, str):
        return check_whole(value, name)
    if value not in words:
        raise PixelError(f"{name}: need a whole number, all or largest, got {value!r}{nearest(value, words)}")
    return words.index(value)


def check_points(given: Any, name: str) -> list[tuple[Any, Any]]:
    """Return ``given`` as a list of pairs if it is a list of points (x, y); what they hold is not looked at.

    >>> check_points([(3, 4)], "keep")
    [(3, 4)]
    """
    try:
        return [(x, y) for x, y in given]
    except (TypeError, ValueError):
        raise PixelError(f"{name}: need a list of points (x, y), got {given!r}") from None


def check_pair(values: tuple[int, int], name: str, words: str = "(x, y)") -> tuple[int, int]:
    """Return ``values`` if they are two whole numbers.

    >>> check_pair((0.5, 1), "offset")
    Traceback (most recent call last):
    maskkit.errors.PixelError: offset: need two whole numbers (x, y), got (0.5, 1)
    """
    try:
        first, second = (operator.index(value) for value in values)
    except (TypeError, ValueError):
        raise PixelError(f"{name}: need two whole numbers {words}, got {values!r}") from None
    return first, second


def check_position(position: tuple[float, float], words: str = "(x, y)") -> tuple[float, float]:
    """Return ``position`` if it is two shares, 0 to 1, across and down.

    >>> check_position((2, 0))
    Traceback (most recent call last):
    maskkit.errors.PixelError: position x: need 0 to 1, got 2
    """
    try:
        across, down = position
    except (TypeError, ValueError):
        raise PixelError(f"position: need two numbers {words}, got {position!r}") from None
    check_unit(across, "position x")
    check_unit(down, "position y")
    return across, down


def check_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return ``size = (width, height)`` if both are whole numbers, 1 or more.

    >>> check_size((0, 5))
    Traceback (most recent call last):
    maskkit.errors.PixelError: size: need at least 1x1, got 0x5
    """
    width, height = check_pair(size, "size", "(width, height)")
    if width < 1 or height < 1:
        raise PixelError(f"size: need at least 1x1, got {width}x{height}")
    return width, height


def check_choice(value: str, name: str, choices: Collection[str]) -> None:
    """Raise PixelError unless ``value`` is one of the words in ``choices``.

    >>> check_choice("both", "edge", ("inside", "outside"))
    Traceback (most recent call last):
    maskkit.errors.PixelError: edge: need one of inside, outside, got 'both'
    """
    if not (isinstance(value, str) and value in choices):
        near = nearest(value, choices) if isinstance(value, str) else ""
        raise PixelError(f"{name}: need one of {', '.join(choices)}, got {value!r}{near}")


def nearest(word: str, known: Iterable[str]) -> str:
    """``; did you mean X?`` for the known word that is most like ``word``, or nothing where none is.

    >>> nearest("feathr", ["feather", "grow"]), nearest("x", ["feather"])
    ("; did you mean 'feather'?", '')
    """
    from difflib import get_close_matches  # wanted where something is wrong, never otherwise

    found = get_close_matches(word, list(known), 1, 0.6)
    return f"; did you mean {found[0]!r}?" if found else ""
