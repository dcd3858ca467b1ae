"""Files of 10 and 12 bits as 16: ``out = round(65535 v / (2^bits - 1))``, so that white stays white."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

from PIL.AvifImagePlugin import AvifImageFile

from maskkit.hearing import warn

if TYPE_CHECKING:
    from maskkit.pixels import Array

__all__ = ["DeepAvif", "deep_heif", "to_16_bits"]


class DeepAvif(AvifImageFile):
    """Pillow's AVIF, which has 8 bits whatever the file has; deeper ones are decoded by imagecodecs."""

    def _open(self) -> None:
        content = self.fp.getvalue() if isinstance(self.fp, io.BytesIO) else b""
        super()._open()
        self.content = content
        self.bits = _avif_bits(content)
        self.wide = self.bits > 8 and _imagecodecs() is not None

    def plain_samples(self) -> Array | None:
        """The samples of a file of 10 or 12 bits in 16, else None; a warning where they are lost."""
        if self.bits <= 8:
            return None
        if not self.wide:
            warn(
                f"AVIF of {self.bits} bits is read with 8; pip install 'maskkit[tiff]' reads all of them",
                stacklevel=6,
            )
            return None
        codecs: Any = _imagecodecs()
        return to_16_bits(codecs.avif_decode(self.content), self.bits)


def _avif_bits(content: bytes) -> int:
    """Of the first picture's av1C box (AV1 in ISOBMFF, 2.3.3): high_bitdepth and twelve_bit."""
    at = content.find(b"av1C")
    flags = content[at + 6] if 0 <= at < len(content) - 6 else 0
    return (12 if flags & 0x20 else 10) if flags & 0x40 else 8


def _imagecodecs() -> Any:
    try:
        import imagecodecs
    except ImportError:
        return None
    return imagecodecs


def deep_heif(image: Any, file: BinaryIO) -> Any:
    """A HEIC as pillow-heif's plugin opens it, whose samples of more than 8 bits are read as they are."""
    bits = image.info.get("bit_depth", 8)
    if bits > 8:
        content = file.getvalue() if isinstance(file, io.BytesIO) else b""
        image.wide = True
        image.plain_samples = lambda: _heif_samples(content, bits)
    return image


def _heif_samples(content: bytes, bits: int) -> Array:
    import numpy as np
    import pillow_heif

    opened = pillow_heif.open_heif(io.BytesIO(content), convert_hdr_to_8bit=False)
    shifted = np.asarray(opened[opened.primary_index])
    return to_16_bits(shifted >> (16 - bits), bits)


def to_16_bits(samples: Array, bits: int) -> Array:
    """``round(65535 v / (2^bits - 1))``.

    >>> import numpy as np
    >>> to_16_bits(np.array([0, 512, 1023], np.uint16), 10).tolist()
    [0, 32800, 65535]
    """
    import numpy as np

    top = 2**bits - 1
    return np.asarray((samples.astype(np.uint32) * 65535 + top // 2) // top, np.uint16)
