"""A TIFF of samples that are read; the raw photos that are TIFFs inside are told apart."""

from __future__ import annotations

import io
import struct
from functools import cached_property
from typing import TYPE_CHECKING, Any, BinaryIO

from PIL.TiffImagePlugin import TiffImageFile

from maskkit.codec.formats import FORMATS
from maskkit.errors import CodecError

if TYPE_CHECKING:
    from maskkit.pixels import Array

__all__ = ["KnownTiff", "ends_early", "open_tiff"]

_DNG_VERSION, _SUBFILE_TYPE, _SUB_DIRECTORIES = 50706, 254, 330
_BITS, _COMPRESSION, _PHOTOMETRIC, _SAMPLES, _PLANES, _EXTRAS = 258, 259, 262, 277, 284, 338
_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES = 273, 279, 324, 325
_SEPARATE, _ASSOCIATED, _UNSPECIFIED = 2, 1, 0
_COLOURS = {0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3, 8: 3}  # of each photometric interpretation
_MOST_PAGES = 100_000  # that are looked for
_PILLOWS_BITS = {1, 2, 4, 8, 16, 32}
_NOT_PILLOWS = (34887, 34892, 50001, 50002, 52546)  # LERC, lossy JPEG of DNG, WebP, JPEG XL
# Bytes of one value of each type of tag (TIFF 6.0, page 15; BigTIFF's from 16 on).
_BYTES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}


class _OtherSamplesError(Exception):
    """Pillow does not know samples of this kind."""


class KnownTiff(TiffImageFile):
    """Pillow's TIFF, which would show a raw photo's thumbnail in the place of the photo."""

    def _open(self) -> None:
        self.content = self.fp.getvalue() if isinstance(self.fp, io.BytesIO) else b""
        try:
            super()._open()
        except Exception as error:
            _refuse_raw(getattr(self, "tag_v2", {}))
            if _is_unknown(error):
                raise _OtherSamplesError from None
            raise
        _refuse_raw(self.tag_v2)

    @cached_property
    def n_frames(self) -> int:
        """How many directories there are: Pillow would set up each page, and may not know it."""
        return len(directories(self.content))

    def at_page(self, frame: int) -> Any:
        """The file at a page, as tifffile reads it where Pillow does not know that page's samples."""
        before = self.tell()
        try:
            self.seek(frame)
            if not needs_other_reader(self):
                return self
        except Exception as error:
            if not _is_unknown(error):
                raise
        from maskkit.codec.tiff_other import OtherTiff

        self.seek(before)
        other = OtherTiff(io.BytesIO(self.content), "")
        other.seek(frame)
        return other

    def plain_samples(self) -> Array | None:
        """The samples of a file of 16 bits in strips, None of any other: a quarter of Pillow's time."""
        from maskkit.codec.tiff_strips import strip_samples

        return strip_samples(self.tag_v2, self.content, "<" if self.tag_v2.prefix == b"II" else ">")

    @property
    def left_out(self) -> int:
        """Samples a pixel beside the colour that the file does not call alpha."""
        tags = self.tag_v2
        beside = tags.get(_SAMPLES, 1) - _COLOURS.get(tags.get(_PHOTOMETRIC, 1), tags.get(_SAMPLES, 1))
        return max(0, int(beside) - ("a" in self.mode.lower()))


def open_tiff(file: BinaryIO, filename: str) -> Any:
    """The file as Pillow reads it, or else as tifffile does. Raises CodecError where its tags end early."""
    if isinstance(file, io.BytesIO) and ends_early(file.getvalue()):
        raise CodecError("is cut short: some of its tags lie beyond its end")
    try:
        image = KnownTiff(file, filename)
        if not needs_other_reader(image):
            return image
    except _OtherSamplesError:
        pass
    from maskkit.codec.tiff_other import OtherTiff

    file.seek(0)
    return OtherTiff(file, filename)


