"""``maskkit inspect``: measure a cutout; exit code 1 if something is wrong with it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from maskkit.cli.options import Json
from maskkit.cli.places import source


def _limits(pairs: list[str]) -> dict[str, float]:
    limits = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            limits[name] = float(value)
        except ValueError:
            raise typer.BadParameter(f"need CHECK=NUMBER, got {pair!r}") from None
    return limits


def inspect(
    cutout: Annotated[
        str,
        typer.Argument(
            metavar="CUTOUT", help="A picture with alpha; - is standard input.", show_default=False
        ),
    ],
    *,
    original: Annotated[
        str | None, typer.Option("--original", metavar="PHOTO", help="The photo it was cut from.")
    ] = None,
    limit: Annotated[
        list[str] | None,
        typer.Option("--limit", metavar="CHECK=VALUE", help="Another limit; may be given several times."),
    ] = None,
    premultiplied: Annotated[
        bool, typer.Option("--premultiplied", help="The cutout's colour is multiplied by its alpha.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings fail as well.")] = False,
    mark: Annotated[
        str | None, typer.Option("--mark", metavar="FILE", help="Write a picture that marks the spots.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure a cutout: fringe, islands, pinholes, frame, hard or banded edge, hidden colour.

    maskkit inspect cutout.png --original photo.jpg --mark faults.png
    """
    from maskkit import codec, quality

    limits = _limits(limit or [])
    picture = codec.read(source(cutout), premultiplied=premultiplied)
    found = quality.inspect(picture, None if original is None else source(original), limits=limits)
    if mark is not None:
        codec.write(mark, quality.mark(picture, found))
    typer.echo(json.dumps(found.to_dict()) if as_json else str(found))
    if not found.passed or (strict and found.warnings):
        raise typer.Exit(1)
