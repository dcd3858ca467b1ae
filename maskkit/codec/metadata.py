r"""What a file knows beside its pixels: ICC profile, EXIF, resolution, and which way is up.

EXIF is kept byte for byte (maker notes hold offsets that rewriting would break) with the two bytes of the
orientation set to 1 in place. It starts with ``Exif\0\0``, as in JPEG.
"""

from __future__ import annotations

import re
import struct
from contextlib import suppress
from typing import Any

from PIL import Image

from maskkit.codec.opening import decoding
from maskkit.errors import CodecError
from maskkit.hearing import warn
from maskkit.pixels import Array

__all__ = [
    "MAX_DPI",
    "dpi_exif",
    "dpi_of",
    "exif_of",
    "icc_of",
    "orientation_of",
    "sound_exif",
    "turned",
    "upright_exif",
    "xmp_of",
]

PREFIX = b"Exif\0\0"
# What JPEG's field of 16 bits holds; a resolution beyond it says nothing.
MAX_DPI = 65535
_ORIENTATION = 0x0112
_X_RESOLUTION = 0x011A
_WHOLE_NUMBERS = {1: "B", 3: "H", 4: "I"}
_XMP_ORIENTATION = re.compile(r"""tiff:Orientation(?:\s*=\s*["']|>)\s*([1-8])""")
# What a TIFF says about the picture rather than about the layout of its own bytes.
_DESCRIPTIVE = (0x010E, 0x010F, 0x0110, 0x0131, 0x0132, 0x013B, 0x8298, 0x8769, 0x8825)
_SUB_DIRECTORIES = (0x8769, 0x8825)


def icc_of(image: Image.Image) -> bytes | None:
    """The ICC profile if it is one for RGB (ICC.1 7.2: colour space at 16, signature at 36), else None.

    A profile for grey says nothing about the R = G = B that grey is read as.
    """
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or profile[36:40] != b"acsp" or profile[16:20] != b"RGB ":
        return None
    return profile


def exif_of(image: Image.Image) -> bytes | None:
    """The EXIF of a loaded image as its file has it, or None; of a TIFF, its descriptive tags."""
    if hasattr(image, "tag_v2"):
        return _tiff_exif(image)
    exif = image.info.get("exif") or _text_exif(image.info.get("Raw profile type exif"))
    if not isinstance(exif, bytes) or not exif:
        return None
    return exif if exif.startswith(PREFIX) else PREFIX + exif


def _text_exif(text: Any) -> bytes | None:
    """EXIF as ImageMagick writes it into a PNG's text: an empty line, a name, a length, then hexadecimal."""
    with suppress(ValueError):
        return bytes.fromhex("".join(str(text).split("\n")[3:]))
    return None


def _tiff_exif(image: Any) -> bytes | None:
    found, kept = image.getexif(), Image.Exif()
    for tag in _DESCRIPTIVE:
        value = found.get_ifd(tag) if tag in _SUB_DIRECTORIES else found.get(tag)
        if value:
            kept[tag] = dict(value) if tag in _SUB_DIRECTORIES else value
    return kept.tobytes() if kept else None


def dpi_of(image: Image.Image, exif: bytes | None) -> tuple[float, float] | None:
    """Dots per inch, across and down; from the EXIF where the format itself has no field for it."""
    dpi = image.info.get("dpi")
    if _X_RESOLUTION not in getattr(image, "tag_v2", {_X_RESOLUTION}):
        dpi = None  # Pillow says 1 of a TIFF that says nothing
    elif dpi is None and exif:
        with suppress(Exception):  # a damaged EXIF says nothing; that is no reason to refuse the pixels
            dpi = _exif_dpi(exif)
    if not dpi:
        return None
    with suppress(TypeError, ValueError, ZeroDivisionError):
        across, down = (float(value) for value in dpi)
        if 0 < across <= MAX_DPI and 0 < down <= MAX_DPI:
            return across, down
    return None


def _exif_dpi(exif: bytes) -> tuple[float, float]:
    tags = Image.Exif()
    tags.load(exif)
    scale = 2.54 if tags.get(0x0128) == 3 else 1.0
    return float(tags[_X_RESOLUTION]) * scale, float(tags[0x011B]) * scale


def sound_exif(exif: bytes | None) -> bytes | None:
    """The same bytes, or None with a warning where they are damaged: for the formats that rewrite them."""
    if exif is None:
        return None
    tags = Image.Exif()
    try:
        with decoding("exif"):
            tags.load(exif)
            for tag in _SUB_DIRECTORIES:
                tags.get_ifd(tag)
            tags.tobytes()
    except CodecError:
        warn("exif: is damaged and left out of the file", stacklevel=2)
        return None
    return exif


def dpi_exif(dpi: tuple[float, float]) -> bytes:
    """A small EXIF that says only the resolution, for the formats without a field for it."""
    tags = Image.Exif()
    tags[0x011A], tags[0x011B], tags[0x0128] = dpi[0], dpi[1], 2
    return tags.tobytes()


def orientation_of(exif: bytes | None, xmp: bytes | str | None = None) -> int:
    """EXIF's orientation, or that of the XMP where the EXIF has none: 1 to 8; 1 where there is none.

    >>> orientation_of(None), orientation_of(None, b'<x tiff:Orientation="6"/>')
    (1, 6)
    """
    found = _orientation_at(exif) if exif else None
    if exif is None or found is None:
        told = _XMP_ORIENTATION.search(xmp.decode("latin-1") if isinstance(xmp, bytes) else xmp or "")
        return int(told[1]) if told else 1
    (value,) = struct.unpack_from(found[1], exif, found[0])
    return int(value) if 1 <= value <= 8 else 1


def xmp_of(image: Image.Image) -> bytes | str | None:
    """The XMP of a loaded image as its file has it, or None."""
    xmp = image.info.get("XML:com.adobe.xmp") or image.info.get("xmp")
    return xmp if isinstance(xmp, (bytes, str)) else None


def upright_exif(exif: bytes | None) -> bytes | None:
    """The same bytes with the orientation set to 1."""
    found = _orientation_at(exif) if exif else None
    if exif is None or found is None:
        return exif
    at, form = found
    return exif[:at] + struct.pack(form, 1) + exif[at + struct.calcsize(form) :]


def _orientation_at(exif: bytes) -> tuple[int, str] | None:
    """Where the orientation's value stands in the first directory (EXIF 2.32, section 4.6.2), and its form.

    A SHORT by the standard; some writers store a BYTE or a LONG.
    """
    order = "<" if exif[6:8] == b"II" else ">"
    with suppress(struct.error):
        (directory,) = struct.unpack_from(order + "I", exif, 10)
        (count,) = struct.unpack_from(order + "H", exif, 6 + directory)
        for entry in range(8 + directory, 8 + directory + 12 * count, 12):
            tag, kind = struct.unpack_from(order + "HH", exif, entry)
            if tag == _ORIENTATION and kind in _WHOLE_NUMBERS:
                form = order + _WHOLE_NUMBERS[kind]
                struct.unpack_from(form, exif, entry + 8)
                return entry + 8, form
    return None


def turned(array: Array, orientation: int) -> Array:
    """``array`` as EXIF's ``orientation`` says it is to be seen."""
    if orientation == 1:
        return array
    import cv2

    if orientation in (5, 7):
        array = cv2.transpose(array)
    flip = {2: 1, 4: 0, 7: -1}.get(orientation)
    if flip is not None:
        return cv2.flip(array, flip)
    turn = {3: cv2.ROTATE_180, 6: cv2.ROTATE_90_CLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE}
    return cv2.rotate(array, turn[orientation]) if orientation in turn else array
