"""A file to a Picture."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import numpy as np
from PIL import Image

from maskkit.codec.metadata import dpi_of, exif_of, icc_of, orientation_of, turned, upright_exif, xmp_of
from maskkit.codec.opening import MAX_PIXELS, Opened, decoding, opened
from maskkit.codec.samples import is_wide, opaque_samples, samples
from maskkit.codec.sources import Source, check_source, load
from maskkit.pixels import Array, Picture, check_image

__all__ = ["read", "read_samples", "to_picture", "to_spare"]


def read(source: Source | Future[Opened], *, to_srgb: bool = False, max_pixels: int = MAX_PIXELS) -> Picture:
    """The picture in a file: upright RGB or straight RGBA, with its ICC profile, EXIF and dpi.

    Grey becomes R = G = B (a profile for grey is dropped), a palette becomes colour, and a transparent entry
    or colour becomes alpha; 16-bit files give uint16. The orientation that EXIF tells, or else XMP, is
    applied once and set to 1. Of an animation, the first frame is read.

    Parameters
    ----------
    source : path, bytes, or binary file object
        JPEG, PNG, WebP, TIFF, AVIF, GIF or BMP; HEIC with the extra ``heif``.
    to_srgb : bool
        Convert CMYK, Lab and profiles other than sRGB to sRGB. Otherwise RGB pixels are kept as they are,
        with their profile, and other colour spaces are refused.
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
    file = opened(source, max_pixels)
    with decoding(file.name):
        return _picture(file.image, file.name, file.again, to_srgb=to_srgb)


def read_samples(source: Source | Future[Opened], max_pixels: int = MAX_PIXELS) -> tuple[Array, str, str]:
    """The upright samples of a file, its format, and its name for errors."""
    image, _, name = file = opened(source, max_pixels)
    with decoding(name):
        array = samples(image, name, file.again)
        return turned(array, _orientation(image)), image.format or "", name


_PRINT = ("CMYK", "LAB", "YCbCr")


def is_print(source: Source | Future[Opened], max_pixels: int = MAX_PIXELS) -> bool:
    """The file's colours are CMYK, Lab or (TIFF's) YCbCr, which can be read only into sRGB."""
    return opened(source, max_pixels).image.mode in _PRINT


def to_picture(
    source: Any,
    name: str = "image",
    *,
    print_too: bool = False,
    to_srgb: bool = False,
    max_pixels: int = MAX_PIXELS,
) -> Picture:
    """A path, bytes, a file object, a ``PIL.Image``, an array, a Picture or what carries one as a Picture.

    ``name``: of the argument, for errors. ``print_too``: what `is_print` names is converted to sRGB instead
    of refused. ``to_srgb``: so is every other colour profile of a file. ``max_pixels``: of a file.
    """
    source = getattr(source, "picture", source)  # a Cutout
    if isinstance(source, Picture):
        check_image(source.pixels, name)
        return source
    if isinstance(source, np.ndarray):
        return Picture(check_image(source, name))
    if isinstance(source, Image.Image):
        with decoding("the PIL.Image given"):
            return _picture(
                source, "the PIL.Image given", to_srgb=to_srgb or (print_too and source.mode in _PRINT)
            )
    check_source(source, name, ", a PIL.Image, a Picture or an array")
    if not print_too or to_srgb:
        return read(source, to_srgb=to_srgb, max_pixels=max_pixels)
    file = source if isinstance(source, Future) else load(source)[0]
    return read(file, to_srgb=is_print(file, max_pixels), max_pixels=max_pixels)


def to_spare(source: Any, name: str = "image") -> tuple[Picture, bool]:
    """`to_picture`, and whether its pixels are an RGB's with an alpha to spare, for the caller to write to.

    A decoder leaves a fourth byte beside the three of a colour, which saves two copies. What is no file is
    somebody else's and has nothing to spare.
    """
    given = getattr(source, "picture", source)
    if isinstance(given, (Picture, np.ndarray, Image.Image)):
        return to_picture(given, name), False
    check_source(source, name, ", a PIL.Image, a Picture or an array")
    file = opened(source)
    with decoding(file.name):
        pixels = opaque_samples(file.image)
        return _picture(file.image, file.name, file.again, pixels=pixels), pixels is not None


def _picture(
    image: Image.Image,
    name: str,
    reopen: Callable[[], Any] | None = None,
    *,
    to_srgb: bool = False,
    pixels: Array | None = None,
) -> Picture:
    shown = image
    if to_srgb:
        from maskkit.codec.profiles import as_srgb

        shown = as_srgb(image, name, wide=is_wide(image))
    array = samples(shown, name, reopen) if pixels is None else pixels
    exif, orientation = exif_of(image), _orientation(image)
    dpi = dpi_of(image, exif)
    if dpi and orientation >= 5:
        dpi = dpi[::-1]
    icc = None if to_srgb else icc_of(image)
    return Picture(_colour(turned(array, orientation)), icc, upright_exif(exif), dpi)


def _orientation(image: Image.Image) -> int:
    # Pillow itself turns a TIFF as it loads it.
    return 1 if hasattr(image, "tag_v2") else orientation_of(exif_of(image), xmp_of(image))


def _colour(array: Array) -> Array:
    if array.ndim == 3 and array.shape[2] > 2:
        return array
    grey, alpha = (array, None) if array.ndim == 2 else (array[..., 0], array[..., 1:])
    colour = np.repeat(grey[..., None], 3, axis=2)
    return colour if alpha is None else np.concatenate([colour, alpha], axis=2)
