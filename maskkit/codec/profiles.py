"""ICC profiles: their name, whether they are sRGB, and from their colour space to sRGB when asked."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image, ImageCms

from maskkit.codec.samples import transparent_key, with_key
from maskkit.errors import CodecError, MaskkitWarning

__all__ = ["as_srgb", "is_srgb", "profile_name"]

# Every combination of these in red, green and blue.
_LEVELS = (0, 16, 48, 96, 128, 176, 224, 255)


def as_srgb(image: Image.Image, name: str, *, wide: bool = False) -> Image.Image:
    """``image`` in sRGB by its own profile: relative colorimetric, with black point compensation.

    ``wide`` says that the file has 16 bits, which this conversion does not keep.
    """
    icc = image.info.get("icc_profile")
    if image.mode in ("P", "PA"):
        image = image.convert("RGBA" if "transparency" in image.info or image.mode == "PA" else "RGB")
    if icc is None and image.mode == "CMYK":
        warnings.warn(
            f"{name}: CMYK without a profile; converted as 255 - c - k", MaskkitWarning, stacklevel=4
        )
        return image.convert("RGB")
    if icc is None and image.mode != "LAB":
        return image if image.mode != "YCbCr" else image.convert("RGB")
    source = _profile(icc, name)
    if is_srgb(source):
        return image
    if wide:
        raise CodecError(f"{name}: has 16 bits and a profile other than sRGB; convert it to sRGB elsewhere")
    return _converted(image, source, name)


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


def _to_srgb(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image | None:
    return ImageCms.profileToProfile(
        image,
        source,
        ImageCms.createProfile("sRGB"),
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