def needs_other_reader(image: KnownTiff) -> bool:
    """Whether Pillow would fail at the page shown, or take its samples for something else.

    Raises CodecError where its pixels are cut short.
    """
    if _pixels_end_early(image):
        raise CodecError("is cut short: some of its pixels lie beyond its end")
    return _is_others(image)


def _is_unknown(error: Exception) -> bool:
    """Pillow says by it that it does not know the samples."""
    return "unknown pixel mode" in str(error) or isinstance(error, (KeyError, IndexError))


def _pixels_end_early(image: KnownTiff) -> bool:
    """A compressed strip or tile lies beyond the end: libtiff would say so on standard error as well."""
    tags, end = image.tag_v2, len(image.content)
    if not end or tags.get(_COMPRESSION, 1) == 1:
        return False
    stored = (
        (tags.get(_STRIPS, ()), tags.get(_STRIP_BYTES, ())),
        (tags.get(_TILES, ()), tags.get(_TILE_BYTES, ())),
    )
    return any(
        at + length > end for starts, lengths in stored for at, length in zip(starts, lengths, strict=False)
    )


def _is_others(image: KnownTiff) -> bool:
    """Pillow would fail, or take planes for something else, once it decodes."""
    tags = image.tag_v2
    planes = tags.get(_PLANES) == _SEPARATE and tags.get(_SAMPLES, 1) > 1
    bits = tags.get(_BITS, (1,))
    strange = max(bits) > 8 or {_UNSPECIFIED, _ASSOCIATED} & set(tags.get(_EXTRAS, ()))
    odd = not set(bits) <= _PILLOWS_BITS
    return odd or (planes and bool(strange)) or image.mode == "F" or tags.get(_COMPRESSION) in _NOT_PILLOWS


def directories(content: bytes) -> list[int]:
    r"""Where the directories lie, in their order, as far as they are there; none twice.

    >>> directories(b"II*\0" + struct.pack("<I", 8) + bytes(2) + struct.pack("<I", 8))
    [8]
    """
    order, big = _layout(content)
    found: dict[int, None] = {}
    offset, counted, step = ("Q", "Q", 20) if big else ("I", "H", 12)
    link = 8 if big else 4
    while len(content) >= link + struct.calcsize(offset) and len(found) < _MOST_PAGES:
        (start,) = struct.unpack_from(order + offset, content, link)
        if start == 0 or start in found or start + struct.calcsize(counted) > len(content):
            break
        found[start] = None
        (count,) = struct.unpack_from(order + counted, content, start)
        link = start + struct.calcsize(counted) + step * count
    return list(found)


def _layout(content: bytes) -> tuple[str, bool]:
    """The order of bytes as `struct` spells it, and whether it is a BigTIFF."""
    return "<" if content[:2] == b"II" else ">", content[2:4] in (b"+\0", b"\0+")


def ends_early(content: bytes) -> bool:
    """Whether the first directory's values lie beyond the end: Pillow leaves such tags out, a profile too."""
    order, big = _layout(content)
    try:
        (start,) = struct.unpack_from(order + ("Q" if big else "I"), content, 8 if big else 4)
        (count,) = struct.unpack_from(order + ("Q" if big else "H"), content, start)
        first, step, form = (start + 8, 20, "HHQQ") if big else (start + 2, 12, "HHII")
        for entry in range(first, first + step * min(count, 4096), step):
            _, kind, values, at = struct.unpack_from(order + form, content, entry)
            length = _BYTES.get(kind, 0) * values
            if length > (8 if big else 4) and at + length > len(content):
                return True
    except struct.error:  # the directory itself is not there
        return True
    return False


def _refuse_raw(tags: Any) -> None:
    """DNG says so; in the others the first picture is a reduced one, and the photo a directory below it."""
    reduced = tags.get(_SUBFILE_TYPE, 0) & 1 and _SUB_DIRECTORIES in tags
    if _DNG_VERSION in tags or reduced:
        raise CodecError(FORMATS["raw"].refusal)
