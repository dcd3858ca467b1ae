"""A file to a mask: grey of any kind; a colour picture is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from maskkit.codec.opening import MAX_PIXELS
from maskkit.codec.read import read, to_picture
from maskkit.codec.sources import Source
from maskkit.errors import CodecError
from maskkit.pixels import Array, check_mask, split_alpha

__all__ = ["read_mask", "to_mask"]


def read_mask(source: Source, *, max_pixels: int = MAX_PIXELS) -> Array:
    """The grey of a file as a mask ``(H, W)``; a picture with colour in it is refused."""
    return _grey(read(source, max_pixels=max_pixels).pixels)


def to_mask(source: Any) -> Array:
    """A path, bytes, a file object, a ``PIL.Image`` or an array as a mask ``(H, W)``."""
    if isinstance(source, np.ndarray) and source.ndim == 2:
        return check_mask(source)
    if isinstance(source, Image.Image) and source.mode in ("1", "L"):
        return np.asarray(source)
    return _grey(to_picture(source).pixels)


def _grey(pixels: Array) -> Array:
    colour, _ = split_alpha(pixels)
    if (colour[..., :1] != colour[..., 1:]).any():
        raise CodecError("mask: is a colour picture; a mask is grey")
    return np.ascontiguousarray(colour[..., 0])
