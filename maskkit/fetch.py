"""A mask for a picture: chooses who makes it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Literal, get_args

import numpy as np

from maskkit.engines import Estimate
from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array

__all__ = ["estimate", "fetch_mask"]

Source = Literal["auto", "classical", "onnx", "chroma"]
Format = Literal["soft", "binary"]

logger = logging.getLogger("maskkit")


def fetch_mask(photo: Any, source: Source = "auto", format: Format = "soft", **options: Any) -> Array:
    """The subject's mask as uint8 ``(H, W)``: white keeps, black removes.

    Parameters
    ----------
    photo : path, bytes, file, PIL.Image, Picture or colour array.
    source : who makes the mask; "auto" chooses, and says which on the logger "maskkit".
    format : "soft" for all levels, "binary" for 0 and 255 only (alpha >= 0.5 is kept).
    options : what the engine of that name takes: ``model="u2netp"`` for "onnx", ``backdrop="#00b140"``
        for "chroma".

    >>> photo = np.full((60, 60, 3), 240, np.uint8)
    >>> photo[20:40, 20:40] = (180, 30, 30)
    >>> mask = fetch_mask(photo, format="binary")
    >>> int(mask[30, 30]), int(mask[5, 5])
    (255, 0)
    """
    _check_choice("format", format, get_args(Format))
    alpha = estimate(photo, source, **options).alpha
    return convert(alpha >= 0.5 if format == "binary" else alpha, np.uint8)


def estimate(photo: Any, source: Source = "auto", **options: Any) -> Estimate:
    """What `fetch_mask` rounds: float alpha, the confidence in it, the engine's name, and advice.

    Raises PixelError for a source that does not exist, CodecError for a photo that is not an image.
    """
    _check_choice("source", source, get_args(Source))
    from maskkit.codec import to_picture

    found = _engine(source)(to_picture(photo).pixels, **options)
    logger.info("mask by %s, confidence %.2f", found.engine, found.confidence)
    if found.advice:
        logger.info("to get a better mask: %s", found.advice)
    return found


def _engine(source: Source) -> Callable[..., Estimate]:
    from maskkit import engines

    if source == "auto":
        source = _best_source()
    return {"classical": engines.classical, "onnx": engines.onnx, "chroma": engines.chroma}[source]


def _best_source() -> Source:
    """The best that works here without a download: a network whose weights are there, else no network."""
    from maskkit.engines.weights import installed

    return "onnx" if find_spec("onnxruntime") and installed() else "classical"


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise PixelError(f"{name}: need one of {', '.join(choices)}, got {value!r}")
