"""The record of a picture: its pixels and what its file knows."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO, TypedDict, Unpack

import numpy as np

from maskkit.pixels import Array

if TYPE_CHECKING:
    from maskkit.codec.deflate import Compression
    from maskkit.codec.formats import Format

# encoders and Pillow are imported where used: a picture that is only carried needs none of them

__all__ = ["Encoding", "Picture", "WriteOptions"]


class Encoding(TypedDict, total=False):
    """How a file is written, whatever its format."""

    quality: int | None
    lossless: bool | None
    compression: Compression
    associated: bool


class WriteOptions(Encoding, total=False):
    """What `maskkit.write` takes beside the picture."""

    format: Format | None
    background: str | None


@dataclass(frozen=True, eq=False)
class Picture:
    """Pixels and what their file knows: ICC profile, EXIF, dpi.

    ``pixels`` is upright ``(H, W, 3)`` or ``(H, W, 4)``; ``exif`` has its orientation set to 1. In Jupyter it
    draws itself, transparency as a checkerboard.
    """

    pixels: Array
    icc: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.pixels.shape[1], self.pixels.shape[0]

    def with_pixels(self, pixels: Array) -> Picture:
        """The same record around other pixels."""
        return replace(self, pixels=pixels)

    def save(self, target: str | os.PathLike[str] | BinaryIO, **options: Unpack[WriteOptions]) -> None:
        r"""Write the picture to a file, see `maskkit.write` for formats and options.

        >>> import io
        >>> file = io.BytesIO()
        >>> Picture(np.zeros((2, 3, 3), np.uint8)).save(file, format="png")
        >>> file.getvalue()[:4]
        b'\x89PNG'
        """
        from maskkit.codec.writing import write

        write(target, self, **options)

    def to_pil(self) -> Any:
        """A `PIL.Image.Image` in mode L, RGB or RGBA, 8 bit, with the profile, EXIF and dpi in its ``info``.

        >>> Picture(np.zeros((2, 3, 3), np.uint8)).to_pil().size
        (3, 2)
        """
        from PIL import Image

        from maskkit.kernels import convert

        image = Image.fromarray(convert(self.pixels, np.uint8))
        known = {"icc_profile": self.icc, "exif": self.exif, "dpi": self.dpi}
        image.info.update({name: value for name, value in known.items() if value is not None})
        return image

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        """The pixels, as NumPy's array protocol asks for them."""
        return np.array(self.pixels, dtype=dtype, copy=copy)

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        """On a checkerboard, for Jupyter."""
        from maskkit.codec.looks import mimebundle

        return mimebundle(self, repr(self))

    def __repr__(self) -> str:
        width, height = self.size
        known = [name for name in ("icc", "exif", "dpi") if getattr(self, name)]
        extra = f", with {', '.join(known)}" if known else ""
        channels = self.pixels.shape[2] if self.pixels.ndim == 3 else 1
        return f"Picture({width}x{height}, {channels} channels, {self.pixels.dtype}{extra})"
