"""What maskkit warns of, and who hears it: Python's warnings, or whoever listens in the same context.

``warnings.catch_warnings`` listens for the whole process: with two pictures made by two threads, each would
hear of the other's, and the filters that one puts back are those that the other had set.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from maskkit.errors import MaskkitWarning
from maskkit.redact import redact

__all__ = ["Heard", "overheard", "sentences", "warn", "warn_again"]


@dataclass(frozen=True)
class Heard:
    """A warning, and the line of the program that it points at."""

    said: str
    filename: str
    line: int


_listening: ContextVar[list[Heard] | None] = ContextVar("maskkit_listening", default=None)


def warn(said: str, *, stacklevel: int = 1) -> None:
    """Warn as ``warnings.warn(said, MaskkitWarning, stacklevel)`` does, unless somebody listens.

    Parameters
    ----------
    said
        The sentence.
    stacklevel
        Whose line is shown: 1 for the caller's, 2 for that of its caller.

    Examples
    --------
    >>> with overheard() as heard:
    ...     warn("nothing is kept")
    >>> [one.said for one in heard]
    ['nothing is kept']
    """
    listener = _listening.get()
    if listener is None:
        warnings.warn(said, MaskkitWarning, stacklevel=stacklevel + 1)
        return
    frame = sys._getframe(0)
    for _ in range(stacklevel):
        frame = frame.f_back or frame
    listener.append(Heard(said, frame.f_code.co_filename, frame.f_lineno))


def warn_again(heard: Heard) -> None:
    """Pass a warning on that was heard."""
    listener = _listening.get()
    if listener is None:
        warnings.warn_explicit(heard.said, MaskkitWarning, heard.filename, heard.line)
    else:
        listener.append(heard)


@contextmanager
def overheard() -> Iterator[list[Heard]]:
    """What maskkit warns of meanwhile, in this context alone; it is kept from Python's own warnings.

    A thread that is started meanwhile is another context, unless it is run in a copy of this one.
    """
    heard: list[Heard] = []
    token = _listening.set(heard)
    try:
        yield heard
    finally:
        _listening.reset(token)


def sentences(heard: Iterable[Heard]) -> tuple[str, ...]:
    """What was warned of, each once, for those who may not know this machine's paths and secrets.

    >>> with overheard() as heard:
    ...     warn("a colour is lost")
    ...     warn("a colour is lost")
    >>> sentences(heard)
    ('a colour is lost',)
    """
    return tuple(dict.fromkeys(str(redact(one.said)) for one in heard))
