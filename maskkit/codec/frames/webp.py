"""Animated WebP, read and written a frame at a time; Pillow decodes and encodes each as a still.

References
----------
RFC 9649, WebP Image Format, 2.7.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import BinaryIO

import numpy as np

from maskkit.codec.formats import FORMATS
from maskkit.codec.frames.canvas import Part, changed, composed, rgba
from maskkit.codec.frames.clock import Clock
from maskkit.codec.frames.frame import Frame, Frames
from maskkit.codec.opening import Opened, decoding, open_image
from maskkit.codec.options import Options
from maskkit.codec.picture import Picture
from maskkit.codec.reading import read_opened
from maskkit.codec.webp import webp_parts
from maskkit.codec.webp_header import webp_size
from maskkit.errors import CodecError
from maskkit.pixels import Array

__all__ = ["read_webp", "write_webp"]

_TICK = Fraction(1, 1000)
_ANIMATED, _ALPHA, _ICC = 0x02, 0x10, 0x20
_PIXELS = (b"ALPH", b"VP8 ", b"VP8L")


def read_webp(content: bytes, name: str) -> Frames | None:
    """The frames of an animated WebP; None of a still one. The background colour is a hint nobody heeds."""
    if content[12:16] != b"VP8X" or not content[20] & _ANIMATED:
        return None
    with decoding(name):
        number, plays, icc = 0, 0, None
        for kind, start, end in _chunks(content, 12, name):
            if kind == b"ANIM":
                plays = int.from_bytes(content[start + 4 : start + 6], "little")
            elif kind == b"ICCP":
                icc = content[start:end]
            number += kind == b"ANMF"
        size = webp_size(content)
    return Frames(
        name, size, lambda: composed(_parts(content, icc, name), size, name), number, plays, tick=_TICK
    )


def _chunks(content: bytes, at: int, name: str, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and end of the chunks; CodecError where the last is not all there."""
    end = len(content) if end is None else end
    while at + 8 <= end:
        start, length = at + 8, int.from_bytes(content[at + 4 : at + 8], "little")
        if start + length > end:
            raise CodecError(f"{name}: is cut short")
        yield content[at : at + 4], start, start + length
        at = start + length + length % 2


def _parts(content: bytes, icc: bytes | None, name: str) -> Iterator[Part]:
    with decoding(name):
        for kind, start, end in _chunks(content, 12, name):
            if kind == b"ANMF":
                yield _part(content, start, end, icc, name)


def _part(content: bytes, start: int, end: int, icc: bytes | None, name: str) -> Part:
    head = content[start : start + 16]
    left, top, width, height, ticks = (int.from_bytes(head[at : at + 3], "little") for at in range(0, 15, 3))
    stored = [
        (kind, content[first:last])
        for kind, first, last in _chunks(content, start + 16, name, end)
        if kind in _PIXELS
    ]
    still = _still(stored, width + 1, height + 1)
    picture = read_opened(Opened(open_image(still, name), still, name))
    if picture.size != (width + 1, height + 1):
        raise CodecError(f"{name}: a frame says {width + 1}x{height + 1} and is {picture.size}")
    after = "clear" if head[15] & 1 else "keep"
    picture = Picture(picture.pixels, icc)
    return Part(picture, 2 * left, 2 * top, ticks * _TICK, not head[15] & 2, after)  # type: ignore[arg-type]


def _still(stored: list[tuple[bytes, bytes]], width: int, height: int) -> bytes:
    alpha = any(kind != b"VP8 " for kind, _ in stored)
    return _riff(_header(_ALPHA * alpha, width, height) + b"".join(_chunk(*one) for one in stored))


def _header(flags: int, width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _riff(inner: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(inner)) + b"WEBP" + inner


def write_webp(file: BinaryIO, frames: Iterable[Frame], plays: int, options: Options) -> None:
    """Write the frames as an animated WebP of RGBA; of each, the box of what has changed."""
    clock, before = Clock(_TICK), None
    for picture, seconds, _ in frames:
        now = rgba(picture.pixels, np.uint8)
        if before is None:
            _write_head(file, now, picture.icc, plays)
        left, top, right, bottom = changed(before, now, step=2)
        box = left // 2, top // 2, right - left - 1, bottom - top - 1, min(clock.ticks(seconds), 2**24 - 1)
        still = b"".join(webp_parts(Picture(now[top:bottom, left:right]), options))
        pixels = [
            (kind, still[start:end]) for kind, start, end in _chunks(still, 12, "WebP") if kind in _PIXELS
        ]
        head = b"".join(one.to_bytes(3, "little") for one in box) + b"\x02"  # put down as it is, and kept
        file.write(_chunk(b"ANMF", head + b"".join(_chunk(*one) for one in pixels)))
        before = now
    length = file.tell()
    file.seek(4)
    file.write(struct.pack("<I", length - 8))


def _write_head(file: BinaryIO, pixels: Array, icc: bytes | None, plays: int) -> None:
    height, width = pixels.shape[:2]
    if max(width, height) > (FORMATS["webp"].side or 0):
        raise CodecError(f"{width}x{height} cannot be written as webp, which holds up to 16383 pixels a side")
    head = _header(_ANIMATED | _ALPHA | _ICC * bool(icc), width, height)
    profile = _chunk(b"ICCP", icc) if icc else b""
    file.write(_riff(head + profile + _chunk(b"ANIM", struct.pack("<IH", 0, min(plays, 65535)))))
