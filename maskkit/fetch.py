"""A mask for a picture: chooses who makes it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from importlib.util import find_spec
from typing import Any, Literal, get_args

import numpy as np

from maskkit.checks import check_choice
from maskkit.engines import Estimate
from maskkit.kernels import convert
from maskkit.pixels import Array, Picture

__all__ = ["chosen", "estimate", "fetch_mask"]

Source = Literal["auto", "classical", "onnx", "chroma", "adobe"]
Format = Literal["soft", "binary"]

logger = logging.getLogger("maskkit")


def fetch_mask(photo: Any, source: Source = "auto", format: Format = "soft", **options: Any) -> Array:
    """The subject's mask as uint8 ``(H, W)``: white keeps, black removes.

    Parameters
    ----------
    photo : path, bytes, file, PIL.Image, Picture or colour array.
    source : who makes the mask; "auto" chooses, and says which on the logger "maskkit": "adobe" where the
        environment names a staging area and credentials (``MASKKIT_*``), else an engine of this machine.
    format : "soft" for all levels, "binary" for 0 and 255 only (alpha >= 0.5 is kept).
    options : hints (``box``, ``keep``, ``drop``, see `estimate`), and what the engine of that name takes:
        ``model="u2netp"`` for "onnx", ``backdrop="#00b140"`` for "chroma", what `maskkit.MaskClient` takes
        for "adobe".

    >>> photo = np.full((60, 60, 3), 240, np.uint8)
    >>> photo[20:40, 20:40] = (180, 30, 30)
    >>> mask = fetch_mask(photo, format="binary")
    >>> int(mask[30, 30]), int(mask[5, 5])
    (255, 0)
    """
    check_choice(format, "format", get_args(Format))
    if chosen(source) == "adobe" and options.get("box") is None:
        options = {"format": format, **options}
    alpha = estimate(photo, source, **options).alpha
    return convert(alpha >= 0.5 if format == "binary" else alpha, np.uint8)


def estimate(
    photo: Any,
    source: Source = "auto",
    *,
    box: tuple[float, float, float, float] | None = None,
    keep: Iterable[tuple[float, float]] = (),
    drop: Iterable[tuple[float, float]] = (),
    **options: Any,
) -> Estimate:
    """What `fetch_mask` rounds: float alpha, the confidence in it, the engine's name, and advice.

    Parameters
    ----------
    photo, source : as in `fetch_mask`.
    box : (left, top, right, bottom) in pixels around the subject; takes the place of the source.
    keep, drop : points (x, y) in pixels, on the subject and beside it; they correct what the source says.
    options : what the engine of that name takes.

    Raises
    ------
    PixelError : for a source that does not exist, and hints outside the picture.
    CodecError : for a photo that is not an image.
    """
    from maskkit.codec import to_picture
    from maskkit.engines.hint_forms import points

    check_choice(source, "source", get_args(Source))
    keep, drop = points(keep, "keep"), points(drop, "drop")
    who = None if box is not None else chosen(source)
    if who != "adobe" or keep or drop:  # a file object can be read only once
        photo = to_picture(photo, "photo", print_too=who == "adobe")
    found = None if who is None else _estimate(photo, who, **options)
    if found is None or keep or drop:
        found = _hinted(photo, found, box=box, keep=keep, drop=drop)
    trust = "" if found.confidence is None else f", confidence {found.confidence:.2f}"
    logger.info("mask by %s%s", found.engine, trust)
    if found.advice:
        logger.info("to get a better mask: %s", found.advice)
    return found


def _hinted(photo: Picture, found: Estimate | None, **given: Any) -> Estimate:
    from maskkit.engines import hints

    return hints(photo.pixels, mask=None if found is None else found.alpha, **given)


def _estimate(photo: Any, source: Source, **options: Any) -> Estimate:
    if source == "adobe":
        from maskkit.clients.engine import adobe

        return adobe(photo, **options)
    from maskkit import engines

    local = {"classical": engines.classical, "onnx": engines.onnx, "chroma": engines.chroma}
    found: Estimate = local[source](photo.pixels, **options)
    return found


def chosen(source: Source, *, local: bool = False) -> Source:
    """The source itself, or what "auto" comes to: a service that is set up, the best network, no network.

    With ``local`` "auto" stays on this machine, whatever the environment names.
    """
    if source != "auto":
        return source
    if not local and os.environ.get("MASKKIT_STAGING") and _has_credentials():
        return "adobe"
    from maskkit.engines.weights import installed

    return "onnx" if find_spec("onnxruntime") and installed() else "classical"


def _has_credentials() -> bool:
    from maskkit.adobe.environment import settings

    return bool(settings().keys() & {"token", "client_secret"})
