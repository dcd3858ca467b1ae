"""Two pictures in one colour space, as mixing needs them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from maskkit.codec.inputs import ImageInput, to_picture, to_pixels
from maskkit.codec.picture import Picture
from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array, max_value

__all__ = ["Profile", "color_in_space", "icc_of_space", "in_space", "to_one_space", "with_space"]

Profile = Literal["srgb"] | bytes
"""The space of a result: "srgb", or an ICC profile."""


def with_space(
    foreground: ImageInput, backdrop: ImageInput, profile: Profile | None = None
) -> tuple[Array, Array, bytes | None]:
    """`to_one_space`, and the ICC profile of that space: None is sRGB, or arrays', which have no profile."""
    if isinstance(foreground, np.ndarray) or isinstance(backdrop, np.ndarray):
        both = (foreground, "foreground"), (backdrop, "backdrop")
        (one, space), (other, below) = (_alone(given, name, profile) for given, name in both)
        return one, other, below if isinstance(foreground, np.ndarray) else space
    source, under = to_picture(foreground, "foreground"), to_picture(backdrop, "backdrop")
    space = source.icc if profile is None else icc_of_space(profile)
    return in_space(source, space, "foreground").pixels, in_space(under, space, "backdrop").pixels, space


def to_one_space(
    foreground: ImageInput, backdrop: ImageInput, profile: Profile | None = None
) -> tuple[Array, Array]:
    """The pixels of both: the backdrop's in the foreground's space, or both in that of ``profile``.

    Without a profile a picture is sRGB. Arrays have no space, and stay as they are.

    >>> one, other = to_one_space(np.zeros((2, 3, 3), np.uint8), np.zeros((2, 3, 4), np.uint8))
    >>> one.shape, other.shape
    ((2, 3, 3), (2, 3, 4))
    """
    one, other, _ = with_space(foreground, backdrop, profile)
    return one, other


def _alone(given: ImageInput, name: str, profile: Profile | None) -> tuple[Array, bytes | None]:
    if isinstance(given, np.ndarray):
        return to_pixels(given, name), None
    record = to_picture(given, name)
    record = record if profile is None else in_space(record, icc_of_space(profile), name)
    return record.pixels, record.icc


def color_in_space(color: str, icc: bytes | None, dtype: DTypeLike) -> str:
    """A CSS colour, which is sRGB, by the numbers that show it in the space of a profile; None is sRGB.

    To a level of ``dtype``, as a backdrop of that colour would have.

    >>> color_in_space("navy", None, np.uint8)
    'navy'
    """
    if icc is None:
        return color
    from maskkit.codec.css_color import parse_color  # Pillow comes with it

    *channels, opacity = parse_color(color)
    pixel = convert(np.array([[channels]]), np.dtype(dtype))
    shown = in_space(Picture(pixel), icc).pixels[0, 0]
    percent = " ".join(f"{value:.6f}%" for value in shown * (100 / max_value(pixel.dtype)))
    return f"rgb({percent} / {opacity!r})"


def in_space(picture: Picture, icc: bytes | None, name: str = "picture") -> Picture:
    """The picture brought to the space of a profile, which it carries then; None is sRGB."""
    if picture.icc == icc:
        return picture
    from maskkit.codec.profiles import converted

    return replace(picture, pixels=converted(picture.pixels, picture.icc, icc, name), icc=icc)


def icc_of_space(profile: Profile) -> bytes | None:
    """The ICC profile of a space that is asked for; None is sRGB.

    >>> icc_of_space("adobe")
    Traceback (most recent call last):
    maskkit.errors.PixelError: profile: need 'srgb' or the bytes of an ICC profile for RGB, got 'adobe'
    """
    if profile == "srgb":
        return None
    if isinstance(profile, bytes) and profile[16:20] == b"RGB " and profile[36:40] == b"acsp":
        return profile
    came = f"{len(profile)} bytes" if isinstance(profile, bytes) else repr(profile)
    raise PixelError(f"profile: need 'srgb' or the bytes of an ICC profile for RGB, got {came}")
