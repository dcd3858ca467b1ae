"""The only room that decodes or encodes picture files.

reading.py     a file -> Picture               writing.py    a Picture -> a file or bytes
masks.py       a file -> a mask                encoders.py   one function a format
sources.py     paths, bytes, file objects      png.py        PNG in parallel bands; png_filters.py
signatures.py  which format it is              tiff.py       TIFF in parallel strips
opening.py     size cap, errors, decode ahead  deflate.py    pieces of one zlib stream
samples.py     decoded image -> array          flatten.py    alpha over a solid ground
metadata.py    EXIF, dpi, which way is up      replacing.py  temporary file, then renamed
profiles.py    ICC profile -> sRGB             css_color.py  a CSS colour as four numbers
png_whole.py   PNGs that end early             jpeg_still.py JPEGs and their EXIF
extensions.py  which format is to be written

Its names are loaded when first used, so that a file can be opened, and decoded, before NumPy is there.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maskkit.codec.masks import read_mask, to_mask
    from maskkit.codec.opening import ahead
    from maskkit.codec.reading import is_print, read, to_picture, to_spare
    from maskkit.codec.replacing import atomic
    from maskkit.codec.sources import load
    from maskkit.codec.writing import encode, write

__all__ = [
    "ahead",
    "atomic",
    "encode",
    "is_print",
    "load",
    "read",
    "read_mask",
    "to_mask",
    "to_picture",
    "to_spare",
    "write",
]

# No name is a module's: importing the module would put it in the function's place.
_HOME = {
    "ahead": "opening",
    "atomic": "replacing",
    "encode": "writing",
    "is_print": "reading",
    "load": "sources",
    "read": "reading",
    "read_mask": "masks",
    "to_mask": "masks",
    "to_picture": "reading",
    "to_spare": "reading",
    "write": "writing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'maskkit.codec' has no attribute {name!r}")
    return getattr(importlib.import_module(f"maskkit.codec.{_HOME[name]}"), name)
