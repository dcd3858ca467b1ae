"""A picture to the pieces of a file: what every format asks of it, then the encoder that the table names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from maskkit.codec.formats import FileFormat, loaded
from maskkit.codec.inputs import ImageInput, to_record
from maskkit.codec.metadata import MAX_DPI, upright_exif
from maskkit.codec.options import Options
from maskkit.codec.picture import Picture
from maskkit.errors import CodecError, PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array, max_value

__all__ = ["parts"]


def parts(picture: ImageInput, format: FileFormat, options: Options) -> Iterator[bytes]:
    """The pieces of a file of ``format``; see `write` for the options. What is wrong is told at once."""
    if options.associated and format.name != "tiff":
        raise CodecError(f"associated: {format.name} holds straight alpha; use tiff")
    record = _checked(to_record(picture), format)
    if record.pixels.ndim == 2:
        record = replace(record, icc=None)  # a mask has no colour, and grey files no profile for RGB
    if record.pixels.shape[2:] == (4,):
        record = _with_ground(record, format, options.background)
    if options.bits is not None:
        record = record.with_pixels(_of_bits(record.pixels, options.bits, format))
    deep = record.pixels.dtype not in (np.uint8, np.bool_)
    if format.bits == 16:
        record = record.with_pixels(_deep(record.pixels))
    elif options.lossless and deep:
        raise CodecError(
            f"lossless: {format.name} holds 8 bits, the picture is {record.pixels.dtype}; use png or tiff"
        )
    pieces: Iterator[bytes] = loaded(format.encoder)(record, options)
    return pieces


def _checked(record: Picture, format: FileFormat) -> Picture:
    if record.dpi is not None:
        _check_dpi(record.dpi)
    width, height = record.size
    if format.side and max(width, height) > format.side:
        raise CodecError(
            f"{width}x{height} cannot be written as {format.name}, which holds up to {format.side} pixels a "
            "side"
        )
    return replace(record, exif=upright_exif(record.exif))


def _check_dpi(dpi: Any) -> None:
    try:
        across, down = dpi
        sound = bool(0 < across <= MAX_DPI and 0 < down <= MAX_DPI)
    except (TypeError, ValueError):
        sound = False
    if not sound:
        raise PixelError(f"dpi: need two numbers above 0 and up to {MAX_DPI}, got {dpi!r}")


def _with_ground(record: Picture, format: FileFormat, background: str | None) -> Picture:
    pixels = record.pixels
    if background is not None:
        from maskkit.codec.flatten import flatten
        from maskkit.codec.one_space import color_in_space

        return record.with_pixels(flatten(pixels, color_in_space(background, record.icc, pixels.dtype)))
    if format.alpha:
        return record
    if (pixels[..., 3] != max_value(pixels.dtype)).any():
        raise CodecError(
            f"{format.name} holds no transparency; give background= a colour, or write png or webp"
        )
    return record.with_pixels(pixels[..., :3])


def _of_bits(pixels: Array, bits: int, format: FileFormat) -> Array:
    if bits > format.bits:
        raise CodecError(f"bits: {format.name} holds {format.bits} bits, got {bits}; use png or tiff")
    return convert(pixels, np.uint8 if bits == 8 else np.uint16)


def _deep(pixels: Array) -> Array:
    """uint8 and uint16 stay, bool becomes 0 and 255, float becomes 16 bits."""
    if pixels.dtype == np.bool_:
        return convert(pixels, np.uint8)
    return convert(pixels, np.uint16) if pixels.dtype.kind == "f" else pixels
