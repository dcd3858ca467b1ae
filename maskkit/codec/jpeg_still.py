"""A JPEG as one picture, whose EXIF cannot cost its pixels, and whose pixels are memory of ours."""

from __future__ import annotations

import mmap
from contextlib import suppress

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from maskkit.errors import CodecError

__all__ = ["StillJpeg"]


class StillJpeg(JpegImageFile):
    """Pillow's JPEG without its factory, which may turn a JPEG into an MPO of several frames."""

    memory: mmap.mmap
    """Once an RGB is decoded: its pixels, of which each has a fourth byte that nobody uses."""

    def _open(self) -> None:
        try:
            super()._open()
        except SyntaxError as error:
            if "-bit layers" in str(error):
                raise CodecError(
                    "is a JPEG of more than 8 bits a sample; store it as PNG or TIFF of 16"
                ) from None
            raise

    def load_prepare(self) -> None:
        """Let Pillow decode into ``memory`` instead of its own, which cannot become an array uncopied."""
        if self.mode == "RGB":
            self.memory = _memory(4 * self.width * self.height)
            map_buffer = Image.core.map_buffer  # type: ignore[attr-defined]  # frombuffer's, which makes RGBX
            self.im = map_buffer(self.memory, self.size, "raw", 0, ("RGB", 0, 1))
        super().load_prepare()

    def _read_dpi_from_exif(self) -> None:
        """Leave the EXIF's resolution to `metadata.dpi_of`: where there is none, Pillow says 72."""


def _memory(length: int) -> mmap.mmap:
    """Large pages where the system has them: touched one by one, small ones are a fifth of decoding."""
    if not hasattr(mmap, "MADV_HUGEPAGE"):
        return mmap.mmap(-1, length)
    memory = mmap.mmap(-1, length, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with suppress(OSError):  # a kernel without them
        memory.madvise(mmap.MADV_HUGEPAGE)
    return memory
