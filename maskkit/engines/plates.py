"""A known backdrop: a colour's name or a picture of the backdrop alone, as an array of the photo's size."""

from __future__ import annotations

import numpy as np

from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.codec.sources import names_file, shown
from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array, check_same_size, split_alpha

__all__ = ["plate"]


def plate(backdrop: ImageInput, image: Array, name: str = "backdrop") -> Array:
    """The backdrop as (H, W, 3): of a file, where a text names one, else of a CSS colour.

    A colour takes no memory, its pixels are one.

    >>> plate("#00ff00", np.zeros((2, 2, 3), np.uint8)).tolist()[0]
    [[0, 255, 0], [0, 255, 0]]
    """
    if isinstance(backdrop, str) and not names_file(backdrop):
        return np.broadcast_to(np.array(_colour(backdrop, name), np.uint8), (*image.shape[:2], 3))
    array = split_alpha(to_pixels(backdrop, name))[0]
    check_same_size(array, image, name)
    return convert(array, np.uint8) if array.dtype == np.bool_ else array


def _colour(text: str, name: str) -> tuple[int, ...]:
    from PIL import ImageColor

    try:
        return ImageColor.getrgb(text)[:3]
    except ValueError:
        raise PixelError(
            f"{name}: need a CSS colour or a picture of the backdrop, got {shown(text)!r}"
        ) from None
