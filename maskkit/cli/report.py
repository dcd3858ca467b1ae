"""What a command says when it is done."""

from __future__ import annotations

import json
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from maskkit.cutouts import Cutout
    from maskkit.placement import Placement

__all__ = ["report", "tell_frames"]


def tell_frames(file: Future[Any], what: str, taken: int = 0, *, quiet: bool) -> None:
    """Say which one of several frames or pages is taken, counted from 0."""
    found = file.result()
    if found.frames > 1 and not quiet:
        typer.echo(f"maskkit: {found.name}: {what} is frame {taken + 1} of {found.frames}", err=True)


def report(
    output: str,
    made: Cutout | None,
    shown: Any,
    started: float,
    *,
    where: Placement | None = None,
    as_json: bool,
    quiet: bool,
) -> None:
    """One line, or one JSON object: what was written, its size, where the mask came from, the time.

    ``where`` is told in JSON, if the cutout was placed on a canvas. ``made`` None: the file was there and is
    kept. ``quiet`` leaves the line out. Standard output may hold the picture: then the report goes to stderr.
    """
    to_stderr = output == "-"
    if made is None:
        said = json.dumps({"output": output, "skipped": True}) if as_json else f"{output}: is there, skipped"
        if as_json or not quiet:
            typer.echo(said, err=to_stderr)
        return
    if quiet and not as_json:
        return
    seconds = time.perf_counter() - started
    from maskkit.cutouts import size_of

    width, height = size_of(shown)
    if as_json:
        mask = {"source": made.source, "confidence": made.confidence, "advice": made.advice}
        facts = {"output": output, "size": [width, height], "mask": mask, "seconds": round(seconds, 3)}
        if where is not None:
            facts["placed"] = {"scale": where.scale, "offset": where.offset, "box": where.box}
        typer.echo(json.dumps(facts), err=to_stderr)
        return
    trust = "" if made.confidence is None else f" (confidence {made.confidence:.2f})"
    name = "standard output" if to_stderr else output
    typer.echo(f"{name}: {width}x{height}, mask: {made.source}{trust}, {seconds:.2f} s", err=to_stderr)
    if made.advice:
        typer.echo(f"to get a better mask: {made.advice}", err=True)
