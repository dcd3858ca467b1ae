"""A photo's bytes to the answer of remove.bg's ``POST /removebg``; runs in a process of the pool."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from maskkit.codec.opening import TooManyPixelsError
from maskkit.codec.picture import Picture
from maskkit.errors import CodecError, MaskkitError, PixelError
from maskkit.hearing import overheard, sentences
from maskkit.pixels import Array
from maskkit.redact import redact
from maskkit.server.faults import JobError
from maskkit.server.removebg import Asked, Length
from maskkit.server.removebg_output import encoded, kind_of

__all__ = ["Answer", "Box", "check_kind", "cut", "fitted", "placed"]

UNREADABLE = "There was an error reading the image."
MOST_PIXELS = 50_000_000  # the contract's own limit of a photo
_LEVEL = 0.02  # alpha above which a pixel counts as subject for its box
# the kinds of the contract ("auto" is a drop shadow for a subject whose kind nobody knows) as our effects
_SHADOWS = {"none": "none", "auto": "drop", "drop": "drop", "car": "contact", "3D": "cast"}


@dataclass(frozen=True)
class Box:
    """A rectangle in pixels."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Answer:
    """The bytes made, their kind and size, where the subject stands, and what the photo had.

    ``units`` are the photo's megapixels, at least 1, which count against the rate limit; ``warned`` is what
    the library warned of.
    """

    content: bytes
    kind: str
    width: int
    height: int
    subject: Box
    units: int
    engine: str
    shadow: str
    warned: tuple[str, ...] = ()


def cut(photo: bytes, behind: bytes | None, asked: Asked, engine: str, max_pixels: int) -> Answer:
    """The answer to a request. Raises JobError, whose type is the contract's code."""
    try:
        with overheard() as heard:
            made = _cut(photo, behind, asked, engine, max_pixels)
        return replace(made, warned=sentences(heard))
    except JobError:
        raise
    except TooManyPixelsError as error:
        raise _too_large(error) from None
    except CodecError as error:
        raise JobError(400, "failed_to_read_image", UNREADABLE, str(redact(error))) from None
    except PixelError as error:
        raise JobError(400, "failed_to_read_image", str(redact(error))) from None
    except MaskkitError as error:
        raise JobError(502, "engine_error", f"engine {engine}: {redact(error)}") from None
    except MemoryError:
        raise JobError(500, "internal_error", "the picture needs more memory than there is") from None


def _cut(photo: bytes, behind: bytes | None, asked: Asked, engine: str, max_pixels: int) -> Answer:
    from maskkit.codec import to_picture

    check_kind(photo)
    whole = to_picture(photo, print_too=True, max_pixels=min(max_pixels, MOST_PIXELS))
    units = max(1, math.ceil(whole.size[0] * whole.size[1] / 1e6))
    picture = _at_most(whole, asked.megapixels)
    pixels, made_by = _subject(picture, _region(asked, whole.size, picture.size), engine)
    pixels, box = placed(pixels, asked)
    dressed = (
        pixels
        if asked.alpha_only
        else _over(picture.with_pixels(_with_shadow(pixels, asked)), asked, behind, max_pixels)
    )
    result = dressed[..., 3] if asked.alpha_only else dressed
    kind = kind_of(result, asked)
    content = encoded(replace(picture, pixels=result) if result.ndim == 3 else result, kind)
    height, width = result.shape[:2]
    return Answer(content, kind, width, height, box, units, made_by, _shadow_of(asked))


def check_kind(photo: bytes) -> None:
    """Raise JobError where the bytes are of no format that is read, whatever name and type they came with."""
    from maskkit.codec.formats import READ, format_of

    kind = format_of(photo)
    if kind is None or not kind.decoder:
        received = "no picture" if kind is None else kind.title
        raise JobError(400, "invalid_file_type", "Invalid file type", f"Expected {READ}, received {received}")


def _too_large(error: TooManyPixelsError) -> JobError:
    has, most = error.pixels / 1e6, error.most / 1e6
    told = f"The image has {has:.1f} megapixels, the limit is {most:g}"
    return JobError(400, "resolution_too_high", "Image resolution too high", told)


def _at_most(picture: Picture, megapixels: float) -> Picture:
    """The picture in 8 bits, shrunk to so many pixels; it is never enlarged."""
    from maskkit import backdrop
    from maskkit.kernels import convert

    pixels = convert(picture.pixels, np.uint8)
    size = fitted(picture.size, round(megapixels * 1e6))
    return picture.with_pixels(
        pixels if size == picture.size else backdrop.image(pixels, size, fit="stretch")
    )


