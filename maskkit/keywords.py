"""Keywords of public verbs: a misspelt one is refused with the nearest, an old one goes on with a warning."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar

from maskkit.checks import nearest
from maskkit.errors import PixelError

__all__ = ["Options", "check_known", "keywords", "renamed"]

Options = dict[str, Any]
"""Options by their names, a value of its own kind each: whoever takes them checks them."""
P = ParamSpec("P")
R = TypeVar("R")
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def check_known(given: Iterable[str], known: Iterable[str], verb: str) -> None:
    """Raise PixelError for the first name in ``given`` that is none of ``known``.

    >>> check_known(["feathr"], ["feather", "grow"], "cutout")
    Traceback (most recent call last):
    maskkit.errors.PixelError: feathr: is no option of cutout; did you mean 'feather'?
    """
    known = list(known)
    for name in given:
        if name not in known:
            raise PixelError(f"{name}: is no option of {verb}{nearest(name, known)}")


def renamed(given: Options, old: dict[str, str], verb: str, stacklevel: int = 3) -> Options:
    """``given`` with old names replaced by today's, with a DeprecationWarning for each.

    >>> renamed({"feather": 1}, {"format": "mask_type"}, "cutout")
    {'feather': 1}
    """
    for name in old.keys() & given.keys():
        said = f"{name} of {verb} is called {old[name]} now"
        if old[name] in given:
            raise PixelError(f"{said}: give one of the two")
        warnings.warn(said, DeprecationWarning, stacklevel=stacklevel)
    return {old.get(name, name): value for name, value in given.items()}


def keywords(**old: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Give a verb a clear error for a keyword it does not have, and the names that its keywords had before.

    ``@keywords(source="foreground")`` lets ``verb(source=x)`` go on as ``verb(foreground=x)`` until 1.0.

    >>> @keywords(radius="px")
    ... def grown(mask, px=0.0):
    ...     return px
    >>> grown(None, pxx=1)
    Traceback (most recent call last):
    maskkit.errors.PixelError: pxx: is no option of grown; did you mean 'px'?
    """

    def given(verb: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(verb)
        names = [one.name for one in signature.parameters.values() if one.kind in _NAMED]

        @functools.wraps(verb)
        def called(*args: P.args, **named: P.kwargs) -> R:
            if named.keys() <= set(names):
                return verb(*args, **named)
            today = renamed(dict(named), old, verb.__name__)
            check_known(today, names, verb.__name__)
            return verb(*args, **today)

        return called

    return given
