"""A file to an opened, not yet decoded Pillow image: signature, size cap, one-line errors.

Nothing here needs NumPy: decoding may begin while it is being imported.
"""

from __future__ import annotations

import importlib
import io
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import copy_context
from typing import BinaryIO, NamedTuple

from PIL import Image, ImageFile

from maskkit.codec.formats import READ, FileFormat, format_of, loaded
from maskkit.codec.signalling import tell_colours
from maskkit.codec.sources import MAX_PIXELS, FileInput, load
from maskkit.cores import before_threads
from maskkit.errors import CodecError, MaskkitError
from maskkit.hearing import warn

__all__ = [
    "Opened",
    "TooManyPixelsError",
    "ahead",
    "at_once",
    "decoding",
    "open_image",
    "opened",
    "warn_of_frames",
]


class TooManyPixelsError(CodecError):
    """A picture has more pixels than are allowed: ``pixels``, ``most``."""

    def __init__(self, text: str, pixels: int = 0, most: int = 0) -> None:
        super().__init__(text)
        self.pixels, self.most = pixels, most


class Opened(NamedTuple):
    """A file as Pillow opens it, what it holds, and its name for errors."""

    image: ImageFile.ImageFile
    content: bytes
    name: str

    def again(self) -> ImageFile.ImageFile:
        """The same file opened once more at the same frame, not decoded."""
        image = open_image(self.content, self.name, self.image.width * self.image.height)
        return sought(image, self.image.tell(), self.name) if self.image.tell() else image

    def with_alpha(self) -> Opened:
        """The same, where a sample that the file does not call alpha is taken as alpha all the same."""
        if not getattr(self.image, "left_out", 0) and not hasattr(self.image, "takes_alpha"):
            return self
        image = self.again()
        if hasattr(image, "take_alpha"):  # a BMP
            image.take_alpha()
            return self._replace(image=image)
        from maskkit.codec.tiff_other import OtherTiff

        with decoding(self.name):
            other = OtherTiff(io.BytesIO(self.content), "")
            other.seek(self.image.tell())
        other.takes_alpha = True
        return self._replace(image=other)

    @property
    def frames(self) -> int:
        """How many pictures or pages the file holds."""
        with decoding(self.name):
            return int(getattr(self.image, "n_frames", 1))

    def told(self, what: str, taken: int) -> str:
        """Which one of several frames or pages is taken, counted from 0; "" where nobody need be told."""
        several = taken < self.frames and self.frames > 1
        return f"{self.name}: {what} is frame {taken + 1} of {self.frames}" if several else ""

    def at(self, frame: int) -> Opened:
        """The same at a frame, counted from 0. Raises CodecError where there is none of that number."""
        if frame == self.image.tell():
            return self
        if not 0 <= frame < self.frames:
            raise CodecError(f"{self.name}: frame {frame} is asked for, it has {self.frames}, counted from 0")
        with decoding(self.name):
            return self._replace(image=sought(self.image, frame, self.name))


def sought(image: ImageFile.ImageFile, frame: int, name: str) -> ImageFile.ImageFile:
    """The image at one of its frames, whose size is not larger than all that was allowed."""
    allowed = image.width * image.height
    if hasattr(image, "at_page"):  # a KnownTiff: another page may need another reader
        image = image.at_page(frame)
    else:
        image.seek(frame)
    check_size(image.size, name, allowed)
    return image


def opened(file: FileInput | Future[Opened], max_pixels: int = MAX_PIXELS, argument: str = "") -> Opened:
    """Load and open a file, or wait until `ahead` has done so; ``argument`` begins the errors."""
    if isinstance(file, Future):
        return file.result()
    content, name = load(file, argument)
    with decoding(name):
        return Opened(open_image(content, name, max_pixels), content, name)


