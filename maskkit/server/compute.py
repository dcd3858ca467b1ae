"""A photo's bytes to the bytes of what was ordered; runs in a process of the pool or on a Dask worker.

read -> estimate (or the mask given) -> edit -> decontaminate, trim, background -> encode
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from maskkit.engines import Estimate
from maskkit.errors import CodecError, MaskkitError, PixelError
from maskkit.pixels import Array, Picture
from maskkit.redact import redact
from maskkit.server.faults import JobError, bad_input

__all__ = ["Inputs", "Made", "Product", "make", "warm"]


@dataclass(frozen=True)
class Product:
    """What is to be made of a photo; both contracts and the direct doors are reduced to it.

    ``space`` is v1's ``output.color.space``; ``background`` is RGBA with 0-255 and alpha 0-1;
    ``threshold``, ``grow`` and ``feather`` edit the mask as `maskkit.matte` does.
    """

    kind: Literal["mask", "cutout", "psd"] = "mask"
    format: Literal["soft", "binary"] = "soft"
    space: Literal["rgb", "rgba", "grey"] = "rgb"
    media_type: str = "image/png"
    trim: bool = False
    background: tuple[float, float, float, float] | None = None
    decontamination: float = 0.0
    threshold: float | None = None
    grow: float = 0.0
    feather: float = 0.0


@dataclass(frozen=True)
class Inputs:
    """The files that come in: a photo, perhaps a mask for it, and what goes behind (a file, or words)."""

    photo: bytes
    mask: bytes | None = None
    backdrop: bytes | str | None = None


@dataclass(frozen=True)
class Made:
    """The bytes made, with what is worth telling of them."""

    content: bytes
    width: int
    height: int
    engine: str
    confidence: float | None = None


def make(inputs: Inputs, product: Product, engine: str, max_pixels: int) -> Made:
    """The picture ordered. Raises JobError for whatever is wrong, which can travel between processes."""
    try:
        return _make(inputs, product, engine, max_pixels)
    except JobError:
        raise
    except (CodecError, PixelError) as error:
        raise bad_input(f"input: {redact(error)}") from None
    except MaskkitError as error:
        raise JobError(502, "EngineError", f"engine {engine}: {redact(error)}") from None
    except MemoryError:
        raise JobError(500, "InternalError", "the picture needs more memory than there is") from None


def warm(engine: str) -> str:
    """Load what ``engine`` needs, before the first job does; returns its name."""
    from maskkit.fetch import estimate

    if engine in ("adobe", "auto"):  # those may cost a billed job
        return engine
    try:
        estimate(np.full((32, 32, 3), 255, np.uint8), engine)  # type: ignore[arg-type]
    except MaskkitError as error:
        raise JobError(502, "EngineError", f"engine {engine}: {redact(error)}") from None
    return engine


def _make(inputs: Inputs, product: Product, engine: str, max_pixels: int) -> Made:
    from maskkit.codec import encode

    picture = _read(inputs.photo, max_pixels)
    alpha, found = _mask(picture, product, engine, max_pixels, inputs.mask)
    if product.kind == "mask":
        alpha = _trimmed(alpha) if product.trim else alpha
        content = encode(_channels(alpha, product.space), _FORMATS[product.media_type], **_options(product))
        return Made(content, alpha.shape[1], alpha.shape[0], found.engine, found.confidence)
    made = _cutout(picture, alpha, product, max_pixels, inputs.backdrop)
    content = encode(made, _FORMATS[product.media_type], **_options(product))
    return Made(content, *made.size, found.engine, found.confidence)


_WORDS = ("transparent", "checker", "blur", "linear", "radial")
_FORMATS = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/webp": "webp",
}


def _options(product: Product) -> dict[str, Any]:
    if product.media_type == "image/jpeg":
        return {"background": "white", "quality": 92}
    return {"lossless": product.kind == "mask"} if product.media_type == "image/webp" else {}


def _channels(alpha: Array, space: str) -> Array:
    # Adobe's mask has three equal channels; the fourth, where it is asked for, is opaque
    if space == "grey":
        return alpha
    planes = [alpha] * 3 + [np.full_like(alpha, 255)] * (space == "rgba")
    return np.stack(planes, axis=-1)


def _read(photo: bytes, max_pixels: int) -> Picture:
    from maskkit.codec import read

    try:
        return read(photo, max_pixels=max_pixels)
    except CodecError:  # CMYK can be read only into sRGB; whatever else is wrong is so again
        return read(photo, max_pixels=max_pixels, to_srgb=True)


def _mask(
    picture: Picture, product: Product, engine: str, max_pixels: int, given: bytes | None
) -> tuple[Array, Estimate]:
    from maskkit.codec import read_mask
    from maskkit.fetch import estimate
    from maskkit.kernels import convert
    from maskkit.matte import adjust
    from maskkit.matting import refine

    if given is not None:
        found = Estimate(read_mask(given, max_pixels=max_pixels), 1.0, "given")
    else:
        found = estimate(picture, engine)  # type: ignore[arg-type]
        if not found.engine.startswith("adobe"):  # Adobe's mask is left as it is
            found = replace(found, alpha=refine(picture.pixels, found.alpha, "edge"))
    threshold = 0.5 if product.format == "binary" and product.threshold is None else product.threshold
    edited = adjust(found.alpha, threshold=threshold, grow=product.grow, feather=product.feather)
    return convert(edited, np.uint8), found


def _cutout(
    picture: Picture, alpha: Array, product: Product, max_pixels: int, backdrop: bytes | str | None
) -> Picture:
    from maskkit.backdrop import solid
    from maskkit.color import decontaminate
    from maskkit.cutouts import cutout

    if product.decontamination > 0:
        picture = picture.with_pixels(decontaminate(picture.pixels, alpha, product.decontamination))
    made = cutout(picture, alpha)
    if product.trim and alpha.any():
        made = made.trim()
    if backdrop is not None:
        return made.over(_behind(backdrop, made.size, max_pixels))
    if product.background is not None:
        return made.over(solid(_css(product.background), made.size))
    return made.over("white") if product.space == "rgb" else made.picture


def _behind(backdrop: bytes | str, size: tuple[int, int], max_pixels: int) -> Any:
    """A picture, a word that `Cutout.over` paints, or a colour; never a path, which would be the server's."""
    from maskkit.backdrop import solid

    if isinstance(backdrop, bytes):
        return _read(backdrop, max_pixels)
    return backdrop if backdrop.partition(":")[0] in _WORDS else solid(backdrop, size)


def _css(background: tuple[float, float, float, float]) -> str:
    red, green, blue, alpha = background
    return f"rgba({red:g}, {green:g}, {blue:g}, {alpha:g})"


def _trimmed(alpha: Array) -> Array:
    from maskkit.matte import bounding_box

    left, top, right, bottom = bounding_box(alpha) or (0, 0, alpha.shape[1], alpha.shape[0])
    return alpha[top:bottom, left:right]
