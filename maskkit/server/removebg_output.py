"""The files that remove.bg's contract answers: PNG, JPEG, WebP, and a ZIP of colour and alpha."""

from __future__ import annotations

import io
import zipfile

import numpy as np

from maskkit.codec.picture import Picture
from maskkit.pixels import Array
from maskkit.server.removebg import Asked

__all__ = ["MEDIA_TYPES", "encoded", "kind_of"]

MEDIA_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "zip": "application/zip"}


def kind_of(result: Array, asked: Asked) -> str:
    """The format of the answer: the one asked for, or PNG where anything is transparent, else JPEG."""
    if asked.format != "auto":
        return asked.format
    opaque = result.ndim == 3 and (result.shape[2] == 3 or bool((result[..., 3] == 255).all()))
    return "jpg" if opaque else "png"


def encoded(result: Picture | Array, kind: str) -> bytes:
    """The file of a picture ``(H, W, 3 or 4)``, or of a mask ``(H, W)``."""
    from maskkit.codec import encode

    if kind == "zip":
        return _zipped(result)
    if kind == "jpg":
        return encode(result, "jpeg", background="white")
    if (
        isinstance(result, Picture) and result.pixels.shape[2] == 4
    ):  # nothing of the photo hides under alpha 0
        result = result.with_pixels(result.pixels * (result.pixels[..., 3:] > 0))
    return encode(result, "webp", quality=90) if kind == "webp" else encode(result, "png")


def _zipped(result: Picture | Array) -> bytes:
    """``color.jpg`` with the photo's own ground, then ``alpha.png``, grey; both stored."""
    from maskkit.codec import encode

    if isinstance(result, Picture):
        pixels = result.pixels
        opaque = np.full(pixels.shape[:2], 255, np.uint8)
        alpha = pixels[..., 3] if pixels.shape[2] == 4 else opaque
        colour: Picture | Array = result.with_pixels(np.ascontiguousarray(pixels[..., :3]))
    else:
        alpha = result
        colour = np.repeat(result[..., None], 3, axis=2)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("color.jpg", encode(colour, "jpeg", quality=90))
        archive.writestr("alpha.png", encode(np.ascontiguousarray(alpha), "png"))
    return stream.getvalue()
