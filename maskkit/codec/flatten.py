"""A picture with alpha on a solid ground: ``out = colour * alpha + ground * (1 - alpha)``."""

from __future__ import annotations

import numpy as np

from maskkit.codec.css_color import parse_color
from maskkit.errors import CodecError
from maskkit.kernels import map_bands
from maskkit.pixels import Array, max_value

__all__ = ["flatten"]


def flatten(image: Array, background: str) -> Array:
    """RGB of a straight RGBA ``image`` over an opaque CSS colour; integers to the nearest, halves up.

    >>> flatten(np.array([[[255, 0, 0, 51]]], np.uint8), "white").tolist()
    [[[255, 204, 204]]]
    """
    *channels, opacity = parse_color(background)
    if opacity < 1:
        raise CodecError(f"background: {background!r} is transparent itself; need an opaque colour")
    top = max_value(image.dtype)
    ground = np.array(channels) * top
    if image.dtype.kind != "f":
        ground = np.floor(ground + 0.5)
    out = np.empty((*image.shape[:2], 3), image.dtype)

    def band(source: Array, result: Array) -> None:
        wide = source.astype(np.float64 if source.dtype.kind == "f" else np.uint64)
        alpha = wide[..., 3:]
        mixed = wide[..., :3] * alpha + ground.astype(wide.dtype) * (top - alpha)
        result[...] = mixed if source.dtype.kind == "f" else (mixed + top // 2) // top

    map_bands(band, image, out, rows=max(1, 16_384 // image.shape[1]))
    return out
