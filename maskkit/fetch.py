"""A mask for a picture: chooses who makes it."""

from __future__ import annotations

import logging
from typing import Any, Literal, get_args

import numpy as np

from maskkit.engines import Estimate
from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array, Picture

__all__ = ["estimate", "fetch_mask"]

Source = Literal["auto", "classical"]
Format = Literal["soft", "binary"]

logger = logging.getLogger("maskkit")


def fetch_mask(photo: Any, source: Source = "auto", format: Format = "soft") -> Array:
    """The subject's mask as uint8 ``(H, W)``: white keeps, black removes.

    Parameters
    ----------
    photo : path, bytes, file, PIL.Image, Picture or colour array.
    source : who makes the mask; "auto" chooses, and says which on the logger "maskkit".
    format : "soft" for all levels, "binary" for 0 and 255 only (alpha >= 0.5 is kept).

    >>> photo = np.full((60, 60, 3), 240, np.uint8)
    >>> photo[20:40, 20:40] = (180, 30, 30)
    >>> mask = fetch_mask(photo, format="binary")
    >>> int(mask[30, 30]), int(mask[5, 5])
    (255, 0)
    """
    _check_choice("format", format, get_args(Format))
    alpha = estimate(photo, source).alpha
    return convert(alpha >= 0.5 if format == "binary" else alpha, np.uint8)


def estimate(photo: Any, source: Source = "auto") -> Estimate:
    """What `fetch_mask` rounds: float alpha, the confidence in it, the engine's name, and advice.

    Raises PixelError for a source that does not exist, CodecError for a photo that is not an image.
    """
    _check_choice("source", source, get_args(Source))
    from maskkit.engines import classical

    found = classical(_pixels(photo))
    logger.info("mask by %s, confidence %.2f", found.engine, found.confidence)
    if found.advice:
        logger.info("to get a better mask: %s", found.advice)
    return found


def _pixels(photo: Any) -> Array:
    if isinstance(photo, np.ndarray):
        return photo
    if isinstance(photo, Picture):
        return photo.pixels
    from maskkit.codec import to_picture

    return to_picture(photo).pixels


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise PixelError(f"{name}: need one of {', '.join(choices)}, got {value!r}")
