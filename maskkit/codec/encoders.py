"""A Picture to the pieces of a file, one function a format."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from maskkit.codec.deflate import Compression
from maskkit.codec.metadata import MAX_DPI, dpi_exif, sound_exif, upright_exif
from maskkit.codec.opening import decoding
from maskkit.codec.png import png_parts
from maskkit.errors import CodecError, PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array, Picture, check_image, check_mask, max_value

__all__ = ["parts"]

_QUALITY = {"jpeg": 90, "webp": 90, "avif": 80}
# Pixels a side: libjpeg's and libwebp's limits; an AVIF beyond libavif's is written but never read again.
_MOST = {"jpeg": 65500, "webp": 16383, "avif": 32768}
_COMPRESSIONS = ("fast", "small")


def parts(
    picture: Any,
    format: str,
    *,
    quality: int | None,
    lossless: bool,
    background: str | None,
    compression: Compression,
) -> Iterator[bytes]:
    """The pieces of a file of ``format``; see `write` for the options."""
    _check_options(format, quality, lossless, compression)
    record = _checked(picture, format)
    if record.pixels.ndim == 3 and record.pixels.shape[2] == 4:
        record = _with_ground(record, format, background)
    if format == "png":
        return png_parts(record.with_pixels(_deep(record.pixels)), compression)
    if format == "tiff":
        from maskkit.codec.tiff import tiff_parts

        return tiff_parts(record.with_pixels(_deep(record.pixels)), compression)
    if lossless and record.pixels.dtype not in (np.uint8, np.bool_):
        raise CodecError(
            f"lossless: {format} holds 8 bits, the picture is {record.pixels.dtype}; use png or tiff"
        )
    return _by_pillow(record, format, quality or _QUALITY[format], lossless)


def _check_options(format: str, quality: int | None, lossless: bool, compression: str) -> None:
    if quality is not None and not (isinstance(quality, int) and 1 <= quality <= 100):
        raise PixelError(f"quality: need a whole number from 1 to 100, got {quality!r}")
    if compression not in _COMPRESSIONS:
        raise PixelError(f"compression: need 'fast' or 'small', got {compression!r}")
    if lossless and format in ("jpeg", "avif"):
        raise CodecError(f"lossless: {format} as written here is lossy; use png, tiff or webp")


def _checked(picture: Any, format: str) -> Picture:
    record = picture if isinstance(picture, Picture) else Picture(picture)
    if getattr(record.pixels, "ndim", 0) == 2:
        check_mask(record.pixels, "picture")
    else:
        check_image(record.pixels, "picture")
    if record.dpi is not None:
        _check_dpi(record.dpi)
    width, height = record.size
    most = _MOST.get(format)
    if most and max(width, height) > most:
        raise CodecError(
            f"{width}x{height} cannot be written as {format}, which holds up to {most} pixels a side"
        )
    exif = sound_exif(record.exif) if format in ("tiff", "avif") else record.exif
    return replace(record, exif=upright_exif(exif))


def _check_dpi(dpi: Any) -> None:
    try:
        across, down = dpi
        sound = bool(0 < across <= MAX_DPI and 0 < down <= MAX_DPI)
    except (TypeError, ValueError):
        sound = False
    if not sound:
        raise PixelError(f"dpi: need two numbers above 0 and up to {MAX_DPI}, got {dpi!r}")


def _with_ground(record: Picture, format: str, background: str | None) -> Picture:
    pixels = record.pixels
    if background is not None:
        from maskkit.codec.flatten import flatten

        return record.with_pixels(flatten(pixels, background))
    if format != "jpeg":
        return record
    if (pixels[..., 3] != max_value(pixels.dtype)).any():
        raise CodecError("jpeg holds no transparency; give background= a colour, or write png or webp")
    return record.with_pixels(pixels[..., :3])


def _deep(pixels: Array) -> Array:
    """uint8 and uint16 stay, bool becomes 0 and 255, float becomes 16 bits."""
    if pixels.dtype == np.bool_:
        return convert(pixels, np.uint8)
    return convert(pixels, np.uint16) if pixels.dtype.kind == "f" else pixels


def _by_pillow(record: Picture, format: str, quality: int, lossless: bool) -> Iterator[bytes]:
    image = Image.fromarray(np.ascontiguousarray(convert(record.pixels, np.uint8)))
    known = {"icc_profile": record.icc, "exif": record.exif, "dpi": record.dpi}
    if format != "jpeg":  # JPEG has a field of its own for the resolution
        known["exif"] = record.exif or (dpi_exif(record.dpi) if record.dpi else None)
    options: dict[str, Any] = {name: value for name, value in known.items() if value}
    if format == "webp":
        # exact: colour under alpha 0 is kept, lossy or not, as it is everywhere else
        options |= {"lossless": lossless, "exact": True, "method": 4}
    if format == "jpeg":
        options |= {"subsampling": 0 if quality >= 95 else 2, "optimize": False}
    file = io.BytesIO()
    try:
        with decoding("the picture"):
            image.save(file, format, quality=quality, **options)
    except CodecError as error:
        reason = str(error).rpartition(": ")[2]
        raise CodecError(
            f"{record.size[0]}x{record.size[1]} cannot be written as {format}: {reason}"
        ) from None
    yield file.getvalue()
