"""BMP: the fourth byte of 32 bits is alpha where the header says so, whatever Pillow makes of it.

References
----------
Microsoft, BITMAPV4HEADER: bV4AlphaMask; BITMAPINFOHEADER: the high byte of 32 bits is not used.
"""

from __future__ import annotations

import io
import struct
from typing import IO, TYPE_CHECKING

from PIL.BmpImagePlugin import BmpImageFile

from maskkit.codec.bmp_fields import Fields, fields_of

if TYPE_CHECKING:
    from maskkit.pixels import Array

__all__ = ["AlphaBmp"]

_V4, _BI_RGB, _TOP_BYTE, _LOW_BYTES = 108, 0, 0xFF000000, 0x00FFFFFF


class AlphaBmp(BmpImageFile):
    """Pillow's BMP, with the alpha that a V4 header declares without a compression of masks."""

    left_out = 0
    """Samples a pixel that hold something and are not called alpha."""

    fields: Fields | None = None
    """What the header says by masks, where it does; Pillow does not decode such a file."""

    def _open(self) -> None:
        content = _content(self.fp)
        self.fields = fields_of(content)
        if self.fields is not None:
            self._open_fields(content, self.fields)
            return
        super()._open()
        if len(content) < 54 or self.mode != "RGB":
            return
        start, header = struct.unpack_from("<II", content, 10)
        bits, compression = struct.unpack_from("<HI", content, 28)
        if bits != 32 or compression != _BI_RGB:
            return
        if header >= _V4 and struct.unpack_from("<I", content, 66)[0] == _TOP_BYTE:
            self.take_alpha()
        elif any(content[start + 3 : start + 4 * self.width * self.height : 4]):
            self.left_out = 1

    def _open_fields(self, content: bytes, fields: Fields) -> None:
        self.content, self._size = content, fields.size
        self._mode = "RGBA" if len(fields.masks) == 4 else "RGB"
        self.wide = fields.wide
        across, down = struct.unpack_from("<ii", content, 38)
        if across > 0 and down > 0:
            self.info["dpi"] = across * 0.0254, down * 0.0254
        unnamed = fields.bits == 32 and sum(fields.masks) == _LOW_BYTES
        if unnamed and any(content[fields.start + 3 : fields.start + 4 * self.width * self.height : 4]):
            self.left_out = 1

    def plain_samples(self) -> Array | None:
        """The samples of a file with masks, else None."""
        return None if self.fields is None else self.fields.samples(self.content)

    def take_alpha(self) -> None:
        """Read the fourth byte as alpha, before the pixels are decoded."""
        self._mode, self.left_out = "RGBA", 0
        if self.fields is not None:
            self.fields = self.fields._replace(masks=(*self.fields.masks, _TOP_BYTE))
            return
        self.tile = [tile._replace(args=("BGRA", *_rest(tile.args))) for tile in self.tile]


def _rest(args: object) -> tuple[object, ...]:
    return args[1:] if isinstance(args, tuple) else ()


def _content(file: IO[bytes] | None) -> bytes:
    return file.getvalue() if isinstance(file, io.BytesIO) else b""
