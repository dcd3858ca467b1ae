"""A file to a Picture."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, TypedDict, Unpack

import numpy as np
from PIL import Image

from maskkit.codec.metadata import dpi_of, exif_of, icc_of, orientation_of, turned, upright_exif, xmp_of
from maskkit.codec.opening import Opened, decoding, opened
from maskkit.codec.picture import Picture
from maskkit.codec.samples import is_decoded_apart, is_wide, opaque_samples, samples
from maskkit.codec.signalling import HDR, HDR_SPACE
from maskkit.codec.sources import MAX_PIXELS, FileInput
from maskkit.errors import CodecError
from maskkit.kernels import compose
from maskkit.keywords import keywords
from maskkit.pixels import Array

__all__ = [
    "PRINT",
    "is_print",
    "of_pillow",
    "orientation",
    "read",
    "read_named",
    "read_samples",
    "spare_of",
    "turning_of",
]


@keywords(source="file")
def read(
    file: FileInput | Future[Opened],
    *,
    to_srgb: bool = False,
    premultiplied: bool = False,
    unnamed_alpha: bool = False,
    tone_map: bool = False,
    frame: int = 0,
    max_pixels: int = MAX_PIXELS,
) -> Picture:
    """The picture in a file: upright RGB or straight RGBA, with its ICC profile, EXIF and dpi.

    Grey becomes R = G = B (a profile for grey is dropped), a palette becomes colour, and a transparent entry
    or colour becomes alpha; 16-bit files give uint16. The orientation that EXIF tells, or else XMP, is
    applied once and set to 1. Of an animation or of several pages, the first is read unless ``frame`` says.

    Parameters
    ----------
    file : path, bytes, or binary file object
        JPEG, PNG, WebP, TIFF, AVIF, GIF or BMP; HEIC with the extra ``heif``.
    to_srgb : bool
        Convert CMYK, Lab and profiles other than sRGB to sRGB. Otherwise RGB pixels are kept as they are,
        with their profile, and other colour spaces are refused.
    premultiplied : bool
        The file's colour is multiplied by its alpha though its format says otherwise, as some tools write
        it; it is divided again. `maskkit.inspect` tells such files.
    unnamed_alpha : bool
        A fourth sample of a TIFF or BMP (of grey, a second) that the file does not call alpha is its alpha,
        straight; it is left out otherwise, with a warning. A TIFF needs the extra ``tiff`` for it.
    tone_map : bool
        HDR (PQ and HLG), which is refused otherwise, is brought to sRGB: highlights above about 100 cd/m2
        are rolled off by the curve of BT.2390 from 1000 cd/m2 to 203, colours beyond sRGB are cut off.
    frame : int
        Which picture of an animation, or page, counted from 0.
    max_pixels : int
        Refuse a larger picture before decoding it.

    Returns
    -------
    Picture

    Raises
    ------
    CodecError
        The file is missing, unreadable, damaged, cut short, too large, or not an image.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> Image.new("L", (3, 2)).save(file, "PNG")
    >>> read(file.getvalue())
    Picture(3x2, 3 channels, uint8)
    """
    return read_named(
        file,
        "",
        to_srgb=to_srgb,
        premultiplied=premultiplied,
        unnamed_alpha=unnamed_alpha,
        tone_map=tone_map,
        frame=frame,
        max_pixels=max_pixels,
    )


class Colours(TypedDict, total=False):
    """What `read_opened` makes of the colours of a file."""

    to_srgb: bool
    print_too: bool
    grey: bool
    premultiplied: bool
    tone_map: bool


def read_named(
    file: FileInput | Future[Opened],
    argument: str,
    *,
    unnamed_alpha: bool = False,
    frame: int = 0,
    max_pixels: int = MAX_PIXELS,
    **colours: Unpack[Colours],
) -> Picture:
    """`read`, for a verb's ``argument``: see `inputs.to_picture` and `inputs.to_record`."""
    found = opened(file, max_pixels, argument).at(frame)
    return read_opened(found.with_alpha() if unnamed_alpha else found, **colours)


def read_opened(
    found: Opened,
    *,
    to_srgb: bool = False,
    print_too: bool = False,
    grey: bool = False,
    premultiplied: bool = False,
    tone_map: bool = False,
) -> Picture:
    """`read`, of a file that is open."""
    to_srgb = to_srgb or (print_too and found.image.mode in PRINT)
    if not premultiplied:
        return _read(found, to_srgb=to_srgb, grey=grey, tone_map=tone_map)
    picture = divided(_read(found, to_srgb=False, tone_map=tone_map), found.name)
    return _as_srgb(picture, found.name) if to_srgb else picture  # converted once they are straight


def _as_srgb(picture: Picture, name: str) -> Picture:
    from maskkit.codec.profiles import converted

    return replace(picture, pixels=converted(picture.pixels, picture.icc, None, name), icc=None)


