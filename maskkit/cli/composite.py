"""``maskkit composite``: the subject over another backdrop."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from maskkit.cli import options
from maskkit.cli.report import report, target
from maskkit.cli.subject import with_subject


def _check_mode(mode: str) -> str:
    if mode != "normal":
        from maskkit.blend import BLEND_MODES

        if mode not in BLEND_MODES:
            raise typer.BadParameter(f"need one of {', '.join(BLEND_MODES)}")
    return mode


@with_subject
def composite(
    subject: Any,
    started: float,
    *,
    output: options.Output,
    backdrop: Annotated[
        str,
        typer.Option(
            "-b",
            "--backdrop",
            "--background",
            metavar="BACKDROP",
            help="An image file, a CSS colour, blur:PX, checker, transparent, linear:COLOUR;COLOUR@DEGREES "
            "or radial:COLOUR;COLOUR.",
            show_default=False,
        ),
    ],
    mode: Annotated[
        str, typer.Option("--mode", callback=_check_mode, help="Blend mode: normal, multiply, screen, ...")
    ] = "normal",
    opacity: Annotated[float, typer.Option("--opacity", min=0, max=1)] = 1.0,
    linear: Annotated[bool, typer.Option("--linear", help="Composite in linear light.")] = False,
    fit: Annotated[
        Literal["cover", "contain", "stretch", "tile", "none"],
        typer.Option("--fit", help="How an image fills the photo's size."),
    ] = "cover",
    trim: Annotated[
        int | None,
        typer.Option("--trim", min=0, metavar="PX", help="Crop to the subject first, leaving a margin."),
    ] = None,
    quality: options.Quality = None,
    lossless: options.Lossless = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Put the subject over another backdrop.

    maskkit composite photo.jpg -b beach.jpg -o beach-me.jpg

    maskkit composite photo.jpg -b '#336699' -o blue.png

    maskkit composite photo.jpg -m mask.png -b blur:20 -o portrait.jpg --linear
    """
    if trim is not None:
        subject = subject.trim(trim)
    from maskkit import codec

    result = subject.over(backdrop, fit=fit, mode=mode, opacity=opacity, linear=linear)
    codec.write(**target(output), picture=result, quality=quality, lossless=lossless)
    report(output, subject, started, as_json=as_json, quiet=quiet)
