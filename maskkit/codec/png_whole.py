"""A PNG whose pixels are all there, and whose plain rows need not go through Pillow.

Pillow takes the end of the zlib stream for the end of the picture and leaves the rows that are missing black.
"""

from __future__ import annotations

import zlib
from functools import cached_property
from typing import TYPE_CHECKING

from PIL.PngImagePlugin import PngImageFile

from maskkit.codec.png_layout import chunks, filtered_bytes
from maskkit.codec.png_rows import Rows, decoded, inflated, unfiltered

if TYPE_CHECKING:
    from maskkit.pixels import Array

__all__ = ["WholePng", "ends_early"]

_PIECE = 1 << 20
# An ink that few pictures end with; one whose last pixel has it is looked at twice.
_INK = (173, 91, 38, 6)


class WholePng(PngImageFile):
    """Pillow's PNG, refused where its pixels end early.

    The last pixel is marked before decoding. Only if the mark is still there, or the rows are interlaced and
    the last pixel is not decoded last, is the length of the stream counted.
    """

    @cached_property
    def plain_rows(self) -> Rows | None:
        """The filtered rows, inflated ahead, if they are plain and not decoded yet."""
        return inflated(self.fp.getvalue()) if len(self.tile) == 1 else None  # type: ignore[union-attr]

    def plain_samples(self) -> Array | None:
        """The samples of plain rows, grey (H, W) or (H, W, C), which are not kept; else None."""
        was_ahead = "plain_rows" in self.__dict__
        rows, self.plain_rows = self.__dict__.get("plain_rows"), None
        if was_ahead:
            return None if rows is None else unfiltered(rows)
        return decoded(self.fp.getvalue()) if len(self.tile) == 1 else None  # type: ignore[union-attr]

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
    needed, inflater = filtered_bytes(content), zlib.decompressobj()
    for kind, data, _ in chunks(content):
        rest: bytes | memoryview = data if kind == b"IDAT" else b""
        while rest and needed > 0 and not inflater.eof:
            needed -= len(inflater.decompress(rest, _PIECE))
            rest = inflater.unconsumed_tail
    return needed > 0 and needed > len(inflater.flush())
