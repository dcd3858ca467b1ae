"""The merged picture of a PSD, with its profile and resolution.

Where it is transparent, Photoshop stores its colour over white; that is undone: ``C = 1 - (1 - S) / a``.
"""

from __future__ import annotations

import struct

import numpy as np

from maskkit.codec.layers.cursor import Cursor
from maskkit.codec.layers.packbits import unpacked
from maskkit.codec.picture import Picture
from maskkit.errors import CodecError
from maskkit.pixels import Array, max_value

__all__ = ["known", "merged_picture"]

_RESOLUTION, _ICC = 1005, 1039


def known(resources: Cursor) -> tuple[bytes | None, tuple[float, float] | None]:
    """The ICC profile and the dpi in the image resources."""
    icc, dpi = None, None
    while resources.left >= 12:
        signature, number = resources.take(">4sH")
        if signature != b"8BIM":
            break
        (length,) = resources.take(">B")
        resources.skip(length + (length + 1) % 2)
        block = resources.block(">I")
        resources.skip(min(block.size % 2, resources.left))
        if number == _ICC:
            icc = block.bytes(block.size)
        elif number == _RESOLUTION and block.left >= 16:
            across, _, _, down = block.take(">IHHI")
            dpi = (across / 65536, down / 65536) if across and down else None
    return icc if icc and icc[16:20] == b"RGB " else None, dpi


def merged_picture(
    cursor: Cursor, shape: tuple[int, int, int], depth: int, *, colours: int, clear: bool, icc: bytes | None
) -> Picture:
    """Channels, height, width of ``shape``; with ``clear`` the channel after the colours is its alpha."""
    channels, height, width = shape
    kept = colours + (1 if clear and channels > colours else 0)
    if channels < colours:
        raise CodecError(f"is a PSD of RGB with {channels} channels")
    row = width * depth // 8
    (compression,) = cursor.take(">H")
    if compression == 0:
        raw = cursor.bytes(kept * height * row)
    elif compression == 1:
        form, size = ("I", 4) if cursor.big else ("H", 2)
        lengths = struct.unpack(f">{channels * height}{form}", cursor.bytes(channels * height * size))
        raw = b"".join(unpacked(cursor.bytes(packed), row)[:row] for packed in lengths[: kept * height])
    else:
        raise CodecError(f"has a merged picture of compression {compression}")
    if len(raw) != kept * height * row:
        raise CodecError("is damaged: its merged picture ends early")
    planes = np.frombuffer(raw, ">u2" if depth == 16 else np.uint8).reshape(kept, height, width)
    if colours == 1:
        planes = planes[[0, 0, 0, *range(1, kept)]]
    pixels = np.ascontiguousarray(np.moveaxis(planes, 0, 2)).astype(np.uint16 if depth == 16 else np.uint8)
    return Picture(_off_white(pixels) if kept > colours else pixels, icc)


def _off_white(image: Array) -> Array:
    """To the nearest; white where alpha is 0."""
    top = max_value(image.dtype)
    wide = image.astype(np.int64)
    alpha = np.maximum(wide[..., 3:], 1)
    colour = top - (2 * (top - wide[..., :3]) * top + alpha) // (2 * alpha)
    colour = np.where(wide[..., 3:] > 0, colour.clip(0, top), top)
    return np.concatenate([colour, wide[..., 3:]], axis=2).astype(image.dtype)
