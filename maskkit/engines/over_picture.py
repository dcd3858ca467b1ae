"""Colour lines found at a reduced size, over the picture at its own."""

from __future__ import annotations

import numpy as np

from maskkit.engines.reduced import flat
from maskkit.kernels import convert, map_bands
from maskkit.kernels.lines import Grid, apply_lines
from maskkit.pixels import Array

__all__ = ["over_picture"]

_PIXELS = 1 << 18  # a call: what is worked out once for all its rows is little beside them


def over_picture(lines: Array, image: Array) -> Array:
    """``alpha = clip(a . C + b, 0, 1)`` at every pixel of the picture, float32 (H, W).

    Parameters
    ----------
    lines : (h, w, 4) float32 array
        The slopes a over red, green and blue within 0-1, and the offset b, at a reduced size; bilinear
        between the middles of its pixels.
    image : (H, W, 3) or (H, W, 4) array, any dtype
        C; one that has an alpha is looked at before grey.
    """
    size = image.shape[0], image.shape[1]
    alpha = np.empty(size, np.float32)

    def band(number: Array, pixels: Array, out: Array) -> None:
        opaque = pixels.shape[2] == 3
        colour = pixels if opaque else flat(convert(np.ascontiguousarray(pixels), np.float32))
        apply_lines(colour, Grid(lines, size, (int(number[0, 0]), 0)), out)

    rows = max(1, _PIXELS // size[1])
    map_bands(band, np.arange(size[0])[:, None], image, alpha, rows=rows)
    return alpha
