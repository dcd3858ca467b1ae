"""What a command says when it is done."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from maskkit.cli.more import Written
    from maskkit.cutouts import Cutout

__all__ = ["Facts", "report", "tell_frames"]

Facts = dict[str, Any]
"""What ``--json`` says: numbers, texts and lists by their names."""


def tell_frames(file: Future[Any], what: str, taken: int = 0, *, quiet: bool) -> None:
    """Say which one of several frames or pages is taken, counted from 0."""
    if not quiet and (told := file.result().told(what, taken)):
        typer.echo(f"maskkit: {told}", err=True)


def report(
    main: Written,
    made: Cutout | None,
    started: float,
    *,
    others: Iterable[Written] = (),
    as_json: bool,
    quiet: bool,
) -> None:
    """One line, or one JSON object: what was written, its size, where the mask came from, the time.

    Where a cutout was placed on a canvas is told in JSON. ``others`` were written beside. ``made`` None: the
    file was there and is kept. ``quiet`` leaves the line out. Standard output may hold the picture: then the
    report goes to stderr.
    """
    output = main.file
    to_stderr = output == "-"
    if made is None:
        said = json.dumps({"output": output, "skipped": True}) if as_json else f"{output}: is there, skipped"
        if as_json or not quiet:
            typer.echo(said, err=to_stderr)
        return
    if quiet and not as_json:
        return
    seconds = time.perf_counter() - started
    if as_json:
        mask = {"source": made.source, "confidence": made.confidence, "advice": made.advice}
        facts = {**_facts(main), "mask": mask, "seconds": round(seconds, 3)}
        beside = {"also": [_facts(one) for one in others]} if others else {}
        typer.echo(json.dumps(facts | beside), err=to_stderr)
        return
    trust = "" if made.confidence is None else f" (confidence {made.confidence:.2f})"
    name = "standard output" if to_stderr else output
    typer.echo(f"{name}: {_size(main)}, mask: {made.source}{trust}, {seconds:.2f} s", err=to_stderr)
    for one in others:
        typer.echo(f"{one.file}: {_size(one)}")
    if made.advice:
        typer.echo(f"to get a better mask: {made.advice}", err=True)


def _size(one: Written) -> str:
    from maskkit.cutouts import size_of

    return "{}x{}".format(*size_of(one.shown))


def _facts(one: Written) -> Facts:
    from maskkit.cutouts import size_of

    facts: Facts = {"output": one.file, "size": list(size_of(one.shown))}
    if one.where is not None:
        facts["placed"] = {"scale": one.where.scale, "offset": one.where.offset, "box": one.where.box}
    return facts
