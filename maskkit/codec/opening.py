"""A file to an opened, not yet decoded Pillow image: signature, size cap, one-line errors.

Nothing here needs NumPy: decoding may begin while it is being imported.
"""

from __future__ import annotations

import importlib
import io
import re
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import NamedTuple

from PIL import Image, ImageFile

from maskkit.codec.signatures import format_of, webp_size
from maskkit.codec.sources import Source, load
from maskkit.errors import CodecError, MaskkitError, MissingExtraError

__all__ = ["MAX_PIXELS", "Opened", "ahead", "decoding", "open_image", "opened"]

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


class Opened(NamedTuple):
    """A file as Pillow opens it, what it holds, and its name for errors."""

    image: ImageFile.ImageFile
    content: bytes
    name: str

    def again(self) -> ImageFile.ImageFile:
        """The same file opened once more, not decoded."""
        return open_image(self.content, self.name, self.image.width * self.image.height)


def opened(source: Source | Future[Opened], max_pixels: int = MAX_PIXELS) -> Opened:
    """Load and open a file, or wait until `ahead` has done so."""
    if isinstance(source, Future):
        return source.result()
    content, name = load(source)
    with decoding(name):
        return Opened(open_image(content, name, max_pixels), content, name)


def ahead(source: Source, max_pixels: int = MAX_PIXELS) -> Future[Opened]:
    """The same in a thread, decoded too where it holds plain 8 bits: a source for `read` and `read_mask`.

    Importing NumPy and what works on its arrays takes as long as decoding 10 megapixels, and a decoder needs
    neither of them nor the interpreter's lock.
    """
    pool = ThreadPoolExecutor(1, thread_name_prefix="maskkit")
    future = pool.submit(_decoded, source, max_pixels)
    pool.shutdown(wait=False)
    return future


def _decoded(source: Source, max_pixels: int) -> Opened:
    file = opened(source, max_pixels)
    if getattr(file.image, "plain_rows", None) is not None:  # a WholePng's, inflated by that
        return file
    if _is_plain(file.image):
        with decoding(file.name):
            file.image.load()
    return file


def _is_plain(image: ImageFile.ImageFile) -> bool:
    """All that is to be known of the samples is known once they are decoded, too: no 16 bits, no key."""
    raw = image.tile[0].args if len(image.tile) == 1 else ""
    raw = raw[0] if isinstance(raw, tuple) else raw
    plain = image.mode == raw and raw in ("L", "RGB", "RGBA") and "transparency" not in image.info
    return plain and image.format in ("JPEG", "PNG")


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
    image.decodermaxblock = max(image.decodermaxblock, len(content))  # all of it there is: no need for pieces
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
