"""``maskkit sheet``: one page, or picture, on which cutouts are looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from maskkit.cli.failing import UsageError


def sheet(
    output: Annotated[
        str, typer.Argument(metavar="OUT", help="Where to write: .html or .png.", show_default=False)
    ],
    cutouts: Annotated[
        list[str] | None, typer.Argument(metavar="FILES...", help="Pictures with alpha.", show_default=False)
    ] = None,
    *,
    title: Annotated[str, typer.Option("--title", metavar="TEXT", help="The heading.")] = "Cutouts",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over a PNG that is there.")] = False,
) -> None:
    """Write a review sheet of cutouts: five grounds, worst edges at 400%, findings.

    maskkit sheet review.html out/*.png
    """
    from maskkit import sheets

    if output.lower().endswith(".png") and Path(output).exists() and not overwrite:
        raise UsageError(f"{output} is there already, and the first name is where to write; or --overwrite")

    made = sheets.sheet(cutouts or [], output, title=title)
    doubtful = sum(1 for shown in made if shown.troubles)
    typer.echo(f"{output}: {len(made)} shown, {doubtful} with findings")
