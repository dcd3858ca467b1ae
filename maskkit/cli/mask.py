"""``maskkit mask``: the grey mask of a photo."""

from __future__ import annotations

from maskkit.cli.making import making


@making(
    "mask",
    (
        "to_srgb",
        "premultiplied",
        "unnamed_alpha",
        "tone_map",
        "frame",
        "trim",
        "trim_level",
        "to",
        "quality",
        "lossless",
        "compression",
    ),
)
def mask() -> None:
    """Write the grey mask of a photo's subject.

    maskkit mask photo.jpg mask.png

    maskkit mask photo.jpg -o mask.png --mask-type binary --grow 2
    """
