"""A file's content to an opened, not yet decoded Pillow image: signature, size cap, one-line errors."""

from __future__ import annotations

import importlib
import io
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from PIL import Image, ImageFile

from maskkit.codec.signatures import format_of, webp_size
from maskkit.errors import CodecError, MaskkitError, MissingExtraError

__all__ = ["MAX_PIXELS", "decoding", "open_image"]

MAX_PIXELS = 256_000_000
_MODULES = {
    "JPEG": "Jpeg",
    "PNG": "Png",
    "WEBP": "WebP",
    "TIFF": "Tiff",
    "AVIF": "Avif",
    "GIF": "Gif",
    "BMP": "Bmp",
}
_UNREAD_TIFF = (
    "TIFF of samples that are not read; store grey, RGB or RGBA (for grey with alpha too) of 8 or 16 bits"
)


def open_image(content: bytes, name: str, max_pixels: int = MAX_PIXELS) -> ImageFile.ImageFile:
    """Open ``content`` by its signature; nothing is decoded before the size is known to be allowed."""
    kind = format_of(content)
    if kind is None:
        raise CodecError(f"{name}: is not an image that maskkit reads")
    if kind == "WEBP":  # Pillow allocates the whole canvas as it opens one
        _check_size(webp_size(content), name, max_pixels)
    try:
        image = _plugin(kind, name)(io.BytesIO(content), "")
    except SyntaxError as error:
        if kind == "TIFF" and "unknown pixel mode" in str(error):
            raise CodecError(f"{name}: {_UNREAD_TIFF}") from None
        raise
    _check_size(image.size, name, max_pixels)
    if not image.mode:
        raise CodecError(f"{name}: {kind} of a kind that maskkit does not read")
    return image


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Whatever a decoder raises leaves as one CodecError line; what it warns of is not shown."""
    try:
        with _pillow_set():
            yield
    except (MaskkitError, Warning):
        raise
    except Exception as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise CodecError(f"{name}: damaged, truncated or unknown image: {lines[0][:120]}") from None


def _plugin(kind: str, name: str) -> type[ImageFile.ImageFile]:
    # Image.open would do the same, and compare the size with Pillow's process-wide limit instead of ours.
    if kind == "HEIF":
        _register_heif()
    else:
        importlib.import_module(f"PIL.{_MODULES[kind]}ImagePlugin")  # Image.init() would import forty more
    if kind not in Image.OPEN:
        raise CodecError(f"{name}: this build of Pillow does not read {kind}")
    if kind == "PNG":
        from maskkit.codec.png_whole import WholePng

        return WholePng
    if kind == "JPEG":
        from maskkit.codec.jpeg_still import StillJpeg

        return StillJpeg
    return Image.OPEN[kind][0]  # type: ignore[return-value]


def _register_heif() -> None:
    try:
        import pillow_heif
    except ImportError:
        raise MissingExtraError("heif", "pillow-heif") from None
    pillow_heif.register_heif_opener()


def _check_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise CodecError(f"{name}: has no pixels ({width}x{height})")
    if width * height > max_pixels:
        raise CodecError(f"{name}: {width}x{height} is {width * height} pixels, max_pixels is {max_pixels}")


_lock = threading.Lock()
_users = 0
_pillow_limit: int | None = None


@contextmanager
def _pillow_set() -> Iterator[None]:
    """While anyone decodes: no warnings from inside Pillow, and our size cap instead of its own.

    Both are process-wide; the first one in sets them and the last one out puts them back, so threads do not
    restore each other's state as ``warnings.catch_warnings`` would.
    """
    global _users, _pillow_limit  # noqa: PLW0603 - counts the users of process-wide settings
    with _lock:
        if _users == 0:
            warnings.filterwarnings("ignore", module=_FROM_PILLOW)
            _pillow_limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                Image.MAX_IMAGE_PIXELS = _pillow_limit
                _drop_filter()


_FROM_PILLOW = r"PIL\."


def _drop_filter() -> None:
    for entry in list(warnings.filters):
        if isinstance(entry[3], re.Pattern) and entry[3].pattern == _FROM_PILLOW:
            with suppress(ValueError):
                warnings.filters.remove(entry)  # type: ignore[attr-defined]
