"""BMP of 32 bits: the fourth byte is alpha where the header says so, whatever Pillow makes of it.

References
----------
Microsoft, BITMAPV4HEADER: bV4AlphaMask; BITMAPINFOHEADER: the high byte of 32 bits is not used.
"""

from __future__ import annotations

import io
import struct
from typing import IO

from PIL.BmpImagePlugin import BmpImageFile

__all__ = ["AlphaBmp"]

_V4, _BI_RGB, _TOP_BYTE = 108, 0, 0xFF000000


class AlphaBmp(BmpImageFile):
    """Pillow's BMP, with the alpha that a V4 header declares without a compression of masks."""

    left_out = 0
    """Samples a pixel that hold something and are not called alpha."""

    def _open(self) -> None:
        content = _content(self.fp)
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

    def take_alpha(self) -> None:
        """Read the fourth byte as alpha, before the pixels are decoded."""
        self._mode, self.left_out = "RGBA", 0
        self.tile = [tile._replace(args=("BGRA", *_rest(tile.args))) for tile in self.tile]


def _rest(args: object) -> tuple[object, ...]:
    return args[1:] if isinstance(args, tuple) else ()


def _content(file: IO[bytes] | None) -> bytes:
    return file.getvalue() if isinstance(file, io.BytesIO) else b""
