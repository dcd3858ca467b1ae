"""Colour: the sRGB transfer, and the colour of a cutout's edge."""

from maskkit.color.decontaminate import decontaminate
from maskkit.color.transfer import linear_to_srgb, srgb_to_linear

__all__ = ["decontaminate", "linear_to_srgb", "srgb_to_linear"]
