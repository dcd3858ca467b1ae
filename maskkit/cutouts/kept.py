"""What runs on one photo made already, by what decided it: a run that changes little makes little."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Kept"]

T = TypeVar("T")
_MOST = 3  # results of a step: a step back finds its own


class Kept:
    """The last results of the slow steps on one photo; what it gives is never written to.

    >>> kept = Kept()
    >>> kept.once("mask", ("box", 3), lambda: "made"), kept.once("mask", ("box", 3), lambda: "again")
    ('made', 'made')
    """

    def __init__(self) -> None:
        self._made: dict[str, list[tuple[object, Any]]] = {}

    def once(self, step: str, decided: object, make: Callable[[], T]) -> T:
        """What ``make`` gives, or what it gave for an equal ``decided``."""
        for known, result in self._made.get(step, []):
            if known == decided:
                return result  # type: ignore[no-any-return] # the step is of one type
        made = make()
        self._made[step] = [(decided, made), *self._made.get(step, [])][:_MOST]
        return made

    def has(self, step: str, decided: object) -> bool:
        """Whether ``once`` would make nothing."""
        return any(known == decided for known, _ in self._made.get(step, []))
