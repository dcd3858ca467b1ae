"""The table of file formats: what each is called, how it is told, what it holds, who reads and writes it.

A new format is a row of this table, a module of its own that the row names, and a test. The table imports
nothing: the modules are loaded when a file of theirs comes or is to be written.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from maskkit.codec.unread import UNREAD
from maskkit.errors import CodecError
from maskkit.redact import redact

__all__ = [
    "FORMATS",
    "LAYERED",
    "READ",
    "FileFormat",
    "Format",
    "format_by_media_type",
    "format_of",
    "format_to_write",
    "is_layered",
    "loaded",
]

Format = Literal["png", "jpeg", "webp", "tiff", "avif"]
"""The formats that are written."""


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """One format of files. What is written of it: ``bits``, ``alpha``, ``icc``, ``tolerance`` and ``side``.

    Attributes
    ----------
    name : what ``format=`` says; Pillow's name of it in lower case.
    signature : a regular expression of a file's first bytes (and the last 18), which fits no other format.
    suffixes : of file names; the first is the one that new files get.
    media_type : as registered at IANA, where it is.
    bits : a sample's.
    alpha, icc : whether transparency and an ICC profile are kept.
    tolerance : levels of 255 by which a smooth picture may come back different; 0 is lossless.
    side : the most pixels that a side may have, where there is a limit.
    quality : what ``quality=`` is unless it is said; None where the format has none.
    decoder : "module:name" of a class of Pillow's kind, called with a binary file and an empty name; or "".
    encoder : "module:name" of a function from a Picture and `Options` to a file's pieces; or "".
    measure : "module:name" of a function from a file's bytes to (width, height), for formats of which Pillow
        allocates all pixels as it opens a file; or "".
    extra : the extra of maskkit that reading needs, or "".
    instead : what to do with a file that is known and not read.
    """

    name: str
    signature: bytes
    suffixes: tuple[str, ...]
    media_type: str
    bits: int = 8
    alpha: bool = False
    icc: bool = False
    tolerance: int = 0
    side: int | None = None
    quality: int | None = None
    decoder: str = ""
    encoder: str = ""
    measure: str = ""
    extra: str = ""
    instead: str = ""

    @property
    def title(self) -> str:
        """What people call a file of it, with its article: "a PNG file"."""
        if self.name == "raw":
            return "a raw photo"
        article = "an" if self.name[0] in "aefhilmnorsx" else "a"  # the names are spelled, letter by letter
        return f"{article} {self.name.upper()} file"

    @property
    def refusal(self) -> str:
        """Why a file of a format that is not read is not read, and what to do."""
        return f"is {self.title}, which maskkit does not read; {self.instead}"


# The sides are libjpeg's and libwebp's limits; an AVIF beyond libavif's is written but never read again.
_READ = (
    FileFormat(
        name="png",
        signature=rb"\x89PNG\r\n\x1a\n",
        suffixes=(".png",),
        media_type="image/png",
        bits=16,
        alpha=True,
        icc=True,
        decoder="maskkit.codec.png_whole:WholePng",
        encoder="maskkit.codec.png:png_parts",
    ),
    FileFormat(
        name="jpeg",
        signature=rb"\xff\xd8\xff(?!\xf7)",  # that is JPEG-LS
        suffixes=(".jpg", ".jpeg"),
        media_type="image/jpeg",
        icc=True,
        tolerance=4,
        side=65500,
        quality=90,
        decoder="maskkit.codec.jpeg_still:StillJpeg",
        encoder="maskkit.codec.jpeg:jpeg_parts",
    ),
    FileFormat(
        name="webp",
        signature=rb"(?s)RIFF.{4}WEBP",
        suffixes=(".webp",),
        media_type="image/webp",
        alpha=True,
        icc=True,
        tolerance=6,
        side=16383,
        quality=90,
        decoder="PIL.WebPImagePlugin:WebPImageFile",
        encoder="maskkit.codec.webp:webp_parts",
        measure="maskkit.codec.webp_header:webp_size",
    ),
    FileFormat(
        name="tiff",
        signature=rb"(?s)(?:II[*+]\0|MM\0[*+])(?!.{4}CR\x02)",  # + is BigTIFF; CR is Canon's raw
        suffixes=(".tif", ".tiff"),
        media_type="image/tiff",
        bits=16,
        alpha=True,
        icc=True,
        decoder="maskkit.codec.tiff_known:open_tiff",
        encoder="maskkit.codec.tiff:tiff_parts",
    ),
    FileFormat(
        name="avif",
        signature=rb"(?s).{4}ftyp(?:.{4})*?avi[fs]",
        suffixes=(".avif",),
        media_type="image/avif",
        alpha=True,
        icc=True,
        tolerance=4,
        side=32768,
        quality=80,
        decoder="maskkit.codec.deep:DeepAvif",
        encoder="maskkit.codec.avif:avif_parts",
    ),
    FileFormat(
        name="gif",
        signature=rb"GIF8[79]a",
        suffixes=(".gif",),
        media_type="image/gif",
        decoder="maskkit.codec.gif:CanvasGif",
    ),
    FileFormat(
        name="bmp",
        signature=rb"BM",
        suffixes=(".bmp", ".dib"),
        media_type="image/bmp",
        decoder="maskkit.codec.bmp:AlphaBmp",
    ),
    FileFormat(
        name="heif",
        # AVIF and HEIC share one container; the list of brands tells them apart (ISO/IEC 14496-12)
        signature=rb"(?s).{4}ftyp(?!(?:.{4})*?avi[fs])(?:.{4})*?(?:hei[cmsx]|hev[cx]|m[is]f1)",
        suffixes=(".heic", ".heif"),
        media_type="image/heic",
        tolerance=4,
        decoder="maskkit.codec.heif:open_heif",
        extra="heif",
    ),
)
FORMATS = {one.name: one for one in _READ} | {
    name: FileFormat(
        name=name, signature=told, suffixes=tuple(suffixes.split()), media_type=media_type, instead=instead
    )
    for name, told, suffixes, media_type, instead in UNREAD
}
_BY_SUFFIX = {suffix: one for one in FORMATS.values() for suffix in one.suffixes}
_BY_MEDIA_TYPE = {one.media_type: one for one in FORMATS.values()}
READ = f"{', '.join(one.name.upper() for one in _READ[:-1])} or {_READ[-1].name.upper()}"
"""The formats that are read, in words."""

_WRITTEN = tuple(one for one in _READ if one.encoder)


LAYERED = (".psd", ".psb", ".ora")
"""The suffixes of files of layers, which `maskkit.codec.layers` writes."""


def is_layered(path: str | os.PathLike[str]) -> bool:
    """Whether the name is that of a file of layers.

    >>> is_layered("cutout.psd"), is_layered("cutout.png")
    (True, False)
    """
    return Path(os.fsdecode(path)).suffix.lower() in LAYERED


def format_of(content: bytes) -> FileFormat | None:
    """The format that a file's own bytes declare, whatever its name says, or None.

    >>> format_of(b"GIF89a...").name, format_of(b"8BPS" + bytes([0, 1])).name, format_of(b"some text")
    ('gif', 'psd', None)
    """
    ends = _ends(content)
    return next((one for one in FORMATS.values() if re.match(one.signature, ends)), None)


def _ends(content: bytes) -> bytes:
    if content[4:8] == b"ftyp":  # the box of brands alone: other bytes may look like one
        return content[: min(int.from_bytes(content[:4], "big"), 1024)]
    return content[:1024] + content[-18:]


def format_by_media_type(media_type: str) -> FileFormat:
    """The format of a media type; parameters behind a ";" are not looked at.

    >>> format_by_media_type("image/png").suffixes
    ('.png',)
    """
    try:
        return _BY_MEDIA_TYPE[media_type.partition(";")[0].strip().lower()]
    except KeyError:
        raise CodecError(f"media type: need one of {', '.join(_BY_MEDIA_TYPE)}, got {media_type!r}") from None


def format_to_write(format: str | None, path: str | os.PathLike[str] = "") -> FileFormat:
    """The format that is named, else the one that the path's suffix says, if it is written.

    >>> format_to_write(None, "photo.JPG").name, format_to_write("tif").name
    ('jpeg', 'tiff')
    """
    if format is None:
        name = redact(os.fsdecode(path))
        suffix = Path(name).suffix.lower()
        found, unknown = _BY_SUFFIX.get(suffix), f"unknown extension {suffix!r}"
        need = ", ".join(suffix for one in _WRITTEN for suffix in one.suffixes)
    else:
        name, word = "format", str(format).lower().removeprefix(".")
        found, unknown = FORMATS.get(word) or _BY_SUFFIX.get("." + word), f"{format!r} is unknown"
        need = ", ".join(one.name for one in _WRITTEN)
    if found is None or not found.encoder:
        why = unknown if found is None else f"maskkit does not write {found.name.upper()}"
        raise CodecError(f"{name}: {why}; need one of {need}")
    return found


def loaded(reference: str) -> Any:
    """What a "module:name" of the table names.

    >>> loaded("maskkit.errors:CodecError")
    <class 'maskkit.errors.CodecError'>
    """
    module, _, name = reference.partition(":")
    return getattr(import_module(module), name)
