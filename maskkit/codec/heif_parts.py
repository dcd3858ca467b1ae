"""The pictures beside a photo in HEIC: the mattes and the depth map that phones make.

References
----------
ISO/IEC 23008-12, 6.4.4 (auxiliary images) and 6.5.8 (auxC).
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from maskkit.codec.formats import format_of
from maskkit.codec.opening import TooManyPixelsError, decoding
from maskkit.codec.sources import MAX_PIXELS
from maskkit.errors import CodecError, MissingExtraError
from maskkit.pixels import Array

__all__ = ["part_of", "parts_in"]

# The last word of the URNs that phones write, by what we call the part.
_NAMES = {
    "portraiteffectsmatte": "matte",
    "semantichairmatte": "hair",
    "semanticskinmatte": "skin",
    "semanticteethmatte": "teeth",
    "semanticglassesmatte": "glasses",
    "semanticskymatte": "sky",
}
_DEPTH = "depth"


def parts_in(content: bytes) -> dict[str, tuple[int, int]]:
    """The names of the parts beside the photo with their (width, height); none of other formats.

    "matte", "hair", "skin", "teeth", "glasses", "sky", "depth", and the last word of any other's URN.
    """
    if _kind(content) != "heif":
        return {}
    return {name: (part.size[0], part.size[1]) for name, part in _parts(content).items()}


def part_of(content: bytes, part: str, name: str, max_pixels: int = MAX_PIXELS) -> Array:
    """The samples of one part, ``(H, W)``. Raises CodecError where the file has none of that name."""
    if _kind(content) != "heif":
        raise CodecError(f"{name}: part: {part!r} is asked for, and only HEIC files have such parts")
    with decoding(name):
        found = _parts(content)
        if part not in found:
            there = f"it has {', '.join(found)}" if found else "it has none"
            raise CodecError(f"{name}: part: {part!r} is asked for; {there}")
        width, height = found[part].size
        if width * height > max_pixels:
            told = f"{name}: {part} has {width * height} pixels, max_pixels is {max_pixels}"
            raise TooManyPixelsError(told, width * height, max_pixels)
        return np.array(found[part])


def _kind(content: bytes) -> str:
    found = format_of(content)
    return found.name if found else ""


def _parts(content: bytes) -> dict[str, Any]:
    """The parts by name, not decoded yet; of several of one name the first."""
    try:
        import pillow_heif
    except ImportError:
        raise MissingExtraError("heif", "pillow-heif") from None
    file = pillow_heif.open_heif(io.BytesIO(content))
    photo: Any = file[file.primary_index]
    found = {}
    for urn, numbers in photo.info.get("aux", {}).items():
        word = str(urn).rpartition(":")[2]
        found[_NAMES.get(word, word)] = photo.get_aux_image(numbers[0])
    depths = photo.info.get("depth_images")
    return found | ({_DEPTH: depths[0]} if depths else {})
