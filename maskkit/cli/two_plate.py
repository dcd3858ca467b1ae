"""``maskkit two-plate``: exact alpha from one scene before two known backdrops."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from maskkit.cli import options
from maskkit.cli.more import Written
from maskkit.cli.places import check_target, stream
from maskkit.cli.report import report

__all__ = ["two_plate"]


def two_plate(
    photo_a: Annotated[str, typer.Argument(metavar="A", help="The scene before the one backdrop.")],
    photo_b: Annotated[str, typer.Argument(metavar="B", help="The same scene before the other.")],
    *,
    output: options.Output = None,
    plates: Annotated[
        tuple[str, str],
        typer.Option(
            "--plates",
            "--backdrops",
            metavar="A B",
            help="The backdrops alone: CSS colours or files.",
        ),
    ] = ("black", "white"),
    linear: Annotated[
        bool, typer.Option("--linear", help="Photographs, which mix light; without it, renders.")
    ] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Cut glass, smoke and hair out exactly, from the same scene before two backdrops.

    maskkit two-plate on-black.png on-white.png -o glass.png

    maskkit two-plate a.jpg b.jpg -o glass.png --plates green.jpg blue.jpg --linear
    """
    import numpy as np

    from maskkit import codec, engines
    from maskkit.cutouts import Cutout
    from maskkit.kernels import convert

    started = time.perf_counter()
    if output is None:
        raise typer.BadParameter("Missing option '-o' / '--output'.")
    check_target(output)
    first = codec.read(photo_a)
    scenes = [first.pixels, codec.read(photo_b).pixels]
    known = [_plate(text, first.pixels) for text in plates]
    alpha, own = engines.two_plate(*scenes, *known, linear=linear)
    picture = first.with_pixels(convert(np.dstack([own, alpha]), first.pixels.dtype))
    target, named = stream(output, None)
    codec.write(target, picture, format=named)
    made = Cutout(picture, source="two-plate")
    report(Written(output, picture, None), made, started, as_json=as_json, quiet=quiet)


def _plate(text: str, scene: Any) -> Any:
    """The pixels of a file, or of a colour."""
    from maskkit import codec
    from maskkit.engines.plates import plate

    return codec.read(text).pixels if Path(text).is_file() else plate(text, scene, "plates")
