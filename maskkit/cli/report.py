"""What a command says when it is done, and where pictures come from and go to."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import typer

__all__ = ["check_target", "flush", "report", "source", "target"]


def source(name: str) -> str | bytes:
    """A path, or all of standard input for ``-``. BadParameter for a URL: the pixels are needed here."""
    if name.lower().startswith(("https://", "http://")):
        raise typer.BadParameter("need a file, got a URL; download it first: curl URL | maskkit ... -")
    return sys.stdin.buffer.read() if name == "-" else name


def target(name: str) -> dict[str, Any]:
    """The arguments of a write: a path, or PNG to standard output for ``-``, which has no extension."""
    return {"target": sys.stdout.buffer, "format": "png"} if name == "-" else {"target": name}


def check_target(name: str) -> None:
    """Raises CodecError for a file that could not be written, before any work, or a bill, comes of it."""
    from maskkit.codec.extensions import format_of
    from maskkit.errors import CodecError

    if name == "-":
        return
    format_of(None, name)
    if not Path(name).parent.is_dir():
        raise CodecError(f"{name}: cannot be written: there is no such folder")
    if Path(name).is_dir():
        raise CodecError(f"{name}: is a folder")
    if not os.access(name if Path(name).exists() else Path(name).parent, os.W_OK):
        raise CodecError(f"{name}: cannot be written: it, or its folder, is read-only")


def flush(name: str) -> None:
    """The picture is where it was to go. Raises CodecError for standard output on a disk that is full."""
    from maskkit.errors import CodecError

    if name != "-":
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes again as it ends
        raise CodecError(f"standard output: cannot be written: {error.strerror}") from None


def report(output: str, subject: Any, started: float, *, as_json: bool, quiet: bool) -> None:
    """One line, or one JSON object: what was written, its size, where the mask came from, the time.

    ``quiet`` leaves the line out. Standard output may hold the picture: then the report goes to stderr.
    """
    if quiet and not as_json:
        return
    seconds = time.perf_counter() - started
    width, height = subject.size
    to_stderr = output == "-"
    if as_json:
        mask = {"source": subject.source, "confidence": subject.confidence, "advice": subject.advice}
        facts = {"output": output, "size": [width, height], "mask": mask, "seconds": round(seconds, 3)}
        typer.echo(json.dumps(facts), err=to_stderr)
        return
    trust = "" if subject.confidence is None else f" (confidence {subject.confidence:.2f})"
    name = "standard output" if to_stderr else output
    typer.echo(f"{name}: {width}x{height}, mask: {subject.source}{trust}, {seconds:.2f} s", err=to_stderr)
    if subject.advice:
        typer.echo(f"to get a better mask: {subject.advice}", err=True)
