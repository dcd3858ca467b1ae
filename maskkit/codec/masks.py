"""A file to a mask: grey of any kind; a colour picture is refused."""

from __future__ import annotations

from concurrent.futures import Future

import numpy as np
from PIL import Image

from maskkit.codec.formats import FORMATS
from maskkit.codec.opening import Opened, decoding
from maskkit.codec.reading import of_pillow as picture_of_pillow
from maskkit.codec.reading import read_samples
from maskkit.codec.samples import samples
from maskkit.codec.sources import MAX_PIXELS, FileInput
from maskkit.errors import CodecError
from maskkit.keywords import keywords
from maskkit.pixels import Array, max_value

__all__ = ["grey_of", "of_pillow", "read_mask", "read_named"]

_COLOURFUL = "is a colour picture; a mask is grey"


@keywords(source="file")
def read_mask(file: FileInput | Future[Opened], *, max_pixels: int = MAX_PIXELS) -> Array:
    """The grey of a file as a mask; ``mask = grey * alpha / max`` where the file has transparency.

    Grey, grey with alpha, RGB, RGBA, 1-bit, 16-bit and palette files are read, upright by their EXIF. A
    picture with colour in it is refused: it is more likely the wrong file than a mask.

    Parameters
    ----------
    file : path, bytes, or binary file object
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
    return read_named(file, "", max_pixels=max_pixels)


def read_named(file: FileInput | Future[Opened], argument: str, *, max_pixels: int = MAX_PIXELS) -> Array:
    """`read_mask`, for a verb's ``argument``."""
    array, kind, name = read_samples(file, max_pixels, argument)
    # levels by which a grey picture's channels may differ once a lossy format has had it
    tolerance = FORMATS[kind].tolerance if kind in FORMATS else 0
    return grey_of(array, f"{name}: {_COLOURFUL}", CodecError, tolerance)


def of_pillow(image: Image.Image, name: str) -> Array:
    """A grey ``PIL.Image`` as a mask."""
    with decoding(name):
        array = samples(image, name)
    if array.ndim == 3 and array.shape[2] > 2:
        array = picture_of_pillow(image, name).pixels
    return grey_of(array, f"{name}: {_COLOURFUL}", CodecError)


def grey_of(array: Array, refusal: str, error: type[Exception], tolerance: int = 0) -> Array:
    """``grey * alpha / max`` of samples; ``error(refusal)`` where they are colour."""
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
