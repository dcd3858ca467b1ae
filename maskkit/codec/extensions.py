"""Which format a file is written in, by its name or by its extension."""

from __future__ import annotations

import os
from pathlib import Path

from maskkit.errors import CodecError

__all__ = ["FORMATS", "format_of"]

FORMATS = ("png", "jpeg", "webp", "tiff", "avif")
_EXTENSIONS = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".avif": "avif",
}


def format_of(format: str | None, path: str | os.PathLike[str]) -> str:
    """The format that is named, else the one that the path's extension says.

    >>> format_of(None, "photo.JPG"), format_of("tif", "")
    ('jpeg', 'tiff')
    """
    if format is None:
        suffix = Path(os.fspath(path)).suffix.lower()
        if suffix not in _EXTENSIONS:
            raise CodecError(f"{path}: unknown extension {suffix!r}; need one of {', '.join(_EXTENSIONS)}")
        return _EXTENSIONS[suffix]
    kind = _EXTENSIONS.get("." + str(format).lower().removeprefix("."))
    if kind is None:
        raise CodecError(f"format: {format!r} is unknown; need one of {', '.join(FORMATS)}")
    return kind
