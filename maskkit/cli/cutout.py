"""``maskkit cutout``: the subject with a transparent background."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from maskkit.cli import options
from maskkit.cli.report import report, target
from maskkit.cli.subject import with_subject


@with_subject
def cutout(
    subject: Any,
    started: float,
    *,
    output: options.Output,
    trim: Annotated[
        int | None,
        typer.Option("--trim", min=0, metavar="PX", help="Crop to the subject, leaving a margin."),
    ] = None,
    hidden: Annotated[
        Literal["keep", "clear", "extend"],
        typer.Option("--hidden", help="Colour under alpha 0: kept, made black, or the edge's continued."),
    ] = "keep",
    quality: options.Quality = None,
    lossless: options.Lossless = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Cut the subject out: the photo with its mask as alpha.

    maskkit cutout photo.jpg -o cutout.png

    maskkit cutout photo.jpg -m mask.png -o cutout.webp --feather 1.5 --trim 20
    """
    if trim is not None:
        subject = subject.trim(trim)
    subject.save(**target(output), hidden=hidden, quality=quality, lossless=lossless)
    report(output, subject, started, as_json=as_json, quiet=quiet)
