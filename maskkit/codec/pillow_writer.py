"""The formats that Pillow writes: 8 bits, in one piece."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from maskkit.codec.metadata import dpi_exif
from maskkit.codec.opening import decoding
from maskkit.codec.picture import Picture
from maskkit.errors import CodecError
from maskkit.kernels import convert

__all__ = ["exif_with_dpi", "pillow_parts"]


def pillow_parts(picture: Picture, format: str, **options: Any) -> Iterator[bytes]:
    """The file that Pillow writes of the nearest 8-bit values; options that are None are left out."""
    image = Image.fromarray(np.ascontiguousarray(convert(picture.pixels, np.uint8)))
    known = {name: value for name, value in options.items() if value is not None}
    file = io.BytesIO()
    try:
        with decoding("the picture"):
            image.save(file, format, **known)
    except CodecError as error:
        reason = str(error).rpartition(": ")[2]
        width, height = picture.size
        raise CodecError(f"{width}x{height} cannot be written as {format}: {reason}") from None
    yield file.getvalue()


def exif_with_dpi(picture: Picture) -> bytes | None:
    """The picture's EXIF, or a small one of its resolution, for the formats without a field for that."""
    return picture.exif or (dpi_exif(picture.dpi) if picture.dpi else None)
