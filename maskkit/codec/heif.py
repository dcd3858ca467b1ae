"""HEIC, by the extra ``heif``."""

from __future__ import annotations

from typing import Any, BinaryIO

from PIL import Image

from maskkit.codec.deep import deep_heif
from maskkit.errors import MissingExtraError

__all__ = ["open_heif"]


def open_heif(file: BinaryIO, filename: str) -> Any:
    """The file as pillow-heif opens it. MissingExtraError where that is not installed."""
    try:
        import pillow_heif
    except ImportError:
        raise MissingExtraError("heif", "pillow-heif") from None
    pillow_heif.register_heif_opener()
    return deep_heif(Image.OPEN["HEIF"][0](file, filename), file)
