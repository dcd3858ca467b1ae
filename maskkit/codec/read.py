"""A file to a Picture."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

from maskkit.codec.opening import MAX_PIXELS, decoding, open_image
from maskkit.codec.sources import Source, load
from maskkit.errors import CodecError, PixelError
from maskkit.pixels import Array, Picture, check_image

__all__ = ["read", "to_picture"]


def read(source: Source, *, to_srgb: bool = False, max_pixels: int = MAX_PIXELS) -> Picture:
    """The picture in a file: upright RGB or straight RGBA, with its ICC profile, EXIF and dpi."""
    content, name = load(source)
    with decoding(name):
        return _picture(open_image(content, name, max_pixels), name, to_srgb)


def to_picture(source: Any) -> Picture:
    """A path, bytes, a file object, a ``PIL.Image``, an array or a Picture as a Picture."""
    if isinstance(source, Picture):
        check_image(source.pixels)
        return source
    if isinstance(source, np.ndarray):
        return Picture(check_image(source))
    if isinstance(source, Image.Image):
        return _picture(source, "the PIL.Image given", to_srgb=False)
    return read(source)


def _picture(image: Image.Image, name: str, to_srgb: bool) -> Picture:
    icc, dpi = image.info.get("icc_profile"), image.info.get("dpi")
    if to_srgb and icc is not None:
        image, icc = _to_srgb(image, icc), None
    if image.mode in ("CMYK", "LAB", "YCbCr", "HSV"):
        raise CodecError(f"{name}: is {image.mode}; pass to_srgb=True to convert it")
    exif = image.getexif()
    exif.pop(0x0112, None)
    image = ImageOps.exif_transpose(image)
    return Picture(_pixels(image), icc, exif.tobytes() if exif else None, dpi)


def _to_srgb(image: Image.Image, icc: bytes) -> Image.Image:
    mode = "RGBA" if "A" in image.mode else "RGB"
    source, target = ImageCms.ImageCmsProfile(io.BytesIO(icc)), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, source, target, outputMode=mode)
    return converted or image


def _pixels(image: Image.Image) -> Array:
    if image.mode.startswith("I;16") or image.mode == "I":
        grey = np.asarray(image)
        if grey.max(initial=0) > 65535 or grey.min(initial=0) < 0:
            raise PixelError("32-bit grey has no pixel range")
        return np.repeat(grey.astype(np.uint16)[..., None], 3, axis=2)
    alpha = image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info
    return np.asarray(image.convert("RGBA" if alpha else "RGB"))
