"""A file's content to an opened, not yet decoded Pillow image: signature, size cap, one-line errors."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageFile

from maskkit.errors import CodecError

__all__ = ["MAX_PIXELS", "decoding", "open_image"]

MAX_PIXELS = 256_000_000


def open_image(content: bytes, name: str, max_pixels: int = MAX_PIXELS) -> ImageFile.ImageFile:
    """Open ``content`` by its signature; nothing is decoded before the size is known to be allowed."""
    kind = _format(content)
    if kind is None:
        raise CodecError(f"{name}: is not an image that maskkit reads")
    Image.preinit()
    if kind not in Image.OPEN:
        Image.init()
    with decoding(name):
        image: ImageFile.ImageFile = Image.OPEN[kind][0](io.BytesIO(content), "")
    width, height = image.size
    if width * height > max_pixels:
        raise CodecError(f"{name}: {width}x{height} is more than max_pixels={max_pixels}")
    return image


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Whatever a decoder raises leaves as one CodecError line."""
    try:
        yield
    except CodecError:
        raise
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CodecError(f"{name}: damaged or truncated image: {reason}") from None


def _format(content: bytes) -> str | None:
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in (b"avif", b"avis", b"mif1"):
        return "AVIF"
    signatures = {
        b"\xff\xd8\xff": "JPEG",
        b"\x89PNG\r\n\x1a\n": "PNG",
        b"II*\0": "TIFF",
        b"MM\0*": "TIFF",
        b"GIF8": "GIF",
        b"BM": "BMP",
    }
    return next((kind for start, kind in signatures.items() if content.startswith(start)), None)
