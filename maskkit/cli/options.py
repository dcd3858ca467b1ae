"""The options that commands share, and the way from them to a photo's subject."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable
from typing import Annotated, Any, Literal

import typer

from maskkit.cli.report import source

__all__ = ["Json", "Lossless", "Output", "Quality", "with_subject"]

Output = Annotated[
    str,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Where to write; - is standard output.", show_default=False
    ),
]
Quality = Annotated[int | None, typer.Option("--quality", min=1, max=100, help="Of lossy JPEG, WebP, AVIF.")]
Lossless = Annotated[bool, typer.Option("--lossless", help="Lossless WebP or AVIF.")]
Json = Annotated[bool, typer.Option("--json", help="Report as one JSON object.")]


def with_subject(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command, in place of its first parameter, the options of `subject`.

    The command gets the `Cutout` that they lead to, and ``started``, the clock's reading before the work.
    """
    shared, own = _parameters(subject), _parameters(command)[2:]

    @functools.wraps(command)
    def run(**arguments: Any) -> None:
        started = time.perf_counter()
        rest = {parameter.name: arguments.pop(parameter.name) for parameter in own}
        command(subject(**arguments), started, **rest)

    parameters = [shared[0], *own, *shared[1:]]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def subject(
    photo: Annotated[
        str, typer.Argument(metavar="PHOTO", help="The picture; - is standard input.", show_default=False)
    ],
    *,
    mask: Annotated[
        str | None,
        typer.Option("-m", "--mask", metavar="FILE", help="A grey mask, white keeps, instead of estimating."),
    ] = None,
    mask_source: Annotated[
        Literal["auto", "classical"], typer.Option("--source", help="Who estimates the mask.")
    ] = "auto",
    format: Annotated[
        Literal["soft", "binary"], typer.Option("--format", help="A soft mask, or 0 and 255 only.")
    ] = "soft",
    threshold: Annotated[
        float | None, typer.Option("--threshold", min=0, max=1, help="Make the mask hard at this level.")
    ] = None,
    grow: Annotated[
        float, typer.Option("--grow", metavar="PX", help="Grow the mask by pixels; below 0, shrink it.")
    ] = 0.0,
    feather: Annotated[
        float, typer.Option("--feather", min=0, metavar="PX", help="Soften the edge: Gaussian sigma.")
    ] = 0.0,
    replace: Annotated[
        bool, typer.Option("--replace", help="The mask replaces an alpha that the photo has.")
    ] = False,
    resize_mask: Annotated[
        bool, typer.Option("--resize-mask", help="Scale a mask of another size to the photo's.")
    ] = False,
) -> Any:
    """The cutout that the options lead to."""
    from maskkit import cutouts

    return cutouts.cutout(
        source(photo),
        None if mask is None else source(mask),
        source=mask_source,
        format=format,
        threshold=threshold,
        grow=grow,
        feather=feather,
        replace=replace,
        resize_mask=resize_mask,
    )


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function, eval_str=True).parameters.values())
