"""A file to a mask: grey of any kind, or an alpha; a colour picture is refused."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Literal, get_args

import numpy as np
from PIL import Image

from maskkit.checks import check_choice
from maskkit.codec.formats import FORMATS
from maskkit.codec.mask_levels import LABELS, Levels, full_range, warn_if_dim
from maskkit.codec.metadata import turned
from maskkit.codec.opening import Opened, decoding, opened
from maskkit.codec.reading import of_pillow as picture_of_pillow
from maskkit.codec.reading import orientation, read_samples
from maskkit.codec.samples import samples
from maskkit.codec.sources import MAX_PIXELS, FileInput
from maskkit.errors import CodecError
from maskkit.keywords import keywords
from maskkit.pixels import Array, max_value

__all__ = ["CHANNELS", "Channel", "grey_of", "of_pillow", "read_mask", "read_named", "times"]

Channel = Literal["alpha", "luminance", "red", "green", "blue"]
"""Where a mask file holds its mask."""
CHANNELS: tuple[str, ...] = get_args(Channel)

_COLOURFUL = "is a colour picture; a mask is grey"
_BOTH = "has a mask in its alpha and another picture in its colour"
_CHOICE = "mask_channel='alpha', luminance or red (channel= of read_mask) says which"


@keywords(source="file")
def read_mask(
    file: FileInput | Future[Opened],
    *,
    part: str | None = None,
    channel: Channel | None = None,
    levels: Levels | None = None,
    class_number: int | None = None,
    frame: int = 0,
    max_pixels: int = MAX_PIXELS,
) -> Array:
    """The grey of a file as a mask, or its alpha where that alone varies.

    Grey, grey with alpha, RGB, RGBA, 1-bit, 16-bit and palette files are read, upright by their EXIF. A
    picture with colour in it is refused: it is more likely the wrong file than a mask. So is one whose alpha
    and whose colour both vary, a cutout for instance, unless ``channel`` says which of them is the mask.

    Parameters
    ----------
    file : path, bytes, or binary file object
    part : str, optional
        A picture beside the photo of a HEIC: "matte", "hair", "skin", "teeth", "glasses", "sky" or "depth"
        (near is bright). ``maskkit info`` lists what a file has; parts are often smaller than the photo.
    channel : str, optional
        "alpha", "luminance" (Rec. 709 weights of the encoded values), "red", "green" or "blue".
    levels : "auto" or (black, white), optional
        What becomes 0 and what becomes white, of masks that hold 0 and 1, say; "auto" is their own lowest
        and highest level.
    class_number : int, optional
        White is where the file holds this number; of a palette, where that entry is used.
    frame : int
        Which picture of an animation, or page, counted from 0.
    max_pixels : int
        Refuse a larger picture before decoding it.

    Returns
    -------
    (H, W) uint8, or uint16 from a file of 16 bits.

    Raises
    ------
    CodecError
        The file is missing, damaged, too large, not an image, has colour, or lacks the channel.
    PixelError
        An option is out of range, or the file has no such class.

    Warns
    -----
    MaskkitWarning
        If the highest level is so low that next to nothing is kept.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> Image.new("1", (2, 1), 1).save(file, "PNG")
    >>> read_mask(file.getvalue())
    array([[255, 255]], dtype=uint8)
    """
    numbers = class_number is not None
    found = opened(file, max_pixels).at(frame)
    mask = _mask_of(found, channel, numbers=numbers, part=part, max_pixels=max_pixels)
    mask = full_range(mask, levels, class_number)
    warn_if_dim(mask, stacklevel=3)  # through the wrapper of keywords
    return mask


def read_named(
    file: FileInput | Future[Opened],
    argument: str,
    *,
    channel: Channel | None = None,
    numbers: bool = False,
    part: str | None = None,
    frame: int = 0,
    max_pixels: int = MAX_PIXELS,
) -> Array:
    """`read_mask` at its own levels, for a verb's ``argument``; of a palette its ``numbers`` where asked."""
    found = opened(file, max_pixels, argument).at(frame)
    return _mask_of(found, channel, numbers=numbers, part=part, max_pixels=max_pixels)


def _mask_of(
    found: Opened,
    channel: Channel | None,
    *,
    numbers: bool,
    part: str | None = None,
    max_pixels: int = MAX_PIXELS,
) -> Array:
    if part is not None:
        from maskkit.codec.heif_parts import part_of

        return part_of(found.content, part, found.name, max_pixels)
    if numbers and found.image.mode == "P":
        return _numbers(found)
    array, kind, name = read_samples(found)
    # levels by which a grey picture's channels may differ once a lossy format has had it
    tolerance = FORMATS[kind].tolerance if kind in FORMATS else 0
    refusal = f"{_COLOURFUL}; {LABELS}" if found.image.mode == "P" else _COLOURFUL
    return grey_of(array, name, CodecError, tolerance, channel=channel, refusal=refusal)


