"""Backdrops: a colour, an image, the photo blurred, a gradient, a checkerboard, a shadow.

Every backdrop is an array of the asked size ``(width, height)``: ``(H, W, 3)``, or ``(H, W, 4)`` where it
is not opaque.
"""

from maskkit.backdrop.blur import blur
from maskkit.backdrop.image import FITS, image
from maskkit.backdrop.paint import checkerboard, gradient, solid, transparent
from maskkit.backdrop.shadow import shadow
from maskkit.backdrop.text import from_text

__all__ = [
    "FITS",
    "blur",
    "checkerboard",
    "from_text",
    "gradient",
    "image",
    "shadow",
    "solid",
    "transparent",
]
