"""JPEG, written by Pillow: 8 bits, no transparency."""

from __future__ import annotations

from collections.abc import Iterator

from maskkit.codec.options import Options
from maskkit.codec.picture import Picture
from maskkit.codec.pillow_writer import pillow_parts

__all__ = ["jpeg_parts"]


def jpeg_parts(picture: Picture, options: Options) -> Iterator[bytes]:
    """The file; colour at half the resolution below quality 95, as cameras write it."""
    options.refuse_lossless("jpeg")
    quality = options.quality_of("jpeg")
    return pillow_parts(
        picture,
        "jpeg",
        quality=quality,
        subsampling=0 if quality >= 95 else 2,
        optimize=False,
        icc_profile=picture.icc,
        exif=picture.exif,
        dpi=picture.dpi,
    )