def ahead(file: FileInput, max_pixels: int = MAX_PIXELS, argument: str = "") -> Future[Opened]:
    """The same in a thread, decoded too where it holds plain 8 bits: a file for `read` and `read_mask`.

    Importing NumPy and what works on its arrays takes as long as decoding 10 megapixels, and a decoder needs
    neither of them nor the interpreter's lock.
    """
    before_threads()
    pool = ThreadPoolExecutor(1, thread_name_prefix="maskkit")
    future = pool.submit(copy_context().run, _decoded, file, max_pixels, argument)  # who listens, hears it
    pool.shutdown(wait=False)
    return future


def at_once(file: FileInput, max_pixels: int = MAX_PIXELS, argument: str = "") -> Future[Opened]:
    """What `ahead` gives, not decoded yet: for one core, where a thread would only wait for another.

    Rows of a PNG are unfiltered as they are inflated then, which is quicker.
    """
    done: Future[Opened] = Future()
    done.set_result(opened(file, max_pixels, argument))
    return done


def warn_of_frames(file: Future[Opened] | None, taken: int) -> None:
    """Warn that one of several frames or pages is taken, for doors that show nothing else to who asked."""
    if file is not None and (told := file.result().told("the file", taken)):
        warn(told, stacklevel=3)


def _decoded(file: FileInput, max_pixels: int, argument: str) -> Opened:
    found = opened(file, max_pixels, argument)
    if getattr(found.image, "plain_rows", None) is not None:  # a WholePng's, inflated by that
        return found
    if _is_plain(found.image):
        with decoding(found.name):
            found.image.load()
    return found


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
        raise CodecError(f"{name}: is not an image that maskkit reads; need {READ}")
    if not kind.decoder:
        raise CodecError(f"{name}: {kind.refusal}")
    if kind.measure:
        check_size(loaded(kind.measure)(content), name, max_pixels)
    try:
        # Image.open would do the same, and compare the size with Pillow's process-wide limit instead of ours
        image: ImageFile.ImageFile = _decoder(kind, name)(io.BytesIO(content), "")
    except CodecError as error:  # a decoder does not know the file's name
        raise CodecError(f"{name}: {error}") from None
    check_size(image.size, name, max_pixels)
    image.decodermaxblock = max(image.decodermaxblock, len(content))  # all of it there is: no need for pieces
    if not image.mode:
        raise CodecError(f"{name}: is {kind.title} of a kind that maskkit does not read")
    tell_colours(image, content)
    return image


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Whatever a decoder raises leaves as one CodecError line; what it warns of is not shown."""
    try:
        with _pillow_set():
            yield
    except CodecError as error:
        if str(error).startswith(name):
            raise
        raise CodecError(f"{name}: {error}") from None  # a decoder does not know the file's name
    except (MaskkitError, Warning):
        raise
    except Exception as error:
        lines = str(error).splitlines() or [type(error).__name__]
        raise CodecError(f"{name}: damaged, truncated or unknown image: {lines[0][:120]}") from None


def _decoder(kind: FileFormat, name: str) -> Callable[[BinaryIO, str], ImageFile.ImageFile]:
    module, _, _ = kind.decoder.partition(":")
    if not getattr(importlib.import_module(module), "SUPPORTED", True):  # Pillow's word for a missing library
        raise CodecError(f"{name}: this build of Pillow does not read {kind.name.upper()}")
    decoder: Callable[[BinaryIO, str], ImageFile.ImageFile] = loaded(kind.decoder)
    return decoder


def check_size(size: tuple[int, int], name: str, max_pixels: int) -> None:
    """Raise CodecError for a picture without pixels, TooManyPixelsError for one of more than are allowed."""
    width, height = size
    if width < 1 or height < 1:
        raise CodecError(f"{name}: has no pixels ({width}x{height})")
    if width * height > max_pixels:
        told = f"{name}: {width}x{height} is {width * height} pixels, max_pixels is {max_pixels}"
        raise TooManyPixelsError(told, width * height, max_pixels)


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
