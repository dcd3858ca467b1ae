"""A photo's bytes to the bytes of what was ordered; runs in a process of the pool or on a Dask worker.

read -> `maskkit.cutout`, the same call that the library and the command line make -> encode
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from maskkit.errors import CodecError, MaskkitError, PixelError
from maskkit.pixels import Array, Picture
from maskkit.redact import redact
from maskkit.server.faults import JobError, bad_input

if TYPE_CHECKING:
    from maskkit.cutouts import Cutout

__all__ = ["Inputs", "Made", "Product", "make", "warm"]


@dataclass(frozen=True)
class Product:
    """What is to be made of a photo; both contracts and the direct doors are reduced to it.

    ``format``, ``threshold``, ``grow``, ``feather`` and ``decontamination`` are those of `maskkit.cutout`.
    ``space`` is v1's ``output.color.space``; "deep" is grey with as many bits as the photo has, where the
    contracts' masks have 8. ``background`` is RGBA with 0-255 and alpha 0-1.
    """

    kind: Literal["mask", "cutout", "psd"] = "mask"
    format: Literal["soft", "binary"] = "soft"
    space: Literal["rgb", "rgba", "grey", "deep"] = "rgb"
    media_type: str = "image/png"
    trim: bool = False
    background: tuple[float, float, float, float] | None = None
    decontamination: float | None = None
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
    from maskkit.fetch import chosen, estimate

    source = chosen(engine, local=True)  # type: ignore[arg-type]
    if source == "adobe":  # that would be a billed job
        return source
    try:
        estimate(np.full((32, 32, 3), 255, np.uint8), source)
    except MaskkitError as error:
        raise JobError(502, "EngineError", f"engine {engine}: {redact(error)}") from None
    return source


def _make(inputs: Inputs, product: Product, engine: str, max_pixels: int) -> Made:
    from maskkit.codec import encode

    made = _cutout(inputs, product, engine, max_pixels)
    if product.trim and made.alpha.any():
        made = made.trim()
    if product.kind == "mask":
        shown: Array | Picture = _channels(made.alpha, product.space)
    else:
        shown = _over(made, product, inputs.backdrop, max_pixels)
    content = encode(shown, _FORMATS[product.media_type], **_options(product))
    return Made(content, *made.size, made.source, made.confidence)


_FORMATS = {
    "image/png": "png",
    "image/jpeg": "jpeg",
    "image/webp": "webp",
}


def _options(product: Product) -> dict[str, Any]:
    if product.media_type == "image/jpeg":
        return {"background": "white", "quality": 92}
    return {"lossless": product.kind == "mask"} if product.media_type == "image/webp" else {}


def _cutout(inputs: Inputs, product: Product, engine: str, max_pixels: int) -> Cutout:
    from maskkit.codec import read_mask, to_picture
    from maskkit.cutouts import cutout
    from maskkit.fetch import chosen

    source = chosen(engine, local=True)  # type: ignore[arg-type]
    return cutout(
        to_picture(inputs.photo, print_too=True, max_pixels=max_pixels),
        None if inputs.mask is None else read_mask(inputs.mask, max_pixels=max_pixels),
        source=source,
        format=product.format,
        threshold=product.threshold,
        grow=product.grow,
        feather=product.feather,
        decontaminate=0.0 if product.kind == "mask" else product.decontamination,
    )


def _channels(alpha: Array, space: str) -> Array:
    from maskkit.kernels import convert

    if space == "deep":
        return alpha
    alpha = convert(alpha, np.uint8)
    if space == "grey":
        return alpha
    # Adobe's mask has three equal channels; the fourth, where it is asked for, is opaque
    planes = [alpha] * 3 + [np.full_like(alpha, 255)] * (space == "rgba")
    return np.stack(planes, axis=-1)


def _over(made: Cutout, product: Product, backdrop: bytes | str | None, max_pixels: int) -> Picture:
    if backdrop is None and product.background is not None:
        red, green, blue, alpha = product.background
        backdrop = f"rgba({red:g}, {green:g}, {blue:g}, {alpha:g})"
    if backdrop is None:
        return made.over("white") if product.space == "rgb" else made.picture
    return made.over(_behind(backdrop, made, max_pixels))


def _behind(backdrop: bytes | str, made: Cutout, max_pixels: int) -> Any:
    """A picture, a word that `Cutout.over` paints, or a colour; never a path, which would be the server's."""
    from maskkit.backdrop import solid
    from maskkit.codec import to_picture

    if isinstance(backdrop, bytes):
        return to_picture(backdrop, print_too=True, max_pixels=max_pixels)
    if backdrop in ("transparent", "checker") or backdrop.startswith(("blur:", "linear:", "radial:")):
        return backdrop
    return solid(backdrop, made.size, made.pixels.dtype)
