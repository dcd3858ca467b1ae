"""A photo to what the service takes: upright, of a format and a size that it does not refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from maskkit.adobe.flow import Upload
from maskkit.adobe.logs import say
from maskkit.codec import encode, is_file, load, to_picture
from maskkit.codec.formats import format_of
from maskkit.codec.opening import decoding, open_image
from maskkit.codec.reading import read_named
from maskkit.kernels import convert
from maskkit.pixels import Array, split_alpha

__all__ = ["SIDES", "Prepared", "is_url", "prepare"]

SIDES = {"v1": 10_000, "v2": 6_000}  # pixels: the longest side that each contract takes
_TAKEN = ("jpeg", "png")  # by both contracts
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Prepared:
    """What is uploaded. ``size`` is (height, width) of the upright photo, ``sent`` that of the upload.

    ``guide`` are the photo's own pixels where they had to be decoded, or None.
    """

    upload: Upload
    size: tuple[int, int]
    sent: tuple[int, int]
    source: Any = field(repr=False)
    guide: Array | None = field(default=None, repr=False)

    def pixels(self) -> Array:
        """The upright photo in full size."""
        return self.guide if self.guide is not None else _decoded(self.source, "photo")


def is_url(photo: Any) -> bool:
    """A photo that is given as a URL is read by the service itself."""
    return isinstance(photo, str) and photo.strip().lower().startswith(("https://", "http://"))


def prepare(photo: Any, side: int) -> Prepared:
    """The photo as it is if the service takes it, else decoded, turned upright, scaled down and encoded.

    Parameters
    ----------
    photo : path, bytes, file, PIL.Image, Picture, Cutout or colour array.
    side : the longest side that the service takes, in pixels.

    >>> prepare(np.zeros((20, 40, 3), np.uint8), 10).sent
    (5, 10)
    """
    source, name = load(photo, "photo") if is_file(photo) else (photo, "photo")
    if isinstance(source, bytes) and (ready := _as_it_is(source, side, name)):
        return ready
    pixels = _decoded(source, name)
    height, width = pixels.shape[:2]
    scale = min(1.0, side / max(height, width))
    sent = max(1, round(height * scale)), max(1, round(width * scale))
    if scale < 1:
        say(
            "scaled",
            photo=f"{width}x{height}",
            sent=f"{sent[1]}x{sent[0]}",
            because=f"longest side is {side}",
        )
    return Prepared(_encoded(pixels, sent), (height, width), sent, source, pixels)


def _as_it_is(content: bytes, side: int, name: str) -> Prepared | None:
    kind = format_of(content)
    if kind is None or kind.name not in _TAKEN:
        say("converted", because="the service takes JPEG and PNG")
        return None
    with decoding(name):
        image = open_image(content, name)
        plain = image.mode in ("L", "RGB", "RGBA") and image.getexif().get(_ORIENTATION, 1) == 1
    width, height = image.size
    if not plain or max(width, height) > side:
        say("converted", because="over-size" if plain else f"{image.mode}, or not upright")
        return None
    with decoding(name):
        image.load()  # a damaged photo is told before it is paid
    return Prepared(Upload(content, kind.suffixes[0]), (height, width), (height, width), content)


def _decoded(source: Any, name: str) -> Array:
    if isinstance(source, bytes):
        return read_named(source, name, to_srgb=True).pixels
    return to_picture(source, name, print_too=True).pixels


def _encoded(pixels: Array, sent: tuple[int, int]) -> Upload:
    small = convert(np.ascontiguousarray(pixels), np.uint8)
    if sent != pixels.shape[:2]:
        small = cv2.resize(small, sent[::-1], interpolation=cv2.INTER_AREA)
    if split_alpha(small)[1] is not None:
        return Upload(encode(small, "png"), ".png")
    return Upload(encode(small, "jpeg", quality=95), ".jpg")
