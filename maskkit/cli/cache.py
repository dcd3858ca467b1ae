"""``maskkit cache``: the masks that are kept so that nothing is paid twice."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Literal

import typer

from maskkit.cli.options import Json

__all__ = ["cache"]


def cache(
    what: Annotated[
        Literal["info", "clear", "verify"],
        typer.Argument(help="Say what there is; remove all; remove what is damaged."),
    ] = "info",
    *,
    as_json: Json = False,
) -> None:
    """Masks that were paid for, kept by the content of their photos.

    maskkit cache info

    maskkit cache clear
    """
    from maskkit import cache as masks

    if what == "info":
        found = masks.info()
        said = f"{found.masks} masks, {found.bytes / 1e6:.1f} of {found.megabytes:g} MB, in {found.folder}"
        typer.echo(
            json.dumps(asdict(found)) if as_json else f"{said}; unused ones go after {found.days:g} days"
        )
    elif what == "clear":
        count = masks.clear()
        typer.echo(json.dumps({"removed": count}) if as_json else f"{count} masks removed")
    else:
        whole, damaged = masks.verify()
        said = f"{whole} masks are whole, {damaged} were damaged and are removed"
        typer.echo(json.dumps({"whole": whole, "removed": damaged}) if as_json else said)
        if damaged:
            raise typer.Exit(1)
