"""WebP, written by Pillow: 8 bits with alpha."""

from __future__ import annotations

from collections.abc import Iterator

from maskkit.codec.options import Options
from maskkit.codec.picture import Picture
from maskkit.codec.pillow_writer import exif_with_dpi, pillow_parts

__all__ = ["webp_parts"]


def webp_parts(picture: Picture, options: Options) -> Iterator[bytes]:
    """The file; the alpha is exact unless a quality of it is said, and so is a mask."""
    return pillow_parts(
        picture,
        "webp",
        quality=options.quality_of("webp"),
        lossless=options.is_exact(picture),
        alpha_quality=options.alpha_quality,
        exact=True,  # colour under alpha 0 is kept, lossy or not, as it is everywhere else
        method=4,
        icc_profile=picture.icc,
        exif=exif_with_dpi(picture),
    )
