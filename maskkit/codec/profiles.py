"""ICC profiles: their name, and from their colour space to sRGB when asked."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageCms

from maskkit.errors import CodecError, MaskkitWarning

__all__ = ["as_srgb", "profile_name"]


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
    if "sRGB" in ImageCms.getProfileDescription(source):
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


def _converted(image: Image.Image, source: ImageCms.ImageCmsProfile, name: str) -> Image.Image:
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colour = image.convert(image.mode[:-1]) if alpha else image
    try:
        result = ImageCms.profileToProfile(
            colour,
            source,
            ImageCms.createProfile("sRGB"),
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            "RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ValueError, ImageCms.PyCMSError):
        raise CodecError(f"{name}: its ICC profile does not fit its {image.mode} pixels") from None
    if result is None:
        raise CodecError(f"{name}: cannot be converted to sRGB")
    if alpha:
        result.putalpha(alpha)
    return result


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
