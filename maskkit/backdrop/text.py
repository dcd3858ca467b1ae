"""A backdrop from one word, as the command line and `Cutout.over` accept it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from maskkit.backdrop.blur import blur
from maskkit.backdrop.paint import checkerboard, gradient, solid, transparent
from maskkit.checks import nearest
from maskkit.codec.sources import names_file, shown
from maskkit.effects import lens_blur
from maskkit.errors import PixelError
from maskkit.pixels import Array, max_value, split_alpha

__all__ = ["from_text"]

_WORDS = ("transparent", "checkerboard", "blur:20", "lens:20", "linear:white,black", "radial:white,black")


def from_text(
    text: str, size: tuple[int, int], *, photo: Array | None = None, dtype: DTypeLike = np.uint8
) -> Array | Path:
    """The painted backdrop that ``text`` names, or the path of the image file that it is.

    Parameters
    ----------
    text : str
        "transparent", "checkerboard" (or "checker"), "blur:RADIUS", "lens:RADIUS",
        "linear:COLOUR,COLOUR[@DEGREES]", "radial:COLOUR,COLOUR", a CSS colour, or a path.
        Colours of a gradient are parted by commas outside parentheses, or by semicolons.
    size : (width, height)
    photo : (H, W, 4) array, optional
        What "blur" and "lens" blur: the photo with its subject's alpha.
    dtype : dtype

    Returns
    -------
    Array of the asked size and dtype, or a Path.

    Raises
    ------
    PixelError
        If it is none of these and no such file exists, or "blur" or "lens" has no photo.

    Examples
    --------
    >>> from_text("radial:white;black", (3, 3)).shape, from_text("transparent", (3, 2)).shape
    ((3, 3, 3), (2, 3, 4))
    """
    try:
        painted = _painted(text, size, photo, dtype)
    except PixelError as error:
        said = str(error).removeprefix("backdrop: ")
        raise PixelError(f"backdrop: {said}") from None
    if painted is not None:
        return painted
    if names_file(text):
        return Path(text)
    try:
        return solid(text, size, dtype)
    except PixelError as error:
        near = str(error).partition("; ")[2] or nearest(text, _WORDS).removeprefix("; ")
        raise PixelError(
            f"backdrop: {shown(text)!r} is neither a file, nor a CSS colour, nor a known word"
            f"{near and '; ' + near}"
        ) from None


def _painted(text: str, size: tuple[int, int], photo: Array | None, dtype: DTypeLike) -> Array | None:
    """What a word paints; None where it is a file or a colour."""
    kind, _, rest = text.partition(":")
    if text == "transparent":
        return transparent(size, dtype)
    if text in ("checker", "checkerboard"):
        return checkerboard(size, dtype=dtype)
    if kind in ("blur", "lens"):
        return _blurred(kind, rest, photo)
    if kind in ("linear", "radial"):
        colors, _, angle = rest.partition("@")
        return gradient(_parted(colors), size, kind=kind, angle=_number(angle or "180", "angle"), dtype=dtype)
    return None


def _parted(colors: str) -> list[str]:
    """The colours of a list, split at commas outside parentheses: ``rgb(1, 2, 3), blue`` are two."""
    if ";" in colors:
        return colors.split(";")
    return re.split(r",(?![^(]*\))", colors)


def _blurred(kind: str, radius: str, photo: Array | None) -> Array:
    if photo is None:
        raise PixelError(f"backdrop: {kind} needs a photo to blur")
    color, alpha = split_alpha(photo)
    # soft pixels hold some of the subject's colour, or all of it once decontaminated: they do not count
    subject = None if alpha is None else alpha > 0.02 * max_value(alpha.dtype)
    return (blur if kind == "blur" else lens_blur)(color, _number(radius or "20", "radius"), subject)


def _number(text: str, name: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise PixelError(f"{name}: need a number, got {text!r}") from None
