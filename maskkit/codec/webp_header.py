"""The size of a WebP before it is opened; needs no NumPy."""

from __future__ import annotations

import struct

__all__ = ["webp_size"]


def webp_size(content: bytes) -> tuple[int, int]:
    """(width, height) that the first chunk of a WebP declares (RFC 9649)."""
    kind, chunk = content[12:16], content[20:30]
    if len(chunk) < 10:
        raise ValueError("the header is cut short")
    if kind == b"VP8X":
        return 1 + int.from_bytes(chunk[4:7], "little"), 1 + int.from_bytes(chunk[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(chunk[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", chunk[6:10])
    return width & 0x3FFF, height & 0x3FFF
