"""``maskkit frames``: an animation, a numbered folder or a video, frame by frame."""

from __future__ import annotations

import inspect
import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from maskkit.cli import options
from maskkit.cli.failing import UsageError
from maskkit.cli.making import usage
from maskkit.cli.recipe import over_file, parameters, recipe_of
from maskkit.cli.run import shared
from maskkit.cli.status import Status
from maskkit.errors import PixelError
from maskkit.keywords import Options
from maskkit.recipe import OPTIONS

if TYPE_CHECKING:
    from maskkit.sequences import Written

__all__ = ["frames"]

_FRAMES = "Frames"
_LEFT_OUT = (  # the first row have options of their own here
    "mask", "backdrop",
    "trim", "trim_level", "margin", "fill", "preset",
    "frame", "mask_frame", "mask_part", "unnamed_alpha", "tone_map",
)  # fmt: skip
_NAMES = [name for name in OPTIONS if name not in _LEFT_OUT]


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the command is given beside a recipe."""

    places: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="IN OUT",
            help="An animation, a folder, a pattern of files or a video; and where to write: "
            ".png, .webp, .gif, .avif, .mov, .webm, .mkv, .mp4, or a folder.",
        ),
    ] = None
    mask: Annotated[
        str | None,
        typer.Option(
            "-m", "--mask", metavar="FILE|FOLDER", rich_help_panel="Mask",
            help="A grey mask for all frames, or as many: a folder, an animation or a video.",
        ),
    ] = None  # fmt: skip
    backdrop: Annotated[
        str | None,
        typer.Option(
            "-b", "--backdrop", "--background", metavar="BACKDROP", rich_help_panel="Picture",
            help="As of composite; or another sequence, which begins again when it ends.",
        ),
    ] = None  # fmt: skip
    steady: Annotated[
        float | None,
        typer.Option(
            "--steady", min=0, max=1, rich_help_panel=_FRAMES, show_default=False,
            help="How much each mask takes after the one before, moved along; 0.5 for estimates, else 0.",
        ),
    ] = None  # fmt: skip
    fps: Annotated[
        float | None,
        typer.Option(
            "--fps", min=0.001, metavar="N", rich_help_panel=_FRAMES, show_default=False,
            help="Frames a second of folders, which have no times; 25.",
        ),
    ] = None  # fmt: skip
    plays: Annotated[
        int | None,
        typer.Option(
            "--plays", min=0, metavar="N", rich_help_panel=_FRAMES, show_default=False,
            help="How often an animation is shown, 0 without end; else as IN says.",
        ),
    ] = None  # fmt: skip
    codec: Annotated[
        Literal["prores", "vp9", "ffv1", "h264"] | None,
        typer.Option(
            "--codec", rich_help_panel=_FRAMES, show_default=False,
            help="Of a video; prores in .mov, vp9 in .webm, ffv1 in .mkv, h264 in .mp4.",
        ),
    ] = None  # fmt: skip
    recipe: options.RecipeFile = None
    device: options.Device = None
    offline: options.Offline = False
    max_pixels: options.MaxPixels = 256_000_000
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write over a file that is there.", rich_help_panel="Output")
    ] = False
    as_json: options.Json = False
    quiet: options.Quiet = False


def frames(**given: Any) -> None:
    """Cut out or composite every frame of an animation, a numbered folder or a video.

    maskkit frames dance.gif dance.webp

    maskkit frames shots mov/shot.mov -m masks --fps 24

    maskkit frames talk.mp4 talk-office.mp4 -b office.jpg
    """
    asked = {name: given.pop(name) for name in _NAMES}
    _make(asked, Run(**given))


def _make(asked: Options, how: Run) -> None:
    started = time.perf_counter()
    sequence, destination = _places(how)
    recipe = over_file(how.recipe, recipe_of(asked))
    from maskkit import sequences

    with Status(quiet=how.quiet or how.as_json) as status:

        def tell(made: int, of: int | None) -> None:
            status.tell(f"frame {made}" if of is None else f"frame {made} of {of}")

        try:
            made = sequences.frames(
                sequence,
                destination,
                how.mask,
                backdrop=how.backdrop,
                recipe=recipe,
                steady=how.steady,
                fps=how.fps,
                plays=how.plays,
                codec=how.codec,
                max_pixels=how.max_pixels,
                progress=tell,
                **_settings(how),
            )
        except PixelError as error:
            raise usage(error) from None
    if not how.quiet or how.as_json:
        typer.echo(_report(destination, made, time.perf_counter() - started, as_json=how.as_json))


def _settings(how: Run) -> Options:
    """The engine's settings that were given."""
    device = {} if how.device is None else {"device": how.device}
    return {**device, "fetch": False} if how.offline else device


def _places(how: Run) -> tuple[str, str]:
    if len(how.places or []) != 2:
        raise UsageError("Need two names: IN, the sequence, and OUT, where to write.")
    sequence, destination = how.places or ("", "")
    if Path(destination).is_file() and not how.overwrite:
        raise UsageError(f"{destination} is there already; --overwrite writes over it")
    return sequence, destination


def _report(destination: str, made: Written, seconds: float, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"output": destination, **asdict(made), "took": round(seconds, 3)})
    trust = "" if made.confidence is None else f" (confidence {made.confidence:.2f})"
    size = f"{made.size[0]}x{made.size[1]}"
    return (
        f"{destination}: {made.count} frames of {size}, {made.seconds:.2f} s, mask: {made.source}{trust}, "
        f"{seconds:.2f} s"
    )


frames.__signature__ = inspect.Signature([*shared(Run), *parameters(_NAMES)])  # type: ignore[attr-defined]
