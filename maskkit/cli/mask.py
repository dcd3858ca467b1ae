"""``maskkit mask``: the grey mask of a photo."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from maskkit.cli import options
from maskkit.cli.report import report, target
from maskkit.cli.subject import with_subject


@with_subject
def mask(
    subject: Any,
    started: float,
    *,
    output: options.Output,
    invert: Annotated[bool, typer.Option("--invert", help="White removes, black keeps.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Write the grey mask of a photo's subject.

    maskkit mask photo.jpg -o mask.png

    maskkit mask photo.jpg -o mask.png --format binary --grow 2
    """
    from maskkit import codec, masks

    codec.write(**target(output), picture=masks.invert(subject.alpha) if invert else subject.alpha)
    report(output, subject, started, as_json=as_json, quiet=quiet)
