"""What people look at: a preview on a checkerboard, a contact sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from maskkit import codec
from maskkit.checks import check_whole
from maskkit.codec.inputs import ImageInput, to_record
from maskkit.codec.looks import as_seen
from maskkit.errors import PixelError
from maskkit.pixels import Array

__all__ = ["contact_sheet", "preview"]


def preview(pixels: Array, side: int = 800) -> bytes:
    """A PNG of at most ``side`` pixels: transparency as a checkerboard, a mask as grey.

    >>> preview(np.zeros((4, 4, 4), np.uint8))[1:4]
    b'PNG'
    """
    return codec.encode(as_seen(pixels, side), "png")


def contact_sheet(
    pictures: Sequence[ImageInput], columns: int | None = None, side: int = 320, gap: int = 8
) -> Array:
    """Pictures side by side on white: masks as grey, transparency as a checkerboard.

    Parameters
    ----------
    pictures : sequence of masks and pictures, each as `maskkit.cutout` takes them
    columns : int, optional
        As many as make the sheet about square.
    side : int
        The longer side of each, pixels.
    gap : int
        Pixels between them.

    Returns
    -------
    (H, W, 3) uint8 array.

    Examples
    --------
    >>> contact_sheet([np.zeros((10, 10), np.uint8)] * 4, side=10, gap=2).shape
    (26, 26, 3)
    """
    if not pictures:
        raise PixelError("pictures: need at least one")
    side, gap = check_whole(side, "side"), check_whole(gap, "gap", least=0)
    records = [to_record(picture, "pictures") for picture in pictures]
    shown = [as_seen(one.pixels, side, one.icc) for one in records]
    columns = math.ceil(math.sqrt(len(shown))) if columns is None else check_whole(columns, "columns")
    rows = [shown[start : start + columns] for start in range(0, len(shown), columns)]
    width = max(picture.shape[1] for picture in shown) + gap
    heights = [max(picture.shape[0] for picture in row) + gap for row in rows]
    sheet = np.full((sum(heights) + gap, columns * width + gap, 3), 255, np.uint8)
    for row, top in zip(rows, accumulate(heights, initial=gap), strict=False):
        for column, picture in enumerate(row):
            left = gap + column * width
            sheet[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return sheet
