"""Animated PNG, read and written a frame at a time.

Every frame is a PNG of its own to the reader and the writer of stills, so that 16 bits and profiles are kept.

References
----------
W3C Portable Network Graphics (PNG) Specification, Third Edition, 11.3.6.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import count
from typing import BinaryIO

import numpy as np

from maskkit.codec.deflate import crc32
from maskkit.codec.frames.canvas import Part, changed, composed, rgba
from maskkit.codec.frames.frame import Frame, Frames
from maskkit.codec.opening import Opened, decoding, open_image
from maskkit.codec.options import Options
from maskkit.codec.picture import Picture
from maskkit.codec.png import SIGNATURE, chunk, png_parts
from maskkit.codec.png_layout import chunks, size_of
from maskkit.codec.reading import read_opened
from maskkit.errors import CodecError
from maskkit.pixels import Array

__all__ = ["read_apng", "write_apng"]

_AFTER = {0: "keep", 1: "clear", 2: "restore"}


def read_apng(content: bytes, name: str) -> Frames | None:
    """The frames of an animated PNG; None of a still one."""
    kind, data, _ = next((one for one in chunks(content) if one[0] in (b"IDAT", b"acTL")), (b"", b"", b""))
    if kind != b"acTL" or len(data) != 8:
        return None
    number, plays = struct.unpack(">II", data)
    size = size_of(content)
    return Frames(name, size, lambda: composed(_parts(content, name), size, name), number, plays)


def _parts(content: bytes, name: str) -> Iterator[Part]:
    with decoding(name):
        header, known = b"", b""
        control: tuple[int, ...] = ()
        stored: list[bytes] = []
        for kind, data, checksum in chunks(content):
            if int.from_bytes(checksum, "big") != crc32(data, crc32(kind)):
                break
            if kind in (b"fcTL", b"IEND") and control:
                yield _part(header, known, control, stored, name)
            if kind == b"IEND":
                return
            if kind == b"fcTL":
                control, stored = struct.unpack(">IIIIIHHBB", data), []
            elif kind == b"IHDR":
                header = bytes(data)
            elif kind == b"IDAT":  # before the first control it is a still for those that know no animation
                stored.append(bytes(data))
            elif kind == b"fdAT":
                stored.append(bytes(data[4:]))
            elif not stored and kind not in (b"acTL", b"eXIf"):
                known += chunk(kind, bytes(data))
    raise CodecError(f"{name}: is damaged or cut short")


def _part(header: bytes, known: bytes, control: tuple[int, ...], stored: list[bytes], name: str) -> Part:
    _, width, height, left, top, numerator, denominator, after, over = control
    size = struct.unpack(">II", header[:8])
    if left + width > size[0] or top + height > size[1]:
        raise CodecError(f"{name}: a frame of {width}x{height} at ({left}, {top}) is larger than the canvas")
    still = SIGNATURE + chunk(b"IHDR", struct.pack(">II", width, height) + header[8:]) + known
    still += b"".join(chunk(b"IDAT", one) for one in stored) + chunk(b"IEND", b"")
    picture = read_opened(Opened(open_image(still, name, size[0] * size[1]), still, name))
    seconds = Fraction(numerator, denominator or 100)
    return Part(picture, left, top, seconds, bool(over), _AFTER[after])  # type: ignore[arg-type]


def write_apng(file: BinaryIO, frames: Iterable[Frame], plays: int, options: Options) -> None:
    """Write the frames as an animated PNG of RGBA; of each, the box of what has changed.

    How many there are is known at the end, and then written to the head.
    """
    before: Array | None = None
    number, order, place = 0, count(), 0
    for picture, seconds, _ in frames:
        now = rgba(picture.pixels, _dtype(picture.pixels, options) if before is None else before.dtype)
        left, top, right, bottom = changed(before, now)
        control = _control((right - left, bottom - top, left, top), seconds)
        icc = picture.icc if before is None else None
        still = b"".join(png_parts(Picture(now[top:bottom, left:right], icc), options))
        if before is None:
            place = _write_head(file, still)
        file.write(chunk(b"fcTL", struct.pack(">I", next(order)) + control))
        for data in (data for kind, data, _ in chunks(still) if kind == b"IDAT"):
            if before is None:
                file.write(chunk(b"IDAT", bytes(data)))
            else:
                file.write(chunk(b"fdAT", struct.pack(">I", next(order)) + data))
        before, number = now, number + 1
    file.write(chunk(b"IEND", b""))
    file.seek(place)
    file.write(chunk(b"acTL", struct.pack(">II", number, plays)))


def _dtype(pixels: Array, options: Options) -> type[np.generic]:
    bits = options.bits or (8 if pixels.dtype in (np.uint8, np.bool_) else 16)
    return np.uint8 if bits == 8 else np.uint16


def _write_head(file: BinaryIO, still: bytes) -> int:
    """What stands before the pixels, with room for the number of frames; where that room is."""
    known = [(kind, bytes(data)) for kind, data, _ in chunks(still) if kind not in (b"IDAT", b"IEND")]
    file.write(SIGNATURE + chunk(*known[0]))
    place = file.tell()
    file.write(chunk(b"acTL", bytes(8)) + b"".join(chunk(*one) for one in known[1:]))
    return place


def _control(box: tuple[int, int, int, int], seconds: Fraction) -> bytes:
    """A frame's size and place, its time as a fraction of 16 bits, kept afterwards, put down as it is."""
    most = max(1, min(65535, int(65535 / seconds) if seconds else 65535))
    time = seconds.limit_denominator(most)
    return struct.pack(">IIIIHHBB", *box, min(time.numerator, 65535), time.denominator, 0, 0)