def divided(picture: Picture, name: str) -> Picture:
    """A picture whose colour is multiplied by its alpha with straight colour. CodecError without alpha."""
    pixels = picture.pixels
    if pixels.shape[2] != 4:
        raise CodecError(f"{name}: has no alpha, so it cannot be premultiplied")
    out = np.empty_like(pixels)
    compose.unpremultiply(pixels, out)
    return picture.with_pixels(out)


def of_pillow(
    image: Image.Image, name: str, *, to_srgb: bool = False, print_too: bool = False, grey: bool = False
) -> Picture:
    """A ``PIL.Image`` as a Picture."""
    to_srgb = to_srgb or (print_too and image.mode in PRINT)
    with decoding(name):
        return _picture(image, name, to_srgb=to_srgb, grey=grey)


def spare_of(file: FileInput | Future[Opened], argument: str) -> tuple[Picture, bool]:
    """`read`, and whether a fourth byte lies beside the three of each colour: see `inputs.to_spare`."""
    found = opened(file, argument=argument)
    with decoding(found.name):
        pixels = opaque_samples(found.image)
        return _picture(found.image, found.name, found.again, pixels=pixels), pixels is not None


def read_samples(found: Opened) -> tuple[Array, str, str]:
    """The upright samples of a file, its format, and its name for errors."""
    image, _, name = found
    with decoding(name):
        array = samples(image, name, found.again)
        return turned(array, orientation(image)), (image.format or "").lower(), name


PRINT = ("CMYK", "LAB", "YCbCr")
"""Pillow's modes of colours that can be read only into sRGB."""


def is_print(file: FileInput | Future[Opened], max_pixels: int = MAX_PIXELS) -> bool:
    """The file's colours are CMYK, Lab or (TIFF's) YCbCr, which can be read only into sRGB."""
    return opened(file, max_pixels).image.mode in PRINT


def _read(found: Opened, *, to_srgb: bool, grey: bool = False, tone_map: bool = False) -> Picture:
    image, name = found.image, found.name
    with decoding(name):
        return _picture(image, name, found.again, to_srgb=to_srgb, grey=grey, tone_map=tone_map)


def _picture(
    image: Image.Image,
    name: str,
    reopen: Callable[[], Any] | None = None,
    *,
    to_srgb: bool = False,
    grey: bool = False,
    pixels: Array | None = None,
    tone_map: bool = False,
) -> Picture:
    space = image.info.get(HDR_SPACE) if tone_map else None
    if HDR in image.info and space is None:
        way = "tone_map=True brings it to sRGB" if HDR_SPACE in image.info else "convert it elsewhere"
        raise CodecError(f"{name}: has {image.info[HDR]}, and would be shown as SDR; {way}")
    shown, by_array = image, is_wide(image) or is_decoded_apart(image)
    if to_srgb and not by_array:
        from maskkit.codec.profiles import as_srgb

        shown = as_srgb(image, name)
    array = turned(samples(shown, name, reopen) if pixels is None else pixels, orientation(image))
    if to_srgb and by_array:
        array = _array_as_srgb(array, image.info.get("icc_profile"), name)
    if space is not None:
        array = _toned(array, *space)
    exif = exif_of(image)
    dpi = dpi_of(image, exif)
    if dpi and orientation(image) >= 5:
        dpi = dpi[::-1]
    icc = None if to_srgb else icc_of(image)
    shown_grey = grey and array.ndim == 2 and icc is None  # a space of RGB goes with colour
    return Picture(array if shown_grey else _colour(array), icc, upright_exif(exif), dpi)


def _toned(array: Array, xy: Any, transfer: str) -> Array:
    from maskkit.codec.tone import to_sdr

    return to_sdr(_colour(array), xy, transfer)


def _array_as_srgb(array: Array, icc: bytes | None, name: str) -> Array:
    from maskkit.codec.profiles import converted

    grey_too = array.ndim == 2 or array.shape[2] == 2
    if icc is None:
        return array
    return converted(_colour(array) if grey_too else array, icc, None, name)


def orientation(image: Image.Image) -> int:
    """How EXIF or XMP say that the image is turned; 1 of what Pillow turns itself."""
    # Pillow itself turns a TIFF as it loads it.
    return 1 if hasattr(image, "tag_v2") else orientation_of(exif_of(image), xmp_of(image))


def turning_of(image: Any) -> int:
    """The orientation by which a file or an image was turned upright; 1 of what cannot be looked at."""
    if isinstance(image, Future):
        return _told_orientation(image.result().again())
    if isinstance(image, Image.Image):
        return _told_orientation(image)
    if isinstance(image, (str, os.PathLike, bytes)):
        return _told_orientation(opened(image).image)
    return 1


def _told_orientation(image: Image.Image) -> int:
    told = getattr(image, "tag_v2", {}).get(0x0112, 1)
    return int(told) if told in range(2, 9) else orientation(image)


def _colour(array: Array) -> Array:
    if array.ndim == 3 and array.shape[2] > 2:
        return array
    grey, alpha = (array, None) if array.ndim == 2 else (array[..., 0], array[..., 1:])
    colour = np.repeat(grey[..., None], 3, axis=2)
    return colour if alpha is None else np.concatenate([colour, alpha], axis=2)
