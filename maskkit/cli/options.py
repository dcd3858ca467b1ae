"""The options that several commands have."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

__all__ = [
    "Api",
    "BaseURL",
    "Deadline",
    "Json",
    "Lossless",
    "MaxPixels",
    "Output",
    "Quality",
    "Quiet",
    "Staging",
    "ToSRGB",
]

Output = Annotated[
    str,
    typer.Option(
        "-o", "--output", metavar="FILE", help="Where to write; - is standard output.", show_default=False
    ),
]
Quality = Annotated[int | None, typer.Option("--quality", min=1, max=100, help="Of lossy JPEG, WebP, AVIF.")]
Lossless = Annotated[bool, typer.Option("--lossless", help="Lossless WebP.")]
ToSRGB = Annotated[
    bool, typer.Option("--to-srgb", help="Convert CMYK, Lab and other colour profiles to sRGB.")
]
MaxPixels = Annotated[int, typer.Option("--max-pixels", min=1, help="Refuse a larger picture.")]
Api = Annotated[
    Literal["v1", "v2", "auto"] | None,
    typer.Option("--api", help="Contract of --source adobe; v2 on Adobe's host, else v1."),
]
BaseURL = Annotated[str | None, typer.Option("--base-url", metavar="URL", help="Service of --source adobe.")]
Staging = Annotated[
    str | None, typer.Option("--staging", metavar="URL", help="s3://, gs:// or az://, for --source adobe.")
]
Deadline = Annotated[
    float | None, typer.Option("--deadline", min=1, metavar="S", help="Seconds for --source adobe.")
]
Json = Annotated[bool, typer.Option("--json", help="Report as one JSON object.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but what went wrong.")]
