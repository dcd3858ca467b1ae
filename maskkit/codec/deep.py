"""Files of 10 and 12 bits as 16: ``out = round(M v / (2^bits - 1))``, so that white stays white."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

from PIL.AvifImagePlugin import AvifImageFile

from maskkit.codec.clean_aperture import clean_aperture
from maskkit.hearing import warn

if TYPE_CHECKING:
    from maskkit.pixels import Array

__all__ = ["DeepAvif", "deep_heif", "full_scale"]


class DeepAvif(AvifImageFile):
    """Pillow's AVIF, which has 8 bits whatever the file has; deeper ones are decoded by imagecodecs."""

    def _open(self) -> None:
        content = self.fp.getvalue() if isinstance(self.fp, io.BytesIO) else b""
        super()._open()
        self.content = content
        self.bits = _avif_bits(content)
        # a still alone: imagecodecs does not take the frames of a sequence apart
        self.wide = self.bits > 8 and self.n_frames == 1 and _imagecodecs() is not None
        self.shown = clean_aperture(content, *self.size) if self.n_frames == 1 else None
        self.decoded_apart = self.shown is not None

    def plain_samples(self) -> Array | None:
        """The samples that are shown of more than 8 bits or of a part of the picture, else None."""
        found = self._deep_samples()
        if self.shown is None:
            return found
        import numpy as np

        left, top, right, bottom = self.shown
        return np.ascontiguousarray((np.asarray(self) if found is None else found)[top:bottom, left:right])

    def _deep_samples(self) -> Array | None:
        """The samples of a file of 10 or 12 bits in 16, else None; a warning where they are lost."""
        if self.bits <= 8:
            return None
        if not self.wide:
            told = f"AVIF of {self.bits} bits is read with 8; pip install 'maskkit[tiff]' reads all of them"
            if self.n_frames > 1:
                told = f"AVIF sequence of {self.bits} bits is read with 8; save a frame of it as a still"
            warn(told, stacklevel=7)
            return None
        codecs: Any = _imagecodecs()
        return full_scale(codecs.avif_decode(self.content), self.bits)


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
    return full_scale(shifted >> (16 - bits), bits)


def full_scale(samples: Array, bits: int) -> Array:
    """``round(M v / (2^bits - 1))``, where M is the dtype's white: samples of fewer bits than it has.

    >>> import numpy as np
    >>> full_scale(np.array([0, 512, 1023], np.uint16), 10).tolist()
    [0, 32800, 65535]
    >>> full_scale(np.array([0, 1], np.uint8), 1).tolist()
    [0, 255]
    """
    import numpy as np

    white, top = int(np.iinfo(samples.dtype).max), 2**bits - 1
    if white == top:
        return samples
    return np.asarray((samples.astype(np.uint32) * white + top // 2) // top, samples.dtype)
