"""The rows of a plain PNG, inflated in one go and unfiltered by the compiled core.

Plain is what needs nothing else known: grey, RGB or RGBA of 8 or 16 bits, grey with alpha, neither interlaced
nor animated, without a transparent colour, and whole. For whatever else, and for what is wrong with a file,
there is Pillow.

References
----------
W3C Portable Network Graphics (PNG) Specification, Third Edition, sections 5, 9 and 11.
"""

from __future__ import annotations

from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from maskkit.codec.fast_zlib import library
from maskkit.codec.png_layout import CHANNELS, chunks, filtered_bytes, size_of
from maskkit.codec.png_pieces import inflated_apart

if TYPE_CHECKING:
    from maskkit.pixels import Array

__all__ = ["Rows", "inflated", "unfiltered"]

_COLOUR_TYPES = (0, 2, 4, 6)  # all but a palette
_KERNELS = str(Path(__file__).parents[1] / "kernels")


class Rows(NamedTuple):
    """Filtered rows, each with its filter's number before it."""

    content: bytes | bytearray
    height: int
    width: int
    channels: int
    item: int
    """Bytes of a sample."""


def inflated(content: bytes) -> Rows | None:
    """The filtered rows of a plain PNG, else None. Needs no NumPy: it may still be being imported."""
    if PathFinder.find_spec("_native", [_KERNELS]) is None:  # nobody to unfilter them
        return None
    parts = _image_data(content)
    if parts is None:
        return None
    width, height = size_of(content)
    needed = filtered_bytes(content)
    rows = inflated_apart(parts, needed) or _inflated(b"".join(parts), needed)
    return None if rows is None else Rows(rows, height, width, CHANNELS[content[25]], content[24] // 8)


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

    >>> found = unfiltered(Rows(bytes([2, 5, 7, 2, 1, 1]), 2, 2, 1, 1))  # twice the filter Up
    >>> found is None or found.tolist() == [[5, 7], [6, 8]]
    True
    """
    import numpy as np

    from maskkit.kernels import native

    compiled = native.whole("png_unfilter")
    if compiled is None:
        return None
    step = rows.channels * rows.item
    out = np.empty((rows.height, rows.width * step), np.uint8)
    if not compiled(np.frombuffer(rows.content, np.uint8).reshape(rows.height, -1), out, step):
        return None
    samples = out if rows.item == 1 else out.view(np.uint16).byteswap(inplace=True)
    return samples.reshape(rows.height, rows.width, *((rows.channels,) if rows.channels > 1 else ()))


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
