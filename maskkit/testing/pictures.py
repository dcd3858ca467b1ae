"""What the scripted service answers: an ellipse, soft or binary, of the photo's size."""

from __future__ import annotations

import numpy as np

from maskkit.codec import encode, read
from maskkit.pixels import Array

__all__ = ["answer_to", "ellipse", "sample_photo"]


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


def sample_photo(height: int = 48, width: int = 64) -> bytes:
    """A small JPEG: a red ellipse on grey."""
    red = ellipse(height, width)[..., None] / 255 * (np.array([200, 40, 30]) - 120) + 120
    return encode(np.rint(red).astype(np.uint8), "jpeg", quality=90)
