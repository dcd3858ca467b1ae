"""A PNG whose pixels are all there.

Pillow takes the end of the zlib stream for the end of the picture and leaves the rows that are missing black.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from PIL.PngImagePlugin import PngImageFile

__all__ = ["WholePng", "ends_early"]

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# Adam7: first column, first row, column step, row step of each pass.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_PIECE = 1 << 20
# An ink that few pictures end with; one whose last pixel has it is looked at twice.
_INK = (173, 91, 38, 6)


class WholePng(PngImageFile):
    """Pillow's PNG, refused where its pixels end early.

    The last pixel is marked before decoding. Only if the mark is still there, or the rows are interlaced and
    the last pixel is not decoded last, is the length of the stream counted.
    """

    def load_prepare(self) -> None:
        """Mark the last pixel."""
        super().load_prepare()
        bands = len(self.getbands())
        pixels = self.im.pixel_access()
        pixels[self.width - 1, self.height - 1] = _INK[:bands] if bands > 1 else _INK[0]
        self._mark = pixels[self.width - 1, self.height - 1]
        self._content = self.fp.getvalue()  # type: ignore[union-attr]

    def load_end(self) -> None:
        """Look for the mark."""
        super().load_end()
        content, self._content = self._content, b""
        last = self.im.pixel_access()[self.width - 1, self.height - 1]
        if (content[28] or last == self._mark) and ends_early(content):
            raise OSError("the pixels end before the last row")


def ends_early(content: bytes) -> bool:
    """Whether the rows of a PNG are fewer bytes than its header asks for (PNG Third Edition, 8 and 10)."""
    needed, inflater = _needed(content), zlib.decompressobj()
    for data in _image_data(content):
        rest: bytes | memoryview = data
        while rest and needed > 0 and not inflater.eof:
            needed -= len(inflater.decompress(rest, _PIECE))
            rest = inflater.unconsumed_tail
    return needed > 0 and needed > len(inflater.flush())


def _needed(content: bytes) -> int:
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    bits = content[24] * _CHANNELS[content[25]]
    total = 0
    for left, top, across, down in _PASSES if content[28] else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        total += rows * (1 + -(-columns * bits // 8)) if columns > 0 and rows > 0 else 0
    return total


def _image_data(content: bytes) -> Iterator[memoryview]:
    at, whole = 8, memoryview(content)
    while at + 8 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        if content[at + 4 : at + 8] == b"IDAT":
            yield whole[at + 8 : at + 8 + length]
        at += 12 + length
