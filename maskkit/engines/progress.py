"""How far a transfer is: one line on the terminal, written over."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from maskkit.engines.transfers import Tell

__all__ = ["bar", "progress"]

_CELLS = 24


def bar(have: int, whole: int) -> str:
    """The share that came as a bar, and megabytes.

    >>> bar(2_300_000, 4_600_000)
    '[############............] 2.3 of 4.6 MB'
    >>> bar(2_300_000, 0)
    '2.3 MB'
    """
    if not whole:
        return f"{have / 1e6:.1f} MB"
    full = min(_CELLS, _CELLS * have // whole)
    return f"[{'#' * full}{'.' * (_CELLS - full)}] {have / 1e6:.1f} of {whole / 1e6:.1f} MB"


@contextmanager
def progress(name: str) -> Iterator[Tell]:
    """Tell it how much came: on a terminal the line follows, elsewhere nothing is written."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _have, _whole: None
        return

    def tell(have: int, whole: int) -> None:
        sys.stderr.write(f"\r\x1b[K{name} {bar(have, whole)}")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
