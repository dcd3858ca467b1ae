"""PackBits, as PSD has it: the packed length of every row, then the rows.

References
----------
TIFF Revision 6.0, section 9.
"""

from __future__ import annotations

import struct

from maskkit.codec.layers.cursor import Cursor
from maskkit.errors import CodecError

__all__ = ["unpacked", "unpacked_rows"]


def unpacked_rows(data: Cursor, rows: int, length: int, *, big: bool) -> bytes:
    """Rows of ``length`` bytes each. Raises CodecError where one is longer or shorter."""
    lengths = struct.unpack(f">{rows}{'I' if big else 'H'}", data.bytes(rows * (4 if big else 2)))
    return b"".join(_row(data.bytes(packed), length) for packed in lengths)


def _row(packed: bytes, length: int) -> bytes:
    row = unpacked(packed, length)
    if len(row) != length:
        raise CodecError("is damaged: a row of a channel is of another length")
    return row


def unpacked(packed: bytes, most: int) -> bytes:
    r"""``n < 128``: n + 1 bytes as they are; ``n > 128``: the next one 257 - n times.

    >>> unpacked(bytes([2, 7, 8, 9, 254, 5]), 6)
    b'\x07\x08\t\x05\x05\x05'
    """
    out, at = bytearray(), 0
    while at < len(packed) and len(out) < most:
        count = packed[at]
        if count < 128:
            out += packed[at + 1 : at + 2 + count]
            at += 2 + count
        elif count > 128:
            out += packed[at + 1 : at + 2] * (257 - count)
            at += 2
        else:
            at += 1
    return bytes(out)
