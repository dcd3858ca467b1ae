"""Where the bytes of a file come from: a path, bytes, or a binary file object; nothing else opens one.

Needs neither NumPy nor Pillow: decoding may begin while they are being imported.
"""

from __future__ import annotations

import io
import os
from concurrent.futures import Future
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

from maskkit.errors import CodecError
from maskkit.keywords import keywords
from maskkit.redact import redact

__all__ = ["MAX_PIXELS", "FileInput", "is_file", "load", "names_file", "shown"]

FileInput = str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO

MAX_PIXELS = 256_000_000
"""Of a picture, unless a verb is told otherwise."""

_LONGEST = 300  # characters of a path in an error
_GIVEN = bytes, bytearray, memoryview


def is_file(given: object) -> TypeGuard[FileInput]:
    """Whether it is a path, bytes, a file object or a file opened ahead: what has to be decoded."""
    known = str, os.PathLike, *_GIVEN, Future
    return isinstance(given, known) or callable(getattr(given, "read", None))


def names_file(text: str) -> bool:
    r"""Whether there is a file of that name, for arguments that take words too.

    >>> names_file("red"), names_file("a\0b")
    (False, False)
    """
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name
        return False


def shown(path: str | os.PathLike[str]) -> str:
    """A path on one line, without secrets; what was no path at all may be long.

    >>> shown("https://a/b.png?sig=abc")
    'https://a/b.png?…'
    """
    text = redact(os.fsdecode(path))
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


@keywords(source="file")
def load(file: FileInput, argument: str = "") -> tuple[bytes, str]:
    """The whole content of a file, and the name that errors about it begin with.

    Parameters
    ----------
    file : path, bytes, or binary file object
        The last is read from where it stands.
    argument : str
        The name of the caller's argument, where it has more than one; a path is named after it.

    Raises
    ------
    CodecError
        If there is nothing to read from, it cannot be read, or it is empty. What a path holds of secrets
        (the query of a signed URL that was taken for one) is left out.

    >>> load(b"GIF89a")
    (b'GIF89a', 'the bytes given')
    >>> load("missing.png", "mask")
    Traceback (most recent call last):
    maskkit.errors.CodecError: mask: missing.png: cannot be read: No such file or directory
    """
    if isinstance(file, (str, os.PathLike)):
        name = f"{argument}: {shown(file)}" if argument else shown(file)
        content = _read_path(os.fsdecode(file), name)
    elif isinstance(file, _GIVEN) or callable(getattr(file, "read", None)):
        name = argument or ("the bytes given" if isinstance(file, _GIVEN) else "the file object")
        content = _read(file, name)
    else:
        came = type(file).__name__
        raise CodecError(f"{argument or 'file'}: need a path, bytes or a binary file object, got {came}")
    if not content:
        raise CodecError(f"{name}: is empty")
    return content, name


def _read_path(path: str, name: str) -> bytes:
    if path.lower().startswith(("https://", "http://")):
        raise CodecError(f"{name}: is a URL; download it first, or give its bytes")
    try:
        return Path(path).read_bytes()
    except ValueError:  # a NUL in the name
        raise CodecError(f"{name}: cannot be read: not a valid path") from None
    except OSError as error:
        raise CodecError(f"{name}: cannot be read: {_reason(error)}") from None


def _read(file: Any, name: str) -> bytes:
    content: object = ""
    if not isinstance(file, io.TextIOBase):
        try:
            content = bytes(file) if isinstance(file, _GIVEN) else file.read()
        except Exception as error:  # a file object may be anybody's: closed, of the other direction, cut off
            raise CodecError(f"{name}: cannot be read: {redact(_reason(error))}") from None
    if isinstance(content, str):
        raise CodecError(f"{name}: the file object is open in text mode; open it with 'rb'")
    if not isinstance(content, bytes):
        raise CodecError(f"{name}: need bytes from read(), got {type(content).__name__}")
    return content


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0][:200]
