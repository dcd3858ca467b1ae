"""The zlib stream of a PNG as it comes, piece by piece, and in parallel where that can be. Needs no NumPy.

A piece that is worked on while it is still in a core's cache costs two thirds of all rows in one: those must
be given memory first, and be fetched from there again.

Who compresses in parallel, as maskkit does, ends each IDAT with a sync flush and looks back from none into
the one before. Whether that is so shows as the pieces are inflated: one that looks back fails, and the
checksum of the stream holds for all of them.

References
----------
RFC 1950 (zlib), RFC 1951 (deflate), section 3.2.4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice, repeat
from typing import NamedTuple, TypeVar

from maskkit.codec.fast_zlib import library
from maskkit.cores import threads

__all__ = ["BrokenStreamError", "in_turn", "inflated_apart", "pieces_apart"]

_FLUSHED = b"\0\0\xff\xff"  # what a stored block of no bytes ends with
_LEAST = 1 << 20  # bytes that are worth a second thread
_FED = 1 << 17  # compressed bytes at a time
_DEFLATE, _DICTIONARY = 8, 0x20
_T = TypeVar("_T")


class BrokenStreamError(Exception):
    """The stream is damaged, of another length, or not of pieces that stand alone."""


class _Piece(NamedTuple):
    """What a piece inflates to, whether it ends the stream, and what stands behind that."""

    rows: bytes
    last: bool
    behind: bytes


def in_turn(parts: Sequence[memoryview], needed: int) -> Iterator[bytes]:
    """The ``needed`` bytes of a stream that ends where they and its parts do, one piece after the other.

    With two threads the next piece is inflated while the one before is worked on. BrokenStreamError where
    the stream is not that, the last time before its end.
    """
    pieces = _one_after_the_other(parts, needed)
    if threads() == 1 or needed < _LEAST:
        yield from pieces
        return
    with ThreadPoolExecutor(1) as pool:
        yield from _ahead(pool, repeat(lambda: next(pieces, b"")), 2)


def _one_after_the_other(parts: Iterable[memoryview], needed: int) -> Iterator[bytes]:
    inflater = library().decompressobj()
    for fed in _gathered(parts, _FED):
        try:
            rows = inflater.decompress(fed, needed + 1)
        except library().error:
            raise BrokenStreamError from None
        needed -= len(rows)
        if needed < 0 or inflater.unconsumed_tail or inflater.unused_data:
            raise BrokenStreamError
        if rows:
            yield rows
    if needed or not inflater.eof:
        raise BrokenStreamError


def _gathered(parts: Iterable[memoryview], most: int) -> Iterator[bytes]:
    """The same bytes in pieces of ``most``, the last one shorter."""
    held: list[memoryview] = []
    length = 0
    for part in parts:
        at = 0
        while at < len(part):
            held.append(part[at : at + most - length])
            at, length = at + len(held[-1]), length + len(held[-1])
            if length == most:
                yield b"".join(held)
                held, length = [], 0
    if held:
        yield b"".join(held)


def _ahead(pool: ThreadPoolExecutor, calls: Iterator[Callable[[], _T]], most: int) -> Iterator[_T]:
    """What the calls give, in their order, ``most`` of them running or waiting; an empty one ends them."""
    running: deque[Future[_T]] = deque(pool.submit(call) for call in islice(calls, most))
    try:
        while running:
            found = running.popleft().result()
            if not found:
                return
            running.extend(pool.submit(call) for call in islice(calls, 1))
            yield found
    finally:
        for one in running:
            one.cancel()


def inflated_apart(parts: Sequence[memoryview], needed: int) -> bytearray | None:
    """The ``needed`` bytes of a stream; None where its parts cannot be told to stand on their own, or at all.

    >>> inflated_apart([memoryview(b"no zlib")], 9) is None
    True
    """
    out, at = bytearray(), 0
    try:
        for rows in pieces_apart(parts, needed):
            out = out or bytearray(needed)
            out[at : at + len(rows)] = rows
            at += len(rows)
    except BrokenStreamError:
        return None
    return out


def pieces_apart(parts: Sequence[memoryview], needed: int) -> Iterator[bytes]:
    """The ``needed`` bytes of a stream whose parts stand on their own, inflated on all cores.

    BrokenStreamError where they do not, or cannot be told to: the last time before the end.
    """
    if not _may_be_apart(parts, needed):
        raise BrokenStreamError
    most = 2 * needed // (len(parts) - 1) + 1024  # of a piece: what hostile ones hold together is bounded
    raw = [parts[0][2:], *parts[1:]]
    checksum, last, behind = library().adler32(b""), False, b""
    with ThreadPoolExecutor(threads()) as pool:
        calls = (lambda part=part: _inflated(part, most) for part in raw)
        for found in _ahead(pool, calls, 4 * threads()):
            needed -= len(found.rows)
            if last or needed < 0:
                raise BrokenStreamError
            checksum = library().adler32(found.rows, checksum)
            last, behind = found.last, found.behind
            yield found.rows
    if not last or needed or behind != checksum.to_bytes(4, "big"):
        raise BrokenStreamError


def _may_be_apart(parts: Sequence[memoryview], needed: int) -> bool:
    if threads() == 1 or needed < _LEAST or len(parts) < 3 or len(parts[0]) < 2:
        return False
    method, flags = parts[0][:2]
    plain = method & 15 == _DEFLATE and not flags & _DICTIONARY and (256 * method + flags) % 31 == 0
    return plain and all(part[-4:] == _FLUSHED for part in parts[:-1])


def _inflated(part: memoryview, most: int) -> _Piece:
    inflater = library().decompressobj(-15)
    try:
        rows = inflater.decompress(part, most + 1)
    except library().error:
        raise BrokenStreamError from None
    if len(rows) > most or inflater.unconsumed_tail:
        raise BrokenStreamError
    return _Piece(rows, inflater.eof, inflater.unused_data)
