"""Which format the first bytes of a file declare, whatever its name says."""

from __future__ import annotations

import struct

__all__ = ["format_of", "webp_size"]

_SIGNATURES = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",  # BigTIFF
    b"MM\0+": "TIFF",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"BM": "BMP",
}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}


def format_of(content: bytes) -> str | None:
    """Pillow's name of the format, or None.

    >>> format_of(b"GIF89a..."), format_of(b"<svg>")
    ('GIF', None)
    """
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp":
        return _base_media(content)
    return next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)


def _base_media(content: bytes) -> str | None:
    """AVIF and HEIC share one container; the list of brands tells them apart (ISO/IEC 14496-12)."""
    box = content[8 : min(int.from_bytes(content[:4], "big"), 1024)]
    brands = {box[at : at + 4] for at in range(0, len(box), 4)}
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    return "HEIF" if brands & _HEIF_BRANDS else None


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
