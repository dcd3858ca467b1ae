"""Mask arithmetic: the edits that make a mask fit to composite with.

Every function takes a mask ``(H, W)`` of any dtype of the pixel convention and gives one of the same dtype;
8-bit, 16-bit and float masks give the same result to within one level. Masks come as arrays, or as paths,
bytes, files, PIL images, Pictures and Cutouts (of these the alpha), as `maskkit.cutout` takes them.
"""

from maskkit.masks.edge import feather, grow, shrink, smooth
from maskkit.masks.edits import adjust
from maskkit.masks.regions import bounding_box, fill_holes, keep_largest, trimap
from maskkit.masks.tone import combine, invert, levels, resize, threshold

__all__ = [
    "adjust",
    "bounding_box",
    "combine",
    "feather",
    "fill_holes",
    "grow",
    "invert",
    "keep_largest",
    "levels",
    "resize",
    "shrink",
    "smooth",
    "threshold",
    "trimap",
]
