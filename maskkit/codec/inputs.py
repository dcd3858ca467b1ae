"""The door: whatever a verb is given as a picture or a mask, as pixels.

Arrays are told first and cost a check; Pillow is imported for what is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np

from maskkit.codec.picture import Picture
from maskkit.codec.sources import FileInput, is_file
from maskkit.errors import PixelError
from maskkit.pixels import Array, check_image, check_mask

if TYPE_CHECKING:
    from concurrent.futures import Future
    from typing import Protocol

    from PIL import Image

    from maskkit.codec.masks import Channel

    class HasPicture(Protocol):
        """What carries a Picture, as a Cutout does."""

        @property
        def picture(self) -> Picture:
            """Its pixels."""

    class HasAlpha(Protocol):
        """What carries an alpha, as a Cutout and an Estimate do."""

        @property
        def alpha(self) -> Array:
            """(H, W)."""

    ImageInput = FileInput | Future[Any] | Image.Image | Array | Picture | HasPicture
    MaskInput = ImageInput | HasAlpha
else:  # for the type checker: at run time they would import Pillow
    ImageInput = MaskInput = Any

__all__ = ["ImageInput", "MaskInput", "to_mask", "to_picture", "to_pixels", "to_record", "to_spare"]


def to_pixels(image: ImageInput, name: str = "image") -> Array:
    """A picture's pixels, ``(H, W, 3)`` or ``(H, W, 4)``: an array as it is, or those of `to_picture`.

    >>> to_pixels(np.zeros((2, 3, 3), np.uint8)).shape
    (2, 3, 3)
    """
    if isinstance(image, np.ndarray):
        return check_image(image, name)
    return to_picture(image, name).pixels


class OfFile(TypedDict, total=False):
    """What only a file can be asked for, see `maskkit.read`."""

    unnamed_alpha: bool
    tone_map: bool
    max_pixels: int


def to_picture(
    image: ImageInput,
    name: str = "image",
    *,
    print_too: bool = False,
    to_srgb: bool = False,
    premultiplied: bool = False,
    frame: int = 0,
    **file: Unpack[OfFile],
) -> Picture:
    """A path, bytes, a file object, a ``PIL.Image``, an array, a Picture or a Cutout as a Picture.

    Parameters
    ----------
    image : any of these
    name : str
        The argument's, which errors begin with.
    print_too : bool
        CMYK, Lab and YCbCr are converted to sRGB instead of refused.
    to_srgb : bool
        Every other colour profile of a file is converted too, see `read`.
    premultiplied : bool
        The colour is multiplied by the alpha, see `read`.
    frame, unnamed_alpha, tone_map, max_pixels :
        Of a file, see `read`.

    Raises
    ------
    PixelError
        If it is none of these, or an array that is no picture.
    CodecError
        If a file cannot be read.
    """
    image = getattr(image, "picture", image)  # a Cutout
    if frame and not is_file(image):
        raise PixelError(f"frame: {frame} of a file is asked for, got pixels")
    if isinstance(image, np.ndarray):
        image = Picture(image)
    if isinstance(image, Picture):
        picture = image.with_pixels(check_image(image.pixels, name))
        return _straight(picture, name) if premultiplied else picture
    from maskkit.codec import reading

    if is_file(image):
        return reading.read_named(
            image,
            name,
            print_too=print_too,
            to_srgb=to_srgb,
            premultiplied=premultiplied,
            frame=frame,
            **file,
        )
    picture = reading.of_pillow(_pillow(image, name), name, print_too=print_too, to_srgb=to_srgb)
    return _straight(picture, name) if premultiplied else picture


def _straight(picture: Picture, name: str) -> Picture:
    from maskkit.codec.reading import divided

    return divided(picture, name)


def to_spare(image: ImageInput, name: str = "image") -> tuple[Picture, bool]:
    """`to_picture`, and whether its pixels are an RGB's with an alpha to spare, for the caller to write to.

    A decoder leaves a fourth byte beside the three of a colour, which saves two copies. What is no file is
    somebody else's and has nothing to spare.
    """
    if not is_file(image):
        return to_picture(image, name), False
    from maskkit.codec.reading import spare_of

    return spare_of(image, name)


def to_record(image: ImageInput, name: str = "picture") -> Picture:
    """`to_picture`, but what is grey stays ``(H, W)``: a mask, or a grey picture."""
    image = getattr(image, "picture", image)
    if isinstance(image, np.ndarray):
        return Picture(_grey_or_colour(image, name))
    if isinstance(image, Picture):
        return image.with_pixels(_grey_or_colour(image.pixels, name))
    from maskkit.codec import reading

    if is_file(image):
        return reading.read_named(image, name, grey=True)
    return reading.of_pillow(_pillow(image, name), name, grey=True)


def to_mask(
    mask: MaskInput,
    name: str = "mask",
    *,
    channel: Channel | None = None,
    numbers: bool = False,
    part: str | None = None,
    frame: int = 0,
) -> Array:
    """A path, bytes, a file object, a ``PIL.Image``, an array, a Picture or a Cutout as a mask ``(H, W)``.

    A Cutout's mask is its alpha. Pictures are masks where they are grey, or hold their mask in alpha, see
    `read_mask`; ``(H, W, 1)`` and ``(1, H, W)`` are masks with an axis too many. With ``numbers``, a palette
    file gives the numbers of its entries; ``part`` and ``frame`` are of files, see `read_mask`.

    >>> to_mask(np.zeros((1, 5, 7), np.uint8)).shape
    (5, 7)
    """
    if part is not None and not is_file(mask):
        raise PixelError(f"{name}: {part!r} is a part of a HEIC file; need that file, got pixels")
    if isinstance(mask, np.ndarray):
        return check_mask(mask, name) if mask.ndim == 2 else _flat(mask, name, channel)
    alpha = getattr(mask, "alpha", None)  # a Cutout's, an Estimate's
    if isinstance(alpha, np.ndarray):
        return check_mask(alpha, name)
    mask = getattr(mask, "picture", mask)
    if isinstance(mask, Picture):
        return to_mask(mask.pixels, name, channel=channel)
    from maskkit.codec import masks

    if is_file(mask):
        return masks.read_named(mask, name, channel=channel, numbers=numbers, part=part, frame=frame)
    return masks.of_pillow(_pillow(mask, name), name, channel=channel, numbers=numbers)


def _flat(array: Array, name: str, channel: Channel | None) -> Array:
    """An array of three axes as a mask, or the refusal of another."""
    if array.ndim == 3 and array.shape[2] in (3, 4):
        from maskkit.codec.masks import grey_of

        refusal = "its three channels differ; need a grey picture"
        return grey_of(check_image(array, name), name, PixelError, channel=channel, refusal=refusal)
    return check_mask(_squeezed(array), name)


def _grey_or_colour(array: Array, name: str) -> Array:
    array = _squeezed(array)
    return check_mask(array, name) if array.ndim == 2 else check_image(array, name)


def _squeezed(array: Array) -> Array:
    """``(H, W, 1)`` and ``(1, H, W)`` without the axis of one channel; a row of colours has none."""
    if array.ndim != 3 or array.shape[2] in (3, 4):
        return array
    return array[..., 0] if array.shape[2] == 1 else array[0] if array.shape[0] == 1 else array


def _pillow(given: Any, name: str) -> Image.Image:
    from PIL import Image

    if isinstance(given, Image.Image):
        return given
    came = type(given).__name__
    raise PixelError(
        f"{name}: need a path, bytes, a binary file object, a PIL.Image, a Picture, a Cutout or an array, "
        f"got {came}"
    )
