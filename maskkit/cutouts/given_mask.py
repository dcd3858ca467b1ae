"""A mask that is given: which part of its file is the mask, its levels, and its fit to the photo."""

from __future__ import annotations

from typing import Any

from maskkit import codec, masks
from maskkit.codec.mask_levels import full_range, warn_if_dim
from maskkit.codec.metadata import turned
from maskkit.codec.picture import Picture
from maskkit.codec.reading import turning_of
from maskkit.errors import PixelError
from maskkit.pixels import Array, check_same_size
from maskkit.recipe import Recipe

__all__ = ["as_given", "at_full_range", "fitted"]

_NEAR = 0.02  # how far proportions may differ and still be the photo's


def as_given(mask: Any, recipe: Recipe) -> Array:
    """The mask in whatever is given, at its own levels and size."""
    return codec.to_mask(
        mask,
        channel=recipe.mask_channel,
        numbers=recipe.mask_class is not None,
        part=recipe.mask_part,
        frame=recipe.mask_frame,
    )


def at_full_range(mask: Array, recipe: Recipe) -> Array:
    """The mask at the levels asked for; a warning where next to nothing is kept for want of it."""
    mask = full_range(mask, recipe.mask_levels, recipe.mask_class, "mask_class")
    warn_if_dim(mask, stacklevel=5)
    return mask


def fitted(mask: Array, picture: Picture, recipe: Recipe, image: Any) -> Array:
    """The mask at the picture's size, if it is to be resized; turned where the photo was.

    ``image`` is the photo as it was given. A tool that ignores EXIF makes masks whose sides are swapped.
    Raises PixelError for other proportions, unless they are to be stretched.
    """
    size = picture.size
    resizes = recipe.resize_mask or recipe.stretch_mask or recipe.mask_part is not None
    if resizes and (mask.shape[1], mask.shape[0]) != size and not recipe.stretch_mask:
        mask = _in_proportion(mask, size, image)
    if resizes and (mask.shape[1], mask.shape[0]) != size:
        mask = masks.resize(mask, size)
    try:
        check_same_size(mask, picture.pixels)
    except PixelError as error:
        raise PixelError(f"{error}; {_way_to_fit(mask, size, image)}") from None
    return mask


def _way_to_fit(mask: Array, size: tuple[int, int], image: Any) -> str:
    """The option that makes a mask of another size the photo's."""
    height, width = mask.shape
    if _like((width, height), size):
        return "resize_mask=True scales it"
    if _like((height, width), size) and turning_of(image) >= 5:
        return "resize_mask=True turns it as the photo is turned"
    return "stretch_mask=True scales it all the same"


def _in_proportion(mask: Array, size: tuple[int, int], image: Any) -> Array:
    height, width = mask.shape
    if _like((width, height), size):
        return mask
    if _like((height, width), size):
        turning = turning_of(image)
        if turning >= 5:
            return turned(mask, turning)
        why = "its sides are swapped, and the photo's orientation does not say which way to turn it"
    else:
        why = "it is of other proportions"
    raise PixelError(
        f"mask: {width}x{height} for a photo of {size[0]}x{size[1]}: {why}; "
        "stretch_mask=True scales it all the same"
    )


def _like(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Of the same proportions, within 2%, or a pixel that rounding may take."""
    off = abs(one[0] * other[1] - one[1] * other[0])
    return off <= max(_NEAR * one[0] * other[1], *other)
