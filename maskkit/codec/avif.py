"""AVIF, written by Pillow: 8 bits with alpha."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from maskkit.codec.metadata import sound_exif
from maskkit.codec.options import Options
from maskkit.codec.picture import Picture
from maskkit.codec.pillow_writer import exif_with_dpi, pillow_parts

__all__ = ["alpha_options", "avif_parts"]

_COARSEST = 63  # AV1's quantizers are 0 to 63


def avif_parts(picture: Picture, options: Options) -> Iterator[bytes]:
    """The file; the alpha is exact unless a quality of it is said, and so is a mask.

    Grey at quality 100 is lossless in libaom; colour is not, since it is stored as luma and chroma.
    """
    if picture.pixels.ndim == 3:
        options.refuse_lossless("avif")
    picture = replace(picture, exif=sound_exif(picture.exif))  # Pillow reads and rewrites it
    return pillow_parts(
        picture,
        "avif",
        quality=100 if options.is_exact(picture) else options.quality_of("avif"),
        advanced=alpha_options(options.alpha_quality) if picture.pixels.shape[2:] == (4,) else None,
        icc_profile=picture.icc,
        exif=exif_with_dpi(picture),
    )


def alpha_options(quality: int | None) -> dict[str, str]:
    """Options of libaom for the alpha, which Pillow gives the quality of the colour."""
    if quality is None or quality == 100:
        return {"a:lossless": "1"}
    return {"a:cq-level": str(round((100 - quality) / 100 * _COARSEST))}
