"""Animated GIF, read and written a frame at a time; Pillow decodes, and packs, each as a still.

References
----------
GIF89a Specification, CompuServe, 1990; NETSCAPE2.0, the extension of loops.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import Image

from maskkit.codec.frames.canvas import Part, composed, rgba
from maskkit.codec.frames.clock import Clock
from maskkit.codec.frames.frame import Frame, Frames
from maskkit.codec.one_space import in_space
from maskkit.codec.opening import Opened, decoding, open_image
from maskkit.codec.picture import Picture
from maskkit.codec.reading import read_opened
from maskkit.errors import CodecError
from maskkit.hearing import warn
from maskkit.pixels import Array

__all__ = ["read_gif", "write_gif"]

_TICK = Fraction(1, 100)
_UNTIMED = Fraction(1, 10)  # what browsers show a frame of no time
_LOOPS = b"\x21\xff\x0bNETSCAPE2.0\x03\x01"
_CLEAR = 255  # the entry that stands for transparent
_SOFT = "GIF holds alpha of one bit: soft edges are cut at one half; APNG and WebP keep them"
_FAST = "GIF is shown with at most 50 frames a second: the animation takes longer than its source"


class _Block(NamedTuple):
    """An image as it is stored, with the control before it."""

    box: tuple[int, int, int, int]
    interlaced: bool
    table: bytes
    data: bytes
    seconds: Fraction
    clear: int | None
    after: int


def read_gif(content: bytes, name: str) -> Frames:
    """The frames of a GIF. A canvas that is smaller than the first frame grows to it, as in browsers."""
    with decoding(name):
        number, plays, first = 0, 1, (0, 0, 0, 0)
        for found in _blocks(content, name):
            if isinstance(found, int):
                plays = found
            else:
                first, number = (first if number else found.box), number + 1
        if not number:
            raise CodecError(f"{name}: holds no frame")
        width, height = struct.unpack("<HH", content[6:10])
        size = max(width, first[0] + first[2]), max(height, first[1] + first[3])
    return Frames(name, size, lambda: composed(_parts(content, name), size, name), number, plays, tick=_TICK)


def _parts(content: bytes, name: str) -> Iterator[Part]:
    with decoding(name):
        for found in _blocks(content, name):
            if isinstance(found, _Block):
                left, top, width, height = found.box
                still = _still(found)
                picture = read_opened(Opened(open_image(still, name, width * height), still, name))
                after = {2: "clear", 3: "restore"}.get(found.after, "keep")
                yield Part(picture, left, top, found.seconds, True, after)  # type: ignore[arg-type]


def _still(block: _Block) -> bytes:
    """A file of this frame alone."""
    flags = 0x80 | (len(block.table) // 3).bit_length() - 2
    file = b"GIF89a" + struct.pack("<HHBBB", *block.box[2:], flags, 0, 0) + block.table
    if block.clear is not None:
        file += b"\x21\xf9\x04\x01\0\0" + bytes([block.clear]) + b"\0"
    file += b"\x2c" + struct.pack("<HHHHB", 0, 0, *block.box[2:], 0x40 * block.interlaced)
    return file + block.data + b"\x3b"


def _blocks(content: bytes, name: str) -> Iterator[_Block | int]:
    """The images, and how often they are shown where the file says so."""
    at, shared = 13, b""
    if content[10] & 0x80:
        at += 3 * 2 ** ((content[10] & 7) + 1)
        shared = content[13:at]
    seconds, clear, after = _UNTIMED, None, 0
    while at < len(content):
        kind = content[at]
        if kind == 0x3B:
            return
        if kind == 0x21:
            start, at = at, _behind(content, at + 2, name)
            if content[start + 1] == 0xF9:
                flags, ticks, index = struct.unpack("<BHB", content[start + 3 : start + 7])
                seconds = ticks * _TICK or _UNTIMED
                clear, after = (index if flags & 1 else None), flags >> 2 & 7
            elif content[start + 3 : start + 14] == b"NETSCAPE2.0" and content[start + 15] == 1:
                repeats = int.from_bytes(content[start + 16 : start + 18], "little")
                yield repeats + 1 if repeats else 0
        elif kind == 0x2C:
            *box, flags = struct.unpack("<HHHHB", content[at + 1 : at + 10])
            start = at + 10 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
            table = content[at + 10 : start] or shared
            at = _behind(content, start + 1, name)
            yield _Block(tuple(box), bool(flags & 0x40), table, content[start:at], seconds, clear, after)
            seconds, clear, after = _UNTIMED, None, 0
        else:
            break
    raise CodecError(f"{name}: is cut short")


def _behind(content: bytes, at: int, name: str) -> int:
    """Where a row of sub-blocks ends."""
    while at < len(content):
        if not content[at]:
            return at + 1
        at += 1 + content[at]
    raise CodecError(f"{name}: is cut short")


def write_gif(file: BinaryIO, frames: Iterable[Frame], plays: int) -> None:
    """Write the frames as a GIF: 255 colours of its own and one bit of alpha each, times in hundredths.

    Warns of soft alpha, and of times that are too short to be shown.
    """
    clock, told = Clock(_TICK, least=2), set[str]()
    for number, (picture, seconds, _) in enumerate(frames):
        pixels = rgba(in_space(_colour(picture), None).pixels, np.uint8)
        if number == 0:
            file.write(b"GIF89a" + struct.pack("<HHBBB", pixels.shape[1], pixels.shape[0], 0x70, 0, 0))
            if plays != 1:
                repeats = max(plays - 1, 0)
                file.write(_LOOPS + struct.pack("<HB", min(repeats, 65535), 0))
        if ((pixels[..., 3] > 0) & (pixels[..., 3] < 255)).any():
            _tell(_SOFT, told)
        if seconds < 2 * _TICK:
            _tell(_FAST, told)
        file.write(_packed(pixels, min(clock.ticks(seconds), 65535)))
    file.write(b"\x3b")


def _tell(words: str, told: set[str]) -> None:
    if words not in told:
        warn(words, stacklevel=4)
    told.add(words)


def _colour(picture: Picture) -> Picture:
    return picture.with_pixels(rgba(picture.pixels, picture.pixels.dtype))


def _packed(pixels: Array, ticks: int) -> bytes:
    """A frame with its control: cleared after it is shown, since the next one may be transparent there."""
    seen = pixels[..., 3] >= 128
    colour = np.ascontiguousarray(pixels[..., :3] * seen[..., None])
    image = Image.fromarray(colour).quantize(_CLEAR, dither=Image.Dither.NONE)
    image.paste(_CLEAR, mask=Image.fromarray(~seen))
    still = io.BytesIO()
    image.save(still, "GIF", optimize=False)
    block = next(one for one in _blocks(still.getvalue(), "GIF") if isinstance(one, _Block))
    table = block.table.ljust(3 * 256, b"\0")
    control = struct.pack("<BHB", 2 << 2 | 1, ticks, _CLEAR)
    where = struct.pack("<HHHHB", 0, 0, *block.box[2:], 0x87 | 0x40 * block.interlaced)
    return b"\x21\xf9\x04" + control + b"\0\x2c" + where + table + block.data
