"""The pictures of a file as Pillow counts them: AVIF sequences, pages of TIFF, and a still as one frame."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from maskkit.codec.frames.frame import Frame, Frames
from maskkit.codec.opening import Opened, decoding, open_image
from maskkit.codec.reading import read_opened
from maskkit.errors import CodecError

__all__ = ["read_stills"]


def read_stills(content: bytes, name: str, fps: Fraction, max_pixels: int) -> Frames:
    """The pictures of a file in their order; those without a time are shown for ``1 / fps`` seconds."""
    found = Opened(open_image(content, name, max_pixels), content, name)
    number = found.frames
    size = read_opened(found).size
    timed = found.image.format == "AVIF" and number > 1

    def frames() -> Iterator[Frame]:
        opened = Opened(open_image(content, name, max_pixels), content, name)
        for index in range(number):
            at = opened.at(index)
            picture = read_opened(at)
            if picture.size != size:
                raise CodecError(f"{name}: frames of different sizes: page {index + 1} has {picture.size}")
            yield Frame(picture, _seconds(at) if timed else 1 / fps)

    return Frames(name, size, frames, number, timed=timed, tick=Fraction(1, 1000) if timed else 1 / fps)


def _seconds(found: Opened) -> Fraction:
    with decoding(found.name):
        found.image.load()
    return Fraction(int(found.image.info.get("duration", 0)), 1000)
