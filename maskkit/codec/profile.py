"""ICC profiles by name."""

from __future__ import annotations

import io

from PIL import ImageCms

__all__ = ["profile_name"]


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
