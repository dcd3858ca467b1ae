"""From the options that commands share to a photo's subject."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated, Any, Literal

import typer

from maskkit.cli.adobe import plan, service_mask
from maskkit.cli.jobs import job_file
from maskkit.cli.options import Api, BaseURL, Deadline, MaxPixels, Staging, ToSRGB
from maskkit.cli.report import check_target, flush, source

__all__ = ["with_subject"]


def with_subject(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command, in place of its first parameter, the options of `subject`.

    The command gets the `Cutout` that they lead to, and ``started``, the clock's reading before the work.
    """
    own = _parameters(command)[2:]
    shared = [one for one in _parameters(subject) if one.name not in ("output", "quiet", "until")]

    @functools.wraps(command)
    def run(**arguments: Any) -> None:
        started = time.perf_counter()
        rest = {parameter.name: arguments.pop(parameter.name) for parameter in own}
        check_target(rest["output"])
        quiet = rest["quiet"] or rest["as_json"]
        with ExitStack() as until:  # what is paid for is kept until the picture is written
            command(subject(**arguments, output=rest["output"], quiet=quiet, until=until), started, **rest)
            flush(rest["output"])

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
        Literal["auto", "classical", "onnx", "chroma", "adobe"],
        typer.Option("--source", help="Who estimates the mask."),
    ] = "auto",
    box: Annotated[
        tuple[float, float, float, float] | None,
        typer.Option("--box", metavar="LEFT TOP RIGHT BOTTOM", help="The subject is in here, pixels."),
    ] = None,
    keep: Annotated[
        list[str] | None, typer.Option("--keep", metavar="X,Y", help="A point on the subject; repeatable.")
    ] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", metavar="X,Y", help="A point beside it; repeatable.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME|FILE", help="The network of --source onnx.")
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "gpu"] | None,
        typer.Option("--device", help="Where --source onnx runs; gpu fails unless one is used."),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Fetch no weights; they must be there already.")
    ] = False,
    screen: Annotated[
        str | None, typer.Option("--screen", metavar="COLOR", help="The backdrop of --source chroma.")
    ] = None,
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
    refine: Annotated[
        Literal["none", "edge", "hair"] | None,
        typer.Option("--refine", help="Fit the mask's edge to the photo's; edge for a local estimate."),
    ] = None,
    decontaminate: Annotated[
        float | None,
        typer.Option(
            "--decontaminate",
            min=0,
            max=1,
            help="Take the old background out of the edge; 1 for a soft estimate, or a refined mask.",
        ),
    ] = None,
    linear_edge: Annotated[
        bool, typer.Option("--linear-edge", help="The edge's colours mixed as light: --decontaminate so.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="The mask replaces an alpha that the photo has.")
    ] = False,
    resize_mask: Annotated[
        bool, typer.Option("--resize-mask", help="Scale a mask of another size to the photo's.")
    ] = False,
    to_srgb: ToSRGB = False,
    max_pixels: MaxPixels = 256_000_000,
    api: Api = None,
    base_url: BaseURL = None,
    staging: Staging = None,
    deadline: Deadline = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what --source adobe would send, and end.")
    ] = False,
    job: Annotated[
        str | None,
        typer.Option(
            "--job", metavar="FILE", help="Keeps an order until its mask is there; OUTPUT.job.json."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the order in that file instead of paying another.")
    ] = False,
    output: str,
    quiet: bool,
    until: ExitStack,
) -> Any:
    """The cutout that the options lead to."""
    from dataclasses import replace as with_members

    from maskkit import codec

    picture: Any = source(photo)
    given: Any = None if mask is None else source(mask)
    origin = None
    how: dict[str, Any] = {"api": api, "base_url": base_url, "staging": staging, "deadline": deadline}
    asked = {**how, "job": job, "resume": resume or None, "dry_run": dry_run or None}
    if resume and (dry_run or given is not None or box is not None):
        raise typer.BadParameter("--resume goes with no --dry-run, --mask or --box")
    picked = mask_source == "auto"
    if _asks_service(mask_source, local=mask is not None or box is not None, **asked):
        mask_source = "adobe"
    points = {"box": box, "keep": _points(keep), "drop": _points(drop)}
    options = {"model": model, "device": device, "offline": offline or None, "backdrop": screen}
    engine = _for_engine(mask_source, **points, **options)
    to_srgb = to_srgb or (mask_source == "adobe" and codec.is_print(picture, max_pixels))
    seen = codec.ahead(picture, max_pixels)
    given = None if given is None else codec.ahead(given)

    from maskkit import cutouts  # and NumPy, while both are decoded

    shown: Any = seen
    if given is None or to_srgb:
        shown = codec.read(seen, to_srgb=to_srgb, max_pixels=max_pixels)
    if mask_source == "adobe" and mask is None:
        _check_hints(shown, engine)
        if dry_run:
            plan(picture, format, output, **how)
            raise typer.Exit
        how |= {"file": job_file(job, photo, output), "resume": resume}
        given, origin = service_mask(picture, format, until=until, quiet=quiet, chosen=picked, **how)
    made = cutouts.cutout(
        shown,
        given,
        source=mask_source,
        format=format,
        threshold=threshold,
        grow=grow,
        feather=feather,
        refine=refine,
        decontaminate=decontaminate,
        linear_edge=linear_edge,
        replace=replace,
        resize_mask=resize_mask,
        **engine,
    )
    return made if origin is None else with_members(made, source=origin)


def _asks_service(mask_source: Any, *, local: bool, **asked: Any) -> bool:
    """The service is to be asked: by name, by an option of its own, or because "auto" comes to it."""
    named = [f"--{name.replace('_', '-')}" for name, value in asked.items() if value is not None]
    if mask_source == "adobe":
        return True
    if mask_source == "auto" and not local and (set(named) - {"--dry-run"} or _comes_to_service()):
        return True
    if named:
        raise typer.BadParameter(f"{named[0]} needs --source adobe")
    return False


def _comes_to_service() -> bool:
    from maskkit.fetch import chosen  # the engines behind it would cost a mask that is given 0.1 s

    return chosen("auto") == "adobe"


def _check_hints(picture: Any, hints: dict[str, Any]) -> None:
    """Hints that do not fit the picture are told before the service is paid: they are tried on no mask."""
    if hints:
        import numpy as np

        from maskkit import engines

        engines.hints(picture.pixels, mask=np.zeros(picture.pixels.shape[:2], np.uint8), **hints)


def _for_engine(mask_source: str, **given: Any) -> dict[str, Any]:
    """What `maskkit.estimate` takes, of the options that were given."""
    for name, engine in (("model", "onnx"), ("device", "onnx"), ("offline", "onnx"), ("backdrop", "chroma")):
        if given[name] is not None and mask_source != engine:
            option = "--screen" if name == "backdrop" else f"--{name}"
            raise typer.BadParameter(f"{option} needs --source {engine}")
    return {name: value for name, value in given.items() if value is not None}


def _points(texts: list[str] | None) -> list[tuple[float, float]] | None:
    if not texts:
        return None
    try:
        return [(float(x), float(y)) for x, y in (text.split(",") for text in texts)]
    except ValueError:
        raise typer.BadParameter(f"need points as X,Y in pixels, got {' '.join(texts)}") from None


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    return list(inspect.signature(function, eval_str=True).parameters.values())
