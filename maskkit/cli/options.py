"""The options of commands that are not a recipe's: files, services, reports."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

__all__ = [
    "Also",
    "Api",
    "BaseURL",
    "Deadline",
    "Device",
    "DryRun",
    "JobFile",
    "Json",
    "Layer",
    "MaxPixels",
    "NoCache",
    "Offline",
    "OldMaskType",
    "Output",
    "Photos",
    "Quiet",
    "RecipeFile",
    "Resume",
    "SaveRecipe",
    "SkipExisting",
    "Staging",
    "ToSRGB",
    "mask_type",
]

_OUTPUT, _SERVICE, _MASK = "Output", "Service", "Mask"

Photos = Annotated[
    list[str] | None,
    typer.Argument(metavar="PHOTO [FILE]", help="The picture, - for standard input; and where to write."),
]
Output = Annotated[
    str | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Where to write; - is standard output.",
        show_default=False, rich_help_panel=_OUTPUT,
    ),
]  # fmt: skip
SkipExisting = Annotated[
    bool,
    typer.Option("--skip-existing", help="Do nothing if the file is there.", rich_help_panel=_OUTPUT),
]
Also = Annotated[
    list[str] | None,
    typer.Option(
        "--also", metavar="OUTPUT", rich_help_panel=_OUTPUT,
        help="One more output: 1200x1200:white.jpg, mask.png, thumb:200.webp; repeatable.",
    ),
]  # fmt: skip
SaveRecipe = Annotated[
    str | None,
    typer.Option(
        "--save-recipe", metavar="FILE", help="Write the options as TOML or JSON, for maskkit replay.",
        rich_help_panel=_OUTPUT,
    ),
]  # fmt: skip
RecipeFile = Annotated[
    str | None,
    typer.Option(
        "--recipe", metavar="FILE", help="What --save-recipe wrote; options win over it.",
        rich_help_panel="Many",
    ),
]  # fmt: skip
Json = Annotated[bool, typer.Option("--json", help="Report as one JSON object.", rich_help_panel=_OUTPUT)]
Quiet = Annotated[
    bool, typer.Option("-q", "--quiet", help="Say nothing but what went wrong.", rich_help_panel=_OUTPUT)
]
ToSRGB = Annotated[
    bool, typer.Option("--to-srgb", help="Convert CMYK, Lab and other colour profiles to sRGB.")
]
Layer = Annotated[
    str | None,
    typer.Option(
        "--layer", metavar="NAME", help="This layer of a PSD or OpenRaster file; its mask is the mask.",
        show_default=False, rich_help_panel="Picture",
    ),
]  # fmt: skip
MaxPixels = Annotated[
    int, typer.Option("--max-pixels", min=1, help="Refuse a larger picture.", rich_help_panel="Picture")
]
Device = Annotated[
    Literal["auto", "cpu", "gpu"] | None,
    typer.Option(
        "--device", help="Where a network runs; gpu fails unless one is used.", rich_help_panel=_MASK
    ),
]
Offline = Annotated[
    bool,
    typer.Option("--offline", help="Fetch no weights of a network.", rich_help_panel=_MASK),
]
OldMaskType = Annotated[
    Literal["soft", "binary"] | None, typer.Option("--format", hidden=True, help="--mask-type's old name.")
]
Api = Annotated[
    Literal["v1", "v2", "auto"] | None,
    typer.Option(
        "--api", help="Contract of the service; v2 on Adobe's host, else v1.", rich_help_panel=_SERVICE
    ),
]
BaseURL = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="Where the service is.", rich_help_panel=_SERVICE),
]
Staging = Annotated[
    str | None,
    typer.Option(
        "--staging", metavar="URL", help="Where photos are put for it: s3://, gs:// or az://.",
        rich_help_panel=_SERVICE,
    ),
]  # fmt: skip
PhotoURL = Annotated[
    str | None,
    typer.Option("--photo", metavar="URL", help="A photo that the service is to read itself: from there?"),
]
Deadline = Annotated[
    float | None,
    typer.Option("--deadline", min=1, metavar="S", help="Seconds for a job.", rich_help_panel=_SERVICE),
]
NoCache = Annotated[
    bool,
    typer.Option(
        "--no-cache", help="Neither look for the mask in the cache nor keep it.", rich_help_panel=_SERVICE
    ),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help="Say what the service would be sent.", rich_help_panel=_SERVICE),
]
JobFile = Annotated[
    str | None,
    typer.Option(
        "--job", metavar="FILE", help="Keeps an order until its picture is written; FILE.job.json.",
        rich_help_panel=_SERVICE,
    ),
]  # fmt: skip
Resume = Annotated[
    bool,
    typer.Option(
        "--resume", help="Go on with the order in that file instead of paying another.",
        rich_help_panel=_SERVICE,
    ),
]  # fmt: skip


def mask_type(asked: str, old: str | None) -> str:
    """The type of the mask, by its name of today or by the one it had."""
    if old is None:
        return asked
    typer.echo("maskkit: warning: --format is called --mask-type now", err=True)
    return old
