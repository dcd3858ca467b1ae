"""The only room that decodes or encodes picture files, and the door that pictures of any kind come in by.

formats.py     the table: one row a format; unread.py   those that are only known
inputs.py      whatever a verb is given -> pixels       sources.py   a path, bytes, a file object -> bytes
reading.py     a file -> Picture                        masks.py     a file -> a mask
writing.py     a Picture -> a file or bytes             options.py   what it is written with
encoders.py    what every format asks of a picture      replacing.py temporary file, then renamed
picture.py     Picture: pixels and what a file knows    looks.py     pixels as people see them
opening.py     signature, size cap, errors, ahead       samples.py   decoded image -> array
metadata.py    EXIF, dpi, which way is up               profiles.py  ICC profile -> sRGB
signalling.py  a file's colours without a profile; matrix_profiles.py, wide_profiles.py: primaries and curves
layers/        PSD and OpenRaster                         frames/       animations, folders, video
flatten.py     alpha over a solid ground                css_color.py a CSS colour as four numbers
png.py         PNG in parallel bands; png_*.py          tiff.py      TIFF in parallel strips
jpeg.py webp.py avif.py   by pillow_writer.py           deflate.py   pieces of one zlib stream
jpeg_still.py png_whole.py tiff_known.py heif.py        the decoders that the table names

Its names are loaded when first used, so that a file can be opened, and decoded, before NumPy is there.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from maskkit.codec.formats import FORMATS, FileFormat, Format, format_by_media_type
    from maskkit.codec.frames import Frame, Frames, read_frames, write_frames
    from maskkit.codec.inputs import (
        ImageInput,
        MaskInput,
        to_mask,
        to_picture,
        to_pixels,
        to_spare,
    )
    from maskkit.codec.layers.reading import read_layers
    from maskkit.codec.masks import read_mask
    from maskkit.codec.opening import ahead, at_once, warn_of_frames
    from maskkit.codec.picture import Picture
    from maskkit.codec.reading import is_print, read
    from maskkit.codec.replacing import atomic
    from maskkit.codec.sources import FileInput, is_file, load
    from maskkit.codec.writing import encode, write

__all__ = [
    "FORMATS",
    "FileFormat",
    "FileInput",
    "Format",
    "Frame",
    "Frames",
    "ImageInput",
    "MaskInput",
    "Picture",
    "ahead",
    "at_once",
    "atomic",
    "encode",
    "format_by_media_type",
    "is_file",
    "is_print",
    "load",
    "read",
    "read_frames",
    "read_layers",
    "read_mask",
    "to_mask",
    "to_picture",
    "to_pixels",
    "to_spare",
    "warn_of_frames",
    "write",
    "write_frames",
]

# No name is a module's: importing the module would put it in the function's place.
_NAMES = {
    "formats": ("FORMATS", "FileFormat", "Format", "format_by_media_type"),
    "frames": ("Frame", "Frames", "read_frames", "write_frames"),
    "inputs": ("ImageInput", "MaskInput", "to_mask", "to_picture", "to_pixels", "to_spare"),
    "layers.reading": ("read_layers",),
    "masks": ("read_mask",),
    "opening": ("ahead", "at_once", "warn_of_frames"),
    "picture": ("Picture",),
    "reading": ("is_print", "read"),
    "replacing": ("atomic",),
    "sources": ("FileInput", "is_file", "load"),
    "writing": ("encode", "write"),
}
_HOME = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'maskkit.codec' has no attribute {name!r}")
    return getattr(importlib.import_module(f"maskkit.codec.{_HOME[name]}"), name)
