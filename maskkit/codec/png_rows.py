"""The rows of a plain PNG, unfiltered by the compiled core as they are inflated, or inflated first.

Plain is what needs nothing else known: grey, RGB or RGBA of 8 or 16 bits, grey with alpha, neither interlaced
nor animated, without a transparent colour, and whole. For whatever else, and for what is wrong with a file,
there is Pillow.

References
----------
W3C Portable Network Graphics (PNG) Specification, Third Edition, sections 5, 9 and 11.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from maskkit.codec.fast_zlib import library
from maskkit.codec.png_layout import CHANNELS, chunks, filtered_bytes, size_of
from maskkit.codec.png_pieces import BrokenStreamError, in_turn, inflated_apart, pieces_apart

if TYPE_CHECKING:
    from maskkit.pixels import Array

__all__ = ["Rows", "decoded", "inflated", "unfiltered"]

_COLOUR_TYPES = (0, 2, 4, 6)  # all but a palette
_KERNELS = str(Path(__file__).parents[1] / "kernels")


class Layout(NamedTuple):
    """What the header says of a picture."""

    height: int
    width: int
    channels: int
    item: int
    """Bytes of a sample."""

    @property
    def pixel(self) -> int:
        """Bytes of a pixel."""
        return self.channels * self.item


class Rows(NamedTuple):
    """Filtered rows, each with its filter's number before it."""

    content: bytes | bytearray
    layout: Layout


def decoded(content: bytes) -> Array | None:
    """The samples of a plain PNG, uint8 or uint16, (H, W) or (H, W, C); else None, as without the core."""
    from maskkit.kernels import native

    compiled = native.whole("png_unfilter")
    parts = None if compiled is None else _image_data(content)
    if compiled is None or parts is None:
        return None
    needed, layout = filtered_bytes(content), _layout(content)
    for pieces in (pieces_apart(parts, needed), in_turn(parts, needed)):
        try:
            return _unfiltered(compiled, pieces, layout)
        except BrokenStreamError:
            continue
    return None


def inflated(content: bytes) -> Rows | None:
    """The filtered rows of a plain PNG, else None. Needs no NumPy: it may still be being imported."""
    if PathFinder.find_spec("_native", [_KERNELS]) is None:  # nobody to unfilter them
        return None
    parts = _image_data(content)
    if parts is None:
        return None
    needed = filtered_bytes(content)
    rows = inflated_apart(parts, needed) or _inflated(b"".join(parts), needed)
    return None if rows is None else Rows(rows, _layout(content))


def _layout(content: bytes) -> Layout:
    width, height = size_of(content)
    return Layout(height, width, CHANNELS[content[25]], content[24] // 8)


def _inflated(data: bytes, needed: int) -> bytes | None:
    """The ``needed`` bytes of a stream that ends where they and ``data`` do."""
    inflater = library().decompressobj()
    try:
        rows = inflater.decompress(data, needed + 1)
    except library().error:
        return None
    whole = inflater.eof and not inflater.unused_data and len(rows) == needed
    return bytes(rows) if whole else None


def unfiltered(rows: Rows) -> Array | None:
    """The samples, uint8 or uint16, (H, W) or (H, W, C); None without the core, or of unknown filters.

    >>> found = unfiltered(Rows(bytes([2, 5, 7, 2, 1, 1]), Layout(2, 2, 1, 1)))  # twice the filter Up
    >>> found is None or found.tolist() == [[5, 7], [6, 8]]
    True
    """
    from maskkit.kernels import native

    compiled = native.whole("png_unfilter")
    try:
        return None if compiled is None else _unfiltered(compiled, [rows.content], rows.layout)
    except BrokenStreamError:
        return None


def _unfiltered(compiled: Callable[..., bool], pieces: Iterable[bytes | bytearray], layout: Layout) -> Array:
    """The samples of rows that come in pieces, which end anywhere. BrokenStreamError at an unknown filter."""
    import numpy as np

    stride = 1 + layout.width * layout.pixel
    lines = np.empty((layout.height, stride - 1), np.uint8)
    swap = int(layout.item == 2 and sys.byteorder == "little")  # the first byte of a sample is the high one
    begun = bytearray()  # a row that goes on in the next piece
    done = 0
    for piece in pieces:
        held = piece
        if begun:
            begun += piece  # not a new one: a row may be of many pieces
            held = begun
        count = len(held) // stride
        if not count:
            begun = begun or bytearray(piece)
            continue
        rows = np.frombuffer(held, np.uint8, count * stride).reshape(count, stride)
        above = min(done, 1)  # the row above comes with them
        if not compiled(rows, lines[done - above : done + count], layout.pixel, swap):
            raise BrokenStreamError
        begun, done = bytearray(memoryview(held)[count * stride :]), done + count
    samples: Array = lines if layout.item == 1 else lines.view(np.uint16)
    if swap:
        samples[-1:].byteswap(inplace=True)  # of a piece's last row the next one needs the bytes as they are
    return samples.reshape(layout.height, layout.width, *((layout.channels,) if layout.channels > 1 else ()))


def _image_data(content: bytes) -> list[memoryview] | None:
    """What each IDAT holds, if all chunks are sound and none changes what a pixel is or follows it."""
    parts: list[memoryview] = []
    kinds: list[bytes] = []
    crc32 = library().crc32
    for kind, data, checksum in chunks(content):
        if crc32(data, crc32(kind)).to_bytes(4, "big") != checksum:
            return None
        parts += [data] if kind == b"IDAT" else []
        kinds += [kind] if kind != b"IDAT" or kinds[-1:] != [kind] else []
    plain = content[24] in (8, 16) and content[25] in _COLOUR_TYPES and content[26:29] == b"\0\0\0"
    known = {kind for kind in kinds if kind[:1].isupper()} <= {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
    in_order = kinds[:1] == [b"IHDR"] and kinds[-2:] == [b"IDAT", b"IEND"] and kinds.count(b"IDAT") == 1
    if plain and known and in_order and not {b"tRNS", b"acTL"} & set(kinds):
        return parts
    return None
