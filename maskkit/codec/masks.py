"""A file to a mask: grey of any kind; a colour picture is refused."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import numpy as np
from PIL import Image

from maskkit.codec.opening import MAX_PIXELS, Opened, decoding
from maskkit.codec.reading import read_samples, to_picture
from maskkit.codec.samples import samples
from maskkit.codec.sources import Source, check_source
from maskkit.errors import CodecError, PixelError
from maskkit.pixels import Array, Picture, check_image, check_mask, max_value

__all__ = ["read_mask", "to_mask"]

# Levels of 255 by which a grey picture's channels may differ once a lossy format has had it.
_LOSSY = {"JPEG": 4, "WEBP": 4, "AVIF": 4, "HEIF": 4}


def read_mask(source: Source | Future[Opened], *, max_pixels: int = MAX_PIXELS) -> Array:
    """The grey of a file as a mask; ``mask = grey * alpha / max`` where the file has transparency.

    Grey, grey with alpha, RGB, RGBA, 1-bit, 16-bit and palette files are read, upright by their EXIF. A
    picture with colour in it is refused: it is more likely the wrong file than a mask.

    Parameters
    ----------
    source : path, bytes, or binary file object
    max_pixels : int
        Refuse a larger picture before decoding it.

    Returns
    -------
    (H, W) uint8, or uint16 from a file of 16 bits.

    Raises
    ------
    CodecError
        The file is missing, damaged, too large, not an image, or has colour.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> Image.new("1", (2, 1), 1).save(file, "PNG")
    >>> read_mask(file.getvalue())
    array([[255, 255]], dtype=uint8)
    """
    array, kind, name = read_samples(source, max_pixels)
    return _mask(array, f"{name}: is a colour picture; a mask is grey", CodecError, _LOSSY.get(kind, 0))


def to_mask(source: Any) -> Array:
    """A path, bytes, a file object, a ``PIL.Image``, an array or a Picture as a mask ``(H, W)``."""
    if isinstance(source, Picture):
        source = source.pixels
    if isinstance(source, np.ndarray):
        if source.ndim != 3 or source.shape[2] not in (3, 4):
            return check_mask(source)
        refusal = "mask: its three channels differ; need a grey picture"
        return _mask(check_image(source, "mask"), refusal, PixelError)
    if isinstance(source, Image.Image):
        with decoding("the PIL.Image given"):
            array = samples(source, "the PIL.Image given")
        if array.ndim == 3 and array.shape[2] > 2:
            array = to_picture(source).pixels
        return _mask(array, "the PIL.Image given: is a colour picture; a mask is grey", CodecError)
    check_source(source, "mask", ", a PIL.Image, a Picture or an array")
    return read_mask(source)


def _mask(array: Array, refusal: str, error: type[Exception], tolerance: int = 0) -> Array:
    if array.ndim == 2:
        return array
    alpha = array[..., -1] if array.shape[2] in (2, 4) else None
    grey = array[..., 0] if array.shape[2] == 2 else _grey(array, alpha, tolerance)
    if grey is None:
        raise error(refusal)
    if alpha is None or bool((alpha == max_value(array.dtype)).all()):
        return np.ascontiguousarray(grey)
    return _times(grey, alpha)


def _grey(array: Array, alpha: Array | None, tolerance: int) -> Array | None:
    """The green channel, or None if another differs where anything is to be seen."""
    green = array[..., 1]
    allowed = tolerance * (max_value(array.dtype) // 255)
    for other in (array[..., 0], array[..., 2]):
        differs = np.maximum(green, other) - np.minimum(green, other) > allowed if allowed else green != other
        if alpha is not None:
            differs &= alpha > 0
        if differs.any():
            return None
    return green


def _times(grey: Array, alpha: Array) -> Array:
    """``grey * alpha / max``, to the nearest, halves up."""
    top = max_value(grey.dtype)
    if grey.dtype.kind == "f":
        return np.asarray(grey * alpha)
    if grey.dtype == np.bool_:
        return np.asarray(grey & alpha)
    product = grey.astype(np.uint32) * alpha
    product += top // 2  # the maximum is odd: there are no halves
    product //= top
    return product.astype(grey.dtype)
