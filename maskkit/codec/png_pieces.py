"""A zlib stream whose pieces were compressed apart, inflated in parallel. Needs no NumPy.

Who compresses in parallel, as maskkit does, ends each IDAT with a sync flush and looks back from none into
the one before. Whether that is so shows as the pieces are inflated: one that looks back fails, and the
checksum of the stream holds for all of them.

References
----------
RFC 1950 (zlib), RFC 1951 (deflate), section 3.2.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from maskkit.codec.fast_zlib import library
from maskkit.cores import threads

__all__ = ["inflated_apart"]

_FLUSHED = b"\0\0\xff\xff"  # what a stored block of no bytes ends with
_LEAST = 1 << 20  # bytes that are worth a second thread
_DEFLATE, _DICTIONARY = 8, 0x20


class _Piece(NamedTuple):
    """What a piece inflates to, whether it ends the stream, and what stands behind that."""

    rows: bytes
    last: bool
    behind: bytes


def inflated_apart(parts: Sequence[memoryview], needed: int) -> bytearray | None:
    """The ``needed`` bytes of a stream; None where its parts cannot be told to stand on their own, or at all.

    >>> inflated_apart([memoryview(b"no zlib")], 9) is None
    True
    """
    if not _may_be_apart(parts, needed):
        return None
    most = 2 * needed // (len(parts) - 1) + 1024  # of a piece: what hostile ones hold together is bounded
    raw = [parts[0][2:], *parts[1:]]
    out, at = bytearray(needed), 0
    last = False
    with ThreadPoolExecutor(threads()) as pool:
        step = 4 * threads()
        for start in range(0, len(raw), step):
            for found in pool.map(lambda part: _inflated(part, most), raw[start : start + step]):
                if found is None or last or at + len(found.rows) > needed:
                    return None
                out[at : at + len(found.rows)] = found.rows
                at, last, behind = at + len(found.rows), found.last, found.behind
    whole = last and at == needed and behind == library().adler32(out).to_bytes(4, "big")
    return out if whole else None


def _may_be_apart(parts: Sequence[memoryview], needed: int) -> bool:
    if threads() == 1 or needed < _LEAST or len(parts) < 3 or len(parts[0]) < 2:
        return False
    method, flags = parts[0][:2]
    plain = method & 15 == _DEFLATE and not flags & _DICTIONARY and (256 * method + flags) % 31 == 0
    return plain and all(part[-4:] == _FLUSHED for part in parts[:-1])


def _inflated(part: memoryview, most: int) -> _Piece | None:
    inflater = library().decompressobj(-15)
    try:
        rows = inflater.decompress(part, most + 1)
    except library().error:
        return None
    ended = len(rows) <= most and not inflater.unconsumed_tail
    return _Piece(rows, inflater.eof, inflater.unused_data) if ended else None
