"""Colour: the sRGB transfer, and the colour of a cutout's edge."""

from maskkit.color.foreground import decontaminate
from maskkit.color.pull_push import extend_edge
from maskkit.color.spill import LIMITS, SCREENS, despill
from maskkit.color.srgb import linear_to_srgb, srgb_to_linear
from maskkit.color.wrap import light_wrap

__all__ = [
    "LIMITS",
    "SCREENS",
    "decontaminate",
    "despill",
    "extend_edge",
    "light_wrap",
    "linear_to_srgb",
    "srgb_to_linear",
]
