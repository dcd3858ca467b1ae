"""What the scripted service answers: an ellipse, soft or binary, of the photo's size."""

from __future__ import annotations

import numpy as np

from maskkit.alpha import over
from maskkit.codec import encode, read
from maskkit.color import decontaminate
from maskkit.pixels import Array
from maskkit.wire import v2

__all__ = ["answer_to", "edited", "ellipse", "sample_photo"]


def ellipse(height: int, width: int) -> Array:
    """A white ellipse with an edge of some pixels on black, uint8 ``(height, width)``.

    >>> mask = ellipse(30, 40)
    >>> int(mask[15, 20]), int(mask[0, 0]), bool(((mask > 0) & (mask < 255)).any())
    (255, 0, True)
    """
    y, x = np.ogrid[:height, :width]
    radius = np.hypot((x - width / 2 + 0.5) / (width * 0.35), (y - height / 2 + 0.5) / (height * 0.35))
    return np.rint(np.clip((1.1 - radius) * 5, 0, 1) * 255).astype(np.uint8)


def answer_to(photo: bytes, kind: str, format: str) -> bytes:
    """The PNG for a photo: a mask as three equal channels (as the v1 service sends it), or a cutout."""
    pixels = read(photo, to_srgb=True).pixels
    mask = ellipse(*pixels.shape[:2])
    if format == "binary":
        mask = np.where(mask >= 128, np.uint8(255), np.uint8(0))
    if kind == "cutout":
        return encode(np.dstack([pixels[..., :3], mask]), "png")
    return encode(np.dstack([mask] * 3), "png")


def edited(cutout: bytes, order: v2.Request) -> bytes:
    """A cutout with the edits of a v2 order: decontaminated if it says so, trimmed, on a colour."""
    pixels = read(cutout).pixels
    alpha = pixels[..., 3]
    if order.color_decontamination:
        pixels = np.dstack([decontaminate(pixels[..., :3], alpha, order.color_decontamination), alpha])
    if order.trim and alpha.any():
        rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
        pixels = pixels[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if order.background_color is not None:
        pixels = over(pixels, _painted(order.background_color, pixels.shape[:2]))
    kind = order.media_type or "image/png"
    if kind == "image/jpeg":
        return encode(pixels, "jpeg", background="white")
    return encode(pixels, "webp", lossless=True) if kind == "image/webp" else encode(pixels, "png")


def _painted(color: v2.Color, size: tuple[int, int]) -> Array:
    channels = (color.red, color.green, color.blue, color.alpha * 255)
    pixel = np.rint(channels[:3] if color.alpha == 1 else channels).astype(np.uint8)
    return np.broadcast_to(pixel, (*size, len(pixel)))


def sample_photo(height: int = 48, width: int = 64) -> bytes:
    """A small JPEG: a red ellipse on grey."""
    red = ellipse(height, width)[..., None] / 255 * (np.array([200, 40, 30]) - 120) + 120
    return encode(np.rint(red).astype(np.uint8), "jpeg", quality=90)
