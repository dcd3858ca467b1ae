"""The part of an AVIF's picture that is to be shown, which Pillow and imagecodecs leave to who shows it.

References
----------
ISO/IEC 14496-12, 12.1.4.1 (clap); ISO/IEC 23008-12, 9.3 (ipco, ipma) and 6.5.9.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction

from maskkit.errors import CodecError

__all__ = ["clean_aperture"]

Box = tuple[int, int, int, int]
_INDEX, _WIDE_INDEX = 0x7F, 0x7FFF


def clean_aperture(content: bytes, width: int, height: int) -> Box | None:
    """(left, top, right, bottom) of the first picture, before it is turned; None where all of it is shown.

    CodecError of one that is not of whole pixels within the picture.

    >>> clean_aperture(b"no boxes", 4, 3) is None
    True
    """
    with suppress(struct.error, ZeroDivisionError, IndexError, KeyError):  # what is damaged says nothing
        clap = _properties(content).get(b"clap")
        if clap is not None:
            numbers = struct.unpack_from(">4I", clap) + struct.unpack_from(">iIiI", clap, 16)
            return _inside(numbers, width, height)
    return None


def _inside(numbers: tuple[int, ...], width: int, height: int) -> Box:
    across, down, right, below = (Fraction(*numbers[at : at + 2]) for at in range(0, 8, 2))
    left, top = right + (width - across) / 2, below + (height - down) / 2
    box = left, top, left + across, top + down
    inside = 0 <= left < box[2] <= width and 0 <= top < box[3] <= height
    if not inside or any(side.denominator != 1 for side in box):
        told = " ".join(f"{float(side):g}" for side in box)
        raise CodecError(f"shows a part of its {width}x{height} pixels that is not of whole ones ({told})")
    return int(left), int(top), int(box[2]), int(box[3])


def _boxes(content: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Kind and content of each box, as far as they are there."""
    at = 0
    while at + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        head = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", content, at + 8)
            head = 16
        end = at + length if length else len(content)
        if end < at + head:
            return
        yield bytes(kind), content[at + head : end]
        at = end


def _properties(content: bytes) -> dict[bytes, memoryview]:
    """Of the primary item, by kind."""
    meta = dict(_boxes(dict(_boxes(memoryview(content)))[b"meta"][4:]))
    primary = meta[b"pitm"]
    (item,) = struct.unpack_from(">I" if primary[0] else ">H", primary, 4)
    iprp = dict(_boxes(meta[b"iprp"]))
    stored = list(_boxes(iprp[b"ipco"]))
    return dict(stored[index - 1] for index in _associated(iprp[b"ipma"], item) if 0 < index <= len(stored))


def _associated(ipma: memoryview, item: int) -> list[int]:
    """The properties of an item, counted from 1."""
    version, wide = ipma[0], ipma[3] & 1
    (count,) = struct.unpack_from(">I", ipma, 4)
    at = 8
    for _ in range(count):
        found, number = struct.unpack_from(">IB" if version else ">HB", ipma, at)
        at += 5 if version else 3
        form = f">{number}{'H' if wide else 'B'}"
        if found == item:
            return [one & (_WIDE_INDEX if wide else _INDEX) for one in struct.unpack_from(form, ipma, at)]
        at += struct.calcsize(form)
    return []
