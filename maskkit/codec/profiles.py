"""ICC profiles: their name, whether they are sRGB, and from one colour space to another."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

from maskkit.codec.samples import transparent_key, with_key
from maskkit.errors import CodecError
from maskkit.hearing import warn
from maskkit.pixels import Array

__all__ = ["as_srgb", "converted", "is_srgb", "profile_name", "same_space"]

# Every combination of these in red, green and blue.
_LEVELS = (0, 16, 48, 96, 128, 176, 224, 255)


def as_srgb(image: Image.Image, name: str) -> Image.Image:
    """``image`` of 8 bits in sRGB by its profile: relative colorimetric, with black point compensation."""
    icc = image.info.get("icc_profile")
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    if icc is None and image.mode == "CMYK":
        warn(f"{name}: CMYK without a profile; converted as 255 - c - k", stacklevel=4)
        return image.convert("RGB")
    if icc is None and image.mode != "LAB":
        return image if image.mode != "YCbCr" else image.convert("RGB")
    source = _profile(icc, name)
    if is_srgb(source):
        return image
    if image.mode in ("L", "LA") and source.profile.xcolor_space == "RGB ":  # grey in a space of RGB
        image = _grey_as_colour(image)
    return _converted(image, source, name)


def _grey_as_colour(image: Image.Image) -> Image.Image:
    """R = G = B, with the alpha that a transparent grey makes."""
    alpha = _alpha(image)
    colour = image.getchannel(0).convert("RGB")
    if alpha:
        colour.putalpha(alpha)
    return colour


def same_space(one: bytes | None, other: bytes | None) -> bool:
    """Whether two profiles mean the same colours; None is sRGB.

    >>> same_space(None, ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    True
    """
    if one == other:
        return True
    return all(icc is None or is_srgb(_profile(icc, "profile")) for icc in (one, other))


def converted(
    pixels: Array, source: bytes | None, target: bytes | None = None, name: str = "picture"
) -> Array:
    """RGB or straight RGBA brought from one profile's space to another's; None is sRGB, alpha stays.

    Relative colorimetric with black point compensation, by littleCMS in 8 bits. Of more bits, profiles of
    primaries and curves are converted, others are refused.

    >>> pixels = np.full((1, 1, 3), 90, np.uint8)
    >>> converted(pixels, None, None) is pixels
    True
    """
    if same_space(source, target):
        return pixels
    colour = np.ascontiguousarray(pixels[..., :3])
    if pixels.dtype == np.uint8:
        ends = [_profile(icc, name) if icc else _srgb() for icc in (source, target)]
        try:
            colour = np.asarray(_transformed(Image.fromarray(colour), *ends))
        except (ValueError, ImageCms.PyCMSError):
            raise CodecError(f"{name}: its ICC profile does not fit its RGB pixels") from None
    else:
        colour = _wide(colour, source, target, name)
    return colour if pixels.shape[2] == 3 else np.concatenate([colour, pixels[..., 3:]], axis=2)


def _wide(colour: Array, source: bytes | None, target: bytes | None, name: str) -> Array:
    from maskkit.codec.matrix_profiles import SRGB_CURVE, SRGB_XY, matrix_profile
    from maskkit.codec.wide_profiles import matrix_of, moved

    srgb = matrix_profile("sRGB", SRGB_XY, SRGB_CURVE)
    start, end = matrix_of(source or srgb), matrix_of(target or srgb)
    if start is None or end is None:
        raise CodecError(f"{name}: has 16 bits and a profile of tables; convert it to sRGB elsewhere")
    return moved(colour, start, end)


def _profile(icc: bytes | None, name: str) -> ImageCms.ImageCmsProfile:
    if icc is None:
        return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(icc))
    except (OSError, ImageCms.PyCMSError):
        raise CodecError(f"{name}: its ICC profile is damaged") from None


def is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    """Whether colours stay within a level of 255 on their way from ``profile`` to sRGB, whatever its name.

    >>> is_srgb(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")))
    True
    """
    if profile.profile.xcolor_space != "RGB ":
        return False
    colours = np.stack(np.meshgrid(_LEVELS, _LEVELS, _LEVELS), axis=-1).reshape(1, -1, 3).astype(np.uint8)
    try:
        seen = np.asarray(_to_srgb(Image.fromarray(colours), profile), np.int16)
    except (ValueError, ImageCms.PyCMSError):
        return False
    return bool(np.abs(seen - colours).max() <= 1)


def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _to_srgb(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image | None:
    return _transformed(image, source, _srgb())


def _transformed(
    image: Image.Image, source: ImageCms.ImageCmsProfile, target: ImageCms.ImageCmsProfile
) -> Image.Image | None:
    return ImageCms.profileToProfile(
        image,
        source,
        target,
        ImageCms.Intent.RELATIVE_COLORIMETRIC,
        "RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )


def _converted(image: Image.Image, source: ImageCms.ImageCmsProfile, name: str) -> Image.Image:
    alpha = _alpha(image)
    colour = image.convert(image.mode[:-1]) if image.mode in ("LA", "RGBA") else image
    try:
        result = _to_srgb(colour, source)
    except (ValueError, ImageCms.PyCMSError):
        raise CodecError(f"{name}: its ICC profile does not fit its {image.mode} pixels") from None
    if result is None:
        raise CodecError(f"{name}: cannot be converted to sRGB")
    if alpha:
        result.putalpha(alpha)
    return result


def _alpha(image: Image.Image) -> Image.Image | None:
    """The alpha channel, or what a transparent colour makes of one: the colour is another once converted."""
    if image.mode in ("LA", "RGBA"):
        return image.getchannel("A")
    key = transparent_key(image)
    if key is None or image.mode not in ("L", "RGB"):
        return None
    return Image.fromarray(with_key(np.asarray(image), key)[..., -1])


def profile_name(icc: bytes) -> str:
    """The description inside an ICC profile, or "unreadable".

    >>> profile_name(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    'sRGB built-in'
    >>> profile_name(b"no profile")
    'unreadable'
    """
    try:
        return ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(icc))).strip()
    except (ImageCms.PyCMSError, OSError):
        return "unreadable"
