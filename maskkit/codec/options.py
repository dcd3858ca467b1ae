"""What a file is written with: the options of `write` and `encode`, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from maskkit.checks import check_choice
from maskkit.codec.deflate import Compression
from maskkit.codec.formats import FORMATS
from maskkit.codec.picture import Picture
from maskkit.errors import CodecError, PixelError

__all__ = ["Options"]


@dataclass(frozen=True)
class Options:
    """The options of `write`; None is for the format to say."""

    quality: int | None = None
    lossless: bool | None = None
    alpha_quality: int | None = None
    background: str | None = None
    compression: Compression = "fast"
    bits: Literal[8, 16] | None = None
    associated: bool = False

    def __post_init__(self) -> None:
        check_choice(self.compression, "compression", ("fast", "small"))
        if self.bits not in (None, 8, 16):
            raise PixelError(f"bits: need 8 or 16, got {self.bits!r}")
        for name in ("quality", "alpha_quality"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int) and 1 <= value <= 100):
                raise PixelError(f"{name}: need a whole number from 1 to 100, got {value!r}")

    def quality_of(self, format: str) -> int:
        """The quality that is asked for, or the format's."""
        return self.quality or FORMATS[format].quality or 100

    def is_exact(self, picture: Picture) -> bool:
        """Every level is to come back: it is asked for, or it is a mask and nothing else is said of it."""
        if self.lossless is None:
            return picture.pixels.ndim == 2 and self.quality is None
        return self.lossless

    def refuse_lossless(self, format: str) -> None:
        """Raise CodecError if the picture is to be lossless, for a format that is not."""
        if self.lossless:
            raise CodecError(f"lossless: {format} as written here is lossy; use png, tiff or webp")