def fitted(size: tuple[int, int], most: int) -> tuple[int, int]:
    """The largest width and height of the same proportions that have ``most`` pixels, or ``size`` if it fits.

    floor(sqrt(most * width / height)) by floor(sqrt(most * height / width)), in whole numbers: the error of a
    float would cost a pixel where the root is exact.

    >>> fitted((4875, 3120), 4_000_000), fitted((500, 333), 250_000)
    ((2500, 1600), (500, 333))
    """
    width, height = size
    if width * height <= most:
        return size
    across, down = max(1, math.isqrt(most * width // height)), max(1, math.isqrt(most * height // width))
    return (min(across, most), 1) if down == 1 else (across, min(down, most // across))


def _region(asked: Asked, size: tuple[int, int], shown: tuple[int, int]) -> tuple[slice, slice]:
    """The region of interest, given in the photo's own pixels, as rows and columns of the shrunk one."""
    ends = [length.of(side) for length, side in zip(asked.roi, size * 2, strict=True)]
    if any(end > side for end, side in zip(ends, size * 2, strict=True)):
        raise JobError(400, "roi_exceeds_bounds", "ROI exceeds image bounds")
    left, top, right, bottom = (
        round(end * less / side) for end, side, less in zip(ends, size * 2, shown * 2, strict=True)
    )
    if right <= left or bottom <= top:
        raise JobError(400, "roi_region_empty", "ROI region is empty")
    return slice(top, bottom), slice(left, right)


def _subject(picture: Picture, region: tuple[slice, slice], engine: str) -> tuple[Array, str]:
    """(H, W, 4): the subject within the region, the photo's own colours hidden around it; and who made it."""
    from maskkit.cutouts.beginning import Job, begin
    from maskkit.cutouts.running import run
    from maskkit.recipe import Recipe

    inside = picture.with_pixels(np.ascontiguousarray(picture.pixels[region]))
    made = run(begin(Job(inside, None, Recipe(source=engine), {}, local=True, print_too=True)))
    if not (made.alpha > _LEVEL * 255).any():
        raise JobError(400, "unknown_foreground", "Could not identify foreground in image.")
    height, width = picture.pixels.shape[:2]
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., :3] = picture.pixels[..., :3]
    pixels[region] = made.pixels
    return pixels, made.source


def placed(pixels: Array, asked: Asked) -> tuple[Array, Box]:
    """The subject cropped, scaled and moved on its canvas, and its box there.

    Parameters
    ----------
    pixels : (H, W, 4) uint8
    asked
        ``crop`` cuts to the subject and its margins, which may go beyond the photo and are transparent there;
        ``scale`` fits the subject's box into that share of both sides; ``position`` shares out what is free.

    Examples
    --------
    >>> dot = np.zeros((4, 8, 4), np.uint8)
    >>> dot[1:3, 1:3] = 255
    >>> placed(dot, Asked(position=(1, 0.5)))[1]
    Box(left=6, top=1, width=2, height=2)
    >>> placed(dot, Asked(crop=True))[0].shape
    (2, 2, 4)
    """
    from maskkit import masks
    from maskkit.backdrop.image import window

    box = masks.bounding_box(pixels[..., 3], _LEVEL)
    if box is None:
        raise JobError(400, "unknown_foreground", "Could not identify foreground in image.")
    left, top, right, bottom = box
    if asked.crop:
        above, beside, below, before = _sides(asked.margin, right - left, bottom - top)
        size = right - left + before + beside, bottom - top + above + below
        pixels = window(pixels, size, before - left, above - top)
        left, top = before, above
    subject = Box(left, top, box[2] - box[0], box[3] - box[1])
    return (
        (pixels, subject)
        if asked.scale is None and asked.position is None
        else _moved(pixels, subject, asked)
    )


def _moved(pixels: Array, box: Box, asked: Asked) -> tuple[Array, Box]:
    """The subject scaled and moved on a canvas that is clear beside it."""
    from maskkit import backdrop, placement
    from maskkit.backdrop.image import window

    height, width = pixels.shape[:2]
    left, top, wide, high = box.left, box.top, box.width, box.height
    subject = pixels[top : top + high, left : left + wide]
    if asked.scale is not None:
        factor = placement.fitting((wide, high), (width, height), asked.scale)
        wide, high = max(1, round(wide * factor)), max(1, round(high * factor))
        subject = backdrop.image(np.ascontiguousarray(subject), (wide, high), fit="stretch")
        left, top = left + (box.width - wide) // 2, top + (box.height - high) // 2
    if asked.position is not None:
        left, top = placement.anchored((wide, high), (width, height), asked.position)
    return window(subject, (width, height), left, top), Box(left, top, wide, high)


def _sides(
    margin: tuple[Length, Length, Length, Length], width: int, height: int
) -> tuple[int, int, int, int]:
    top, right, bottom, left = margin
    return round(top.of(height)), round(right.of(width)), round(bottom.of(height)), round(left.of(width))


def _shadow_of(asked: Asked) -> str:
    """The effect that is nearest to the shadow asked for: a car's is where it stands, 3D falls beside."""
    return "none" if asked.shadow_opacity == 0 else _SHADOWS[asked.shadow]


def _with_shadow(pixels: Array, asked: Asked) -> Array:
    """The subject over its shadow, on a canvas that is clear beside both."""
    kind = _shadow_of(asked)
    if kind == "none":
        return pixels
    from maskkit import alpha
    from maskkit.effects.dress import dressed

    shadow = {"kind": kind, "opacity": asked.shadow_opacity}
    return alpha.over(*dressed(pixels, np.zeros_like(pixels), {"shadow": shadow}))


def _over(made: Picture, asked: Asked, behind: bytes | None, max_pixels: int) -> Array:
    """The subject over its background; without one, hidden colours are kept for the ZIP's picture."""
    from maskkit import alpha, backdrop
    from maskkit.codec import to_picture
    from maskkit.kernels import convert

    size = made.size
    if behind is not None:
        try:
            below = to_picture(behind, print_too=True, max_pixels=max_pixels)
        except CodecError as error:
            title = "Failed to read the background image."
            raise JobError(400, "failed_bg_download", title, str(redact(error))) from None
        return alpha.over(made, below.with_pixels(backdrop.image(convert(below.pixels, np.uint8), size)))
    if asked.background:
        return alpha.over(made, Picture(backdrop.solid(asked.background, size)))
    return made.pixels
