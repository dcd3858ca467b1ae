"""A Picture to a file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Literal

from maskkit.codec.deflate import Compression
from maskkit.codec.encoders import parts
from maskkit.codec.formats import Format, format_to_write
from maskkit.codec.inputs import ImageInput
from maskkit.codec.options import Options
from maskkit.codec.replacing import atomic
from maskkit.errors import CodecError
from maskkit.keywords import keywords
from maskkit.redact import redact

__all__ = ["encode", "write"]


@keywords()
def write(
    target: str | os.PathLike[str] | BinaryIO,
    picture: ImageInput,
    *,
    format: Format | None = None,
    quality: int | None = None,
    lossless: bool | None = None,
    alpha_quality: int | None = None,
    background: str | None = None,
    compression: Compression = "fast",
    bits: Literal[8, 16] | None = None,
    associated: bool = False,
) -> None:
    r"""Write a picture or a mask to a file, whole or not at all.

    A path is written to a temporary file in its folder, which is then renamed. PNG and TIFF keep uint8 and
    uint16, and store float as 16 bits; JPEG, WebP and AVIF store 8 bits, to the nearest value. The profile,
    the EXIF and the dpi of a Picture are kept. Masks and alphas come back exactly from every format but
    JPEG, unless a quality of them is said.

    Parameters
    ----------
    target : path or binary file object
    picture : Picture, Cutout, array (H, W), (H, W, 3) or (H, W, 4), path, bytes, file or PIL.Image
        What is grey is written as grey.
    format : "png", "jpeg", "webp", "tiff" or "avif"
        Otherwise the path's extension says it.
    quality : int
        1 to 100, of JPEG (else 90), WebP (else 90) and AVIF (else 80); masks as WebP and AVIF are lossless
        without it.
    lossless : bool
        For WebP, and masks as AVIF; PNG and TIFF always are, JPEG and colour as AVIF refuse it.
    alpha_quality : int
        1 to 100, of the alpha as WebP and AVIF; without it, and at 100, it is lossless.
    background : str
        A CSS colour to put behind a transparent picture; JPEG needs it.
    compression : "fast" or "small"
        Of PNG and TIFF.
    bits : 8 or 16
        A channel; otherwise those of the pixels, and 16 for float. Other programs often clip masks of 16 bits
        to 255 instead of scaling them: ``bits=8`` for those.
    associated : bool
        TIFF's colour is multiplied by its alpha, which the file says: for programs that take straight alpha
        for it. Colour under alpha 0 is lost, and levels under a low one.

    Raises
    ------
    CodecError
        An unknown extension, a format that cannot hold the picture, or a file that cannot be written.
    PixelError
        ``picture`` is not an image or a mask, or ``quality`` is out of range.

    Examples
    --------
    >>> import io
    >>> import numpy as np
    >>> file = io.BytesIO()
    >>> write(file, np.zeros((2, 3), np.uint8), format="png")
    >>> file.getvalue()[:4]
    b'\x89PNG'
    """
    options = Options(quality, lossless, alpha_quality, background, compression, bits, associated)
    if isinstance(target, (str, os.PathLike)):
        _write_path(target, parts(picture, format_to_write(format, target), options))
        return
    if format is None:
        raise CodecError("format: a file object has no extension; say which format")
    for part in parts(picture, format_to_write(format), options):
        with writing("the file object"):
            target.write(part)


@keywords()
def encode(
    picture: ImageInput,
    format: Format,
    *,
    quality: int | None = None,
    lossless: bool | None = None,
    alpha_quality: int | None = None,
    background: str | None = None,
    compression: Compression = "fast",
    bits: Literal[8, 16] | None = None,
    associated: bool = False,
) -> bytes:
    """The bytes of the file that `write` would write.

    >>> import numpy as np
    >>> encode(np.zeros((2, 3, 3), np.uint8), "webp", lossless=True)[8:12]
    b'WEBP'
    """
    options = Options(quality, lossless, alpha_quality, background, compression, bits, associated)
    return b"".join(parts(picture, format_to_write(format), options))


def _write_path(path: str | os.PathLike[str], content: Iterable[bytes]) -> None:
    if _is_device(path):  # a pipe, a terminal, /dev/null: nothing to replace
        with writing(redact(os.fsdecode(path))), Path(path).open("wb") as file:
            file.writelines(content)
        return
    with atomic(path) as temporary, temporary.open("wb") as file:
        file.writelines(content)


@contextmanager
def writing(name: str) -> Iterator[None]:
    """What goes wrong while something is written leaves as one line, but for a reader that has gone."""
    try:
        yield
    except BrokenPipeError:  # whoever reads has seen enough: no fault of the picture
        raise
    except (OSError, ValueError) as error:  # ValueError: the file is closed
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise CodecError(f"{name}: cannot be written: {reason}") from None


def _is_device(path: str | os.PathLike[str]) -> bool:
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))
