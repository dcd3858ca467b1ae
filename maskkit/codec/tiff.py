"""TIFF of 8 or 16 bits: strips of rows, each a deflate stream of its own, compressed in parallel.

Pillow's TIFF writer holds 8 bits of colour only; its directory writer serves both.

References
----------
TIFF Revision 6.0; Adobe Photoshop TIFF Technical Notes (deflate, compression 8).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2 as Directory

from maskkit.codec.deflate import HEADER, TRAILER, adler32, deflate
from maskkit.codec.metadata import sound_exif
from maskkit.codec.opening import decoding
from maskkit.codec.options import Options
from maskkit.codec.picture import Picture
from maskkit.kernels import compose, stream_bands
from maskkit.pixels import Array

__all__ = ["tiff_parts"]

_STRIP_BYTES = 512 * 1024
_ASSOCIATED, _STRAIGHT = 1, 2  # of ExtraSamples


def tiff_parts(picture: Picture, options: Options) -> Iterator[bytes]:
    """The file in pieces; ``picture.pixels`` is uint8 or uint16, ``(H, W)`` or with 3 or 4 channels."""
    pixels = picture.pixels
    if options.associated and pixels.shape[2:] == (4,):
        pixels = np.empty_like(pixels)
        compose.premultiply(picture.pixels, pixels)
    rows = max(1, _STRIP_BYTES * pixels.shape[0] // pixels.nbytes)

    def strip(top: int, bottom: int) -> bytes:
        content = _predicted(pixels[top:bottom])
        end = TRAILER + adler32(content).to_bytes(4, "big")
        return HEADER + deflate(content, options.compression) + end

    strips = list(stream_bands(strip, pixels.shape[0], rows))
    yield _directory(
        picture, [len(one) for one in strips], rows, _ASSOCIATED if options.associated else _STRAIGHT
    )
    yield from strips


def _predicted(band: Array) -> Array:
    """Differences to the pixel on the left (predictor 2), modulo the range of the dtype."""
    out = np.array(band, order="C", dtype=band.dtype.newbyteorder("<"))
    np.subtract(band[:, 1:], band[:, :-1], out=out[:, 1:])
    return out


def _directory(picture: Picture, lengths: list[int], rows: int, alpha: int) -> bytes:
    pixels = picture.pixels
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    tags: Any = Directory(prefix=b"II")
    for tag, value in _described(picture).items():
        tags[tag] = value
    tags[256], tags[257] = pixels.shape[1], pixels.shape[0]
    tags[258] = (8 * pixels.itemsize,) * channels
    tags[259], tags[262], tags[277] = 8, 1 if channels == 1 else 2, channels
    tags[278], tags[279], tags[284], tags[317] = rows, tuple(lengths), 1, 2
    # Pillow adds the end of the directory to these as it writes them.
    tags[273] = tuple(np.cumsum([0, *lengths[:-1]]).tolist())
    tags.tagtype[273] = tags.tagtype[279] = 4
    if channels == 4:
        tags[338] = (alpha,)
    file = io.BytesIO()
    tags.save(file)
    return file.getvalue()


def _described(picture: Picture) -> dict[int, Any]:
    """EXIF's tags, the resolution and the profile, as tags of a TIFF."""
    tags: dict[int, Any] = {}
    if known := sound_exif(picture.exif):
        exif = Image.Exif()
        with decoding("exif"):
            exif.load(known)
            tags = {tag: exif.get_ifd(tag) if tag in (0x8769, 0x8825) else exif[tag] for tag in exif}
        tags = {tag: value for tag, value in tags.items() if tag in _KEPT}
    if picture.dpi:
        tags |= {282: picture.dpi[0], 283: picture.dpi[1], 296: 2}
    if picture.icc:
        tags[34675] = picture.icc
    return tags


_KEPT = {0x010E, 0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0131, 0x0132, 0x013B, 0x8298, 0x8769, 0x8825}
