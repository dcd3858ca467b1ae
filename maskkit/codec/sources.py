"""Where bytes come from: a path, bytes, or a binary file object."""

from __future__ import annotations

import os
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from maskkit.errors import CodecError
from maskkit.redact import redact

if TYPE_CHECKING:
    from PIL import Image

    from maskkit.pixels import Array, Picture

__all__ = ["ImageInput", "Source", "check_source", "load"]

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO

if TYPE_CHECKING:

    class HasPicture(Protocol):
        """A Cutout, or anything else that carries a Picture."""

        @property
        def picture(self) -> Picture:
            """Its pixels, with what a file knows of them."""
            ...

    ImageInput = Source | Image.Image | Array | Picture | HasPicture | Future[Any]


def load(source: Source) -> tuple[bytes, str]:
    """The whole content of ``source`` and the name its errors use.

    >>> load(b"GIF89a")
    (b'GIF89a', 'the bytes given')
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _not_empty(bytes(source), "the bytes given")
    if isinstance(source, (str, os.PathLike)):
        return _load_path(source)
    check_source(source)
    try:
        content = source.read()
    except (OSError, ValueError) as error:  # ValueError: the file is closed
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise CodecError(f"the file object: cannot be read: {reason}") from None
    if not isinstance(content, bytes):
        raise CodecError("the file object is open in text mode; open it with 'rb'")
    return _not_empty(content, "the file object")


def check_source(source: object, name: str = "source", or_else: str = "") -> None:
    """Raise CodecError unless there is something to read from; ``or_else`` says what would do as well."""
    readable = str, os.PathLike, bytes, bytearray, memoryview, Future  # the last is opened ahead
    if not isinstance(source, readable) and not hasattr(source, "read"):
        came = type(source).__name__
        raise CodecError(f"{name}: need a path, bytes or a binary file object{or_else}, got {came}")


def _load_path(path: str | os.PathLike[str]) -> tuple[bytes, str]:
    name = redact(os.fspath(path))  # it may be a signed URL that was taken for a path
    try:
        return _not_empty(Path(path).read_bytes(), name)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or "not a valid path"
        raise CodecError(f"{name}: cannot be read: {reason}") from None


def _not_empty(content: bytes, name: str) -> tuple[bytes, str]:
    if not content:
        raise CodecError(f"{name}: is empty")
    return content, name
