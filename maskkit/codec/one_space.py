"""Two pictures in one colour space, as mixing needs them."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from maskkit.codec.inputs import ImageInput, to_picture, to_pixels
from maskkit.codec.picture import Picture
from maskkit.errors import PixelError
from maskkit.pixels import Array

__all__ = ["Profile", "icc_of_space", "in_space", "to_one_space"]

Profile = Literal["srgb"] | bytes
"""The space of a result: "srgb", or an ICC profile."""


def to_one_space(
    foreground: ImageInput, backdrop: ImageInput, profile: Profile | None = None
) -> tuple[Array, Array]:
    """The pixels of both: the backdrop's in the foreground's space, or both in that of ``profile``.

    Without a profile a picture is sRGB. Arrays have no space, and stay as they are.

    >>> one, other = to_one_space(np.zeros((2, 3, 3), np.uint8), np.zeros((2, 3, 4), np.uint8))
    >>> one.shape, other.shape
    ((2, 3, 3), (2, 3, 4))
    """
    if isinstance(foreground, np.ndarray) or isinstance(backdrop, np.ndarray):
        both = (foreground, "foreground"), (backdrop, "backdrop")
        one, other = (_alone(given, name, profile) for given, name in both)
        return one, other
    source, below = to_picture(foreground, "foreground"), to_picture(backdrop, "backdrop")
    space = source.icc if profile is None else icc_of_space(profile)
    return in_space(source, space, "foreground").pixels, in_space(below, space, "backdrop").pixels


def _alone(given: ImageInput, name: str, profile: Profile | None) -> Array:
    if profile is None or isinstance(given, np.ndarray):
        return to_pixels(given, name)
    return in_space(to_picture(given, name), icc_of_space(profile), name).pixels


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
