"""How far a transfer is: one line on the terminal, written over; a bar in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from maskkit.engines.transfers import Tell

__all__ = ["bar", "in_notebook", "notebook_bar", "progress"]

Draw = Callable[[int, int, str, str], None]

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
    """Tell it how much came: a terminal's line or a notebook's bar follows, elsewhere nothing is written."""
    if in_notebook():
        yield _transfer(name)
        return
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


def in_notebook() -> bool:
    """A kernel runs this, so that pictures and HTML are shown."""
    shell = sys.modules.get("IPython")
    return shell is not None and getattr(shell.get_ipython(), "kernel", None) is not None


def notebook_bar(said: str) -> Draw:
    """A bar below the cell, which is drawn again by ``draw(have, whole, said, text)``.

    ``said`` stands before the bar; ``text`` is for what shows no HTML. A whole of 0 has no end.
    """
    from IPython import display

    show: Any = display.display  # IPython's has no types
    shown = show(_drawn(0, 0, said, said), raw=True, display_id=True)

    def draw(have: int, whole: int, said: str, text: str) -> None:
        shown.update(_drawn(have, whole, said, text), raw=True)

    return draw


def _transfer(name: str) -> Tell:
    """A notebook's bar that is drawn again with every hundredth."""
    draw = notebook_bar(name)
    last = -1

    def tell(have: int, whole: int) -> None:
        nonlocal last
        now = 100 * have // whole if whole else have // 1_000_000
        if now != last:
            last = now
            end = f" of {whole / 1e6:.1f} MB" if whole else ""
            draw(have, whole, f"{name}: {bar(have, 0)}{end}", f"{name} {bar(have, whole)}")

    return tell


def _drawn(have: int, whole: int, said: str, text: str) -> dict[str, str]:
    share = f' value="{have}" max="{whole}"' if whole else ""
    html = f'<label>{escape(said)} <progress{share} style="vertical-align:middle"></progress></label>'
    return {"text/html": html, "text/plain": text}
