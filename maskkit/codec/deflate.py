"""Pieces of one zlib stream, compressed apart and joined.

Each piece is raw deflate that ends with a sync flush (an empty stored block on a byte boundary), so pieces
joined in order are one stream; its checksum is combined from theirs.

References
----------
RFC 1950 (zlib), RFC 1951 (deflate).
"""

from __future__ import annotations

import importlib.util
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

__all__ = ["HEADER", "TRAILER", "Compression", "adler32", "adler32_combine", "crc32", "deflate"]

Compression = Literal["fast", "small"]

HEADER = b"\x78\x01"  # deflate, 32 KB window, no dictionary
TRAILER = b"\x03\x00"  # a last, empty block; the four bytes of Adler-32 follow it

_ADLER_BASE = 65521
_TRIED_BYTES = 64 * 1024


@cache
def _library() -> Any:
    """ISA-L where it is installed (extra ``fast``), else the standard library; the same functions.

    Measured on 48 MB of filtered RGBA rows, one core: ISA-L level 1 takes 0.20 s, zlib with Z_RLE 0.6 s.
    """
    if importlib.util.find_spec("isal") is None:
        return zlib
    from isal import isal_zlib

    return isal_zlib


def deflate(content: Any, compression: Compression = "fast") -> bytes:
    """One piece: raw deflate of ``content``, ended by a sync flush.

    >>> zlib.decompress(deflate(b"maskkit") + TRAILER, wbits=-15)
    b'maskkit'
    """
    if compression == "small":
        return _small(content)
    library = _library()
    if library is zlib:
        return _flushed(zlib.compressobj(1, 8, -15, 9, zlib.Z_RLE), content)
    return _flushed(library.compressobj(1, 8, -15), content)


def _small(content: Any) -> bytes:
    """Level 9 with the strategy that serves the start of the piece better.

    Filtered photographs have few matches to find: runs alone give them 1 to 2 % less, six times as fast.
    """
    start = memoryview(content).cast("B")[:_TRIED_BYTES]

    def by(strategy: int, part: Any) -> bytes:
        return _flushed(zlib.compressobj(9, 8, -15, 9, strategy), part)

    best = min((zlib.Z_RLE, zlib.Z_DEFAULT_STRATEGY), key=lambda strategy: len(by(strategy, start)))
    return by(best, content)


def _flushed(compressor: Any, content: Any) -> bytes:
    return bytes(compressor.compress(content) + compressor.flush(zlib.Z_SYNC_FLUSH))


def crc32(content: Any, start: int = 0) -> int:
    """CRC-32 of ``content``, going on from ``start``."""
    return int(_checksum("crc32")(content, start))


def adler32(content: Any) -> int:
    """Adler-32 of ``content``."""
    return int(_checksum("adler32")(content))


def _checksum(name: str) -> Callable[..., int]:
    function: Callable[..., int] = getattr(_library(), name)
    return function


def adler32_combine(first: int, second: int, length: int) -> int:
    """Adler-32 of two pieces joined, from theirs and the length of the second.

    >>> adler32_combine(adler32(b"mask"), adler32(b"kit"), 3) == adler32(b"maskkit")
    True
    """
    low, high = first & 0xFFFF, first >> 16
    low_2, high_2 = second & 0xFFFF, second >> 16
    # The second piece started from low = 1 where it should have started from `low`, `length` times over.
    joined_high = high + high_2 + length * (low - 1)
    return (low + low_2 - 1) % _ADLER_BASE | joined_high % _ADLER_BASE << 16
