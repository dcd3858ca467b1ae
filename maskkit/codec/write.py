"""A Picture to a file."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from PIL import Image, ImageColor

from maskkit.codec.atomic import atomic
from maskkit.codec.opening import decoding
from maskkit.errors import CodecError
from maskkit.kernels import convert
from maskkit.pixels import Array, Picture, check_image, check_mask

__all__ = ["Compression", "encode", "write"]

Compression = Literal["fast", "small"]
_FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".avif": "AVIF",
}


def write(
    target: str | os.PathLike[str] | BinaryIO,
    picture: Picture | Array,
    *,
    format: str | None = None,
    quality: int | None = None,
    lossless: bool = False,
    background: str | None = None,
    compression: Compression = "fast",
) -> None:
    """Write a picture or a mask; the format comes from the extension or from ``format``."""
    is_path = isinstance(target, (str, os.PathLike))
    if format is None and is_path:
        suffix = Path(os.fspath(target)).suffix.lower()  # type: ignore[arg-type]
        if suffix not in _FORMATS:
            raise CodecError(f"{target}: unknown extension {suffix!r}; need one of {', '.join(_FORMATS)}")
        format = _FORMATS[suffix]
    if format is None:
        raise CodecError("format: needed to write to a file object")
    content = encode(
        picture,
        format,
        quality=quality,
        lossless=lossless,
        background=background,
        compression=compression,
    )
    if not is_path:
        target.write(content)  # type: ignore[union-attr]
        return
    with atomic(target) as temporary:  # type: ignore[arg-type]
        temporary.write_bytes(content)


def encode(
    picture: Picture | Array,
    format: str,
    *,
    quality: int | None = None,
    lossless: bool = False,
    background: str | None = None,
    compression: Compression = "fast",
) -> bytes:
    """The bytes of a file of ``format`` with the picture or mask in it."""
    kind = _FORMATS.get("." + format.lower().lstrip("."))
    if kind is None:
        raise CodecError(f"format: {format!r} is unknown; need one of {', '.join(_FORMATS)}")
    record = picture if isinstance(picture, Picture) else None
    pixels = record.pixels if record else picture
    pixels = check_mask(pixels) if getattr(pixels, "ndim", 0) == 2 else check_image(pixels)
    if pixels.dtype != np.uint8:
        pixels = convert(pixels, np.uint8)
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if image.mode == "RGBA" and kind == "JPEG":
        if background is None:
            raise CodecError("JPEG holds no transparency; give a background= or another format")
        image = Image.alpha_composite(Image.new("RGBA", image.size, ImageColor.getrgb(background)), image)
        image = image.convert("RGB")
    options: dict[str, Any] = {"lossless": lossless} if kind == "WEBP" else {}
    if kind == "PNG":
        options["compress_level"] = 1 if compression == "fast" else 9
    if quality is not None:
        options["quality"] = quality
    if record:
        known = {"icc_profile": record.icc, "exif": record.exif, "dpi": record.dpi}
        options |= {key: value for key, value in known.items() if value}
    stream = io.BytesIO()
    with decoding("the picture"):
        image.save(stream, kind, **options)
    return stream.getvalue()