def _numbers(found: Opened) -> Array:
    with decoding(found.name):
        return turned(np.asarray(found.image), orientation(found.image))


def of_pillow(
    image: Image.Image, name: str, *, channel: Channel | None = None, numbers: bool = False
) -> Array:
    """A grey ``PIL.Image`` as a mask."""
    with decoding(name):
        if numbers and image.mode == "P":
            return np.asarray(image)
        array = samples(image, name)
    if array.ndim == 3 and array.shape[2] > 2:
        array = picture_of_pillow(image, name).pixels
    return grey_of(array, name, CodecError, channel=channel)


def grey_of(
    array: Array,
    name: str,
    error: type[Exception],
    tolerance: int = 0,
    *,
    channel: Channel | None = None,
    refusal: str = _COLOURFUL,
) -> Array:
    """The mask in samples: their grey, or their alpha where only that varies, or the channel asked for.

    An alpha that is the same everywhere dims the grey: ``grey * alpha / max``. Raises ``error(refusal)`` for
    colour.
    """
    if channel is not None:
        return _channel(array, channel, name, error)
    if array.ndim == 2:
        return array
    alpha = array[..., -1] if array.shape[2] in (2, 4) else None
    if alpha is not None and alpha.min() != alpha.max():
        return _of_varying_alpha(array, alpha, name, error, tolerance)
    grey = array[..., 0] if array.shape[2] == 2 else _grey(array, tolerance)
    if grey is None:
        raise error(f"{name}: {refusal}")
    if alpha is None or alpha[0, 0] == max_value(array.dtype):
        return np.ascontiguousarray(grey)
    return times(grey, alpha)


def _of_varying_alpha(array: Array, alpha: Array, name: str, error: type[Exception], tolerance: int) -> Array:
    """The alpha, if the colour is one and the same wherever it is seen, or is that alpha's grey itself."""
    allowed = tolerance * (max_value(array.dtype) // 255)
    seen = alpha > 0
    for channel in range(array.shape[2] - 1):
        values = array[..., channel]
        shown = values[seen]
        if shown.max() - shown.min() > allowed and not np.array_equal(values, alpha):
            raise error(f"{name}: {_BOTH}; {_CHOICE}")
    return np.ascontiguousarray(alpha)


def _channel(array: Array, channel: Channel, name: str, error: type[Exception]) -> Array:
    check_choice(channel, "channel", CHANNELS)
    count = 1 if array.ndim == 2 else array.shape[2]
    if channel == "alpha":
        if count not in (2, 4):
            raise error(f"{name}: has no alpha, and channel is 'alpha'")
        return np.ascontiguousarray(array[..., -1])
    if count < 3:
        return np.ascontiguousarray(array if array.ndim == 2 else array[..., 0])
    if channel == "luminance":
        return _luminance(array[..., :3])
    return np.ascontiguousarray(array[..., ("red", "green", "blue").index(channel)])


def _luminance(colour: Array) -> Array:
    """``0.2126 R + 0.7152 G + 0.0722 B`` of the encoded values (Rec. 709), to the nearest."""
    mixed = colour.astype(np.float64) @ np.array([0.2126, 0.7152, 0.0722])
    return np.asarray(mixed if colour.dtype.kind == "f" else np.rint(mixed)).astype(colour.dtype)


def _grey(array: Array, tolerance: int) -> Array | None:
    """The green channel, or None if another differs."""
    green = array[..., 1]
    allowed = tolerance * (max_value(array.dtype) // 255)
    for other in (array[..., 0], array[..., 2]):
        differs = np.maximum(green, other) - np.minimum(green, other) > allowed if allowed else green != other
        if differs.any():
            return None
    return green


def times(grey: Array, alpha: Array) -> Array:
    """``grey * alpha / max``, to the nearest."""
    top = max_value(grey.dtype)
    if grey.dtype.kind == "f":
        return np.asarray(grey * alpha)
    if grey.dtype == np.bool_:
        return np.asarray(grey & alpha)
    product = grey.astype(np.uint32) * alpha
    product += top // 2  # the maximum is odd: there are no halves
    product //= top
    return product.astype(grey.dtype)
