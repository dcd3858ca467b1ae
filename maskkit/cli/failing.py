"""How a command ends badly: one line, notes, or a JSON object under --json; and quietly on Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import typer

# Of the click that typer uses: some versions of typer carry their own.
UsageError: Any = typer.BadParameter.__mro__[1]

__all__ = ["UsageError", "as_options", "interruptible", "refuse"]


def refuse(error: BaseException, code: int, said: str) -> int:
    """Say what went wrong, on stderr, or as JSON on stdout where ``--json`` asks for it; the exit code."""
    if os.environ.get("MASKKIT_DEBUG"):
        raise error
    said, notes = " ".join(said.split()), list(getattr(error, "__notes__", ()))
    if "--json" in sys.argv:
        import json  # here, and `nearest` below: most commands end well, and start sooner without

        told = {"type": type(error).__name__, "message": said, "notes": notes}
        typer.echo(json.dumps({"error": told}), err=_stdout_is_taken())
        return code
    if isinstance(error, UsageError):
        error.show()
        if near := _nearest_choice(said):
            typer.echo(near, err=True)
        return code
    typer.echo(f"maskkit: {said}", err=True)
    for note in notes:
        typer.echo(note, err=True)
    return code


def _nearest_choice(said: str) -> str:
    """The word that is most like one which is none of those that an option takes."""
    from maskkit.checks import nearest

    found = re.search(r"'([^']*)' is not one of (.+)", said)
    return (
        nearest(found[1], re.findall(r"'([^']*)'", found[2])).removeprefix("; ").capitalize() if found else ""
    )


def _stdout_is_taken() -> bool:
    """A picture goes to standard output."""
    return any(pair in (("-o", "-"), ("--output", "-")) for pair in pairwise(sys.argv))


def as_options(said: str) -> str:
    """The message with a recipe's options under the names that they have here.

    >>> as_options("mask: need 80x60, got 40x30; resize_mask=True scales it")
    '--mask: need 80x60, got 40x30; --resize-mask scales it'
    >>> as_options("model: needs source 'onnx'; the picture's own alpha is its mask")
    "--model: needs --source onnx; the picture's own alpha is its mask"
    >>> as_options("give background= a colour, or mask_class=N (class_number= of read_mask)")
    'give --background a colour, or --class N'
    """
    from maskkit.cli.recipe import option_of
    from maskkit.recipe import OPTIONS

    name, colon, rest = said.partition(": ")
    if colon and name in OPTIONS:
        said = f"{option_of(name)}: {rest}"

    def named(found: re.Match[str]) -> str:
        name, flag, value = found.groups()
        if flag:
            return option_of(name)
        return f"{option_of(name)} {value or ''}" if name in {*OPTIONS, "background"} else found[0]

    said = re.sub(r" \([a-z_]+= of read_mask\)", "", said)
    said = re.sub(r"\bsource '(\w+)'", r"--source \1", said)
    return re.sub(r"\b([a-z_]+)=(?:(True)\b|'([a-z]+)'|(?=[A-Z]\b)| )", named, said)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end the command from within, so that it can tidy up; before and after, it just ends.

    While Python starts and while it ends there is nothing to tidy up, and an interrupt's traceback would say
    nothing to anybody.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    heard = before is not signal.SIG_IGN  # a shell lets background jobs ignore it
    if heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        if heard:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
