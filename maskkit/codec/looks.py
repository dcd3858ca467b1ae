"""How pixels look to people: small, 8 bit, transparency as a checkerboard; as a figure in Jupyter."""

from __future__ import annotations

import base64
from html import escape

import numpy as np

from maskkit.codec.picture import Picture
from maskkit.codec.writing import encode
from maskkit.errors import CodecError
from maskkit.kernels import convert
from maskkit.kernels.grid import resample
from maskkit.pixels import Array

__all__ = ["SIDE", "as_seen", "described", "figure", "mimebundle", "trusted"]

SIDE = 800
_CELL, _LIGHT, _DARK = 8, 1.0, 0.8
_LARGE = 100_000  # bytes of a PNG that stands in a notebook once; beside it, in HTML, a smaller WebP does


def as_seen(pixels: Array, side: int = SIDE, icc: bytes | None = None) -> Array:
    """RGB uint8 of at most ``side`` pixels in sRGB; a mask as grey, alpha over a checkerboard.

    ``icc`` is the profile of the pixels; None is sRGB, and so is what cannot be converted.

    >>> as_seen(np.zeros((2, 2, 4), np.uint8))[0, 0].tolist()
    [255, 255, 255]
    """
    shown = _over_squares(pixels, side)
    if icc is None or pixels.ndim == 2:
        return shown
    from maskkit.codec.one_space import in_space

    try:
        return in_space(Picture(shown, icc), None).pixels
    except CodecError:
        return shown


def _over_squares(pixels: Array, side: int) -> Array:
    colour = np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels
    height, width = colour.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if colour.shape[2] == 3:
        return convert(resample(colour, size) if scale < 1 else colour, np.uint8)
    value = convert(colour, np.float32)
    value = resample(np.dstack([value[..., :3] * value[..., 3:], value[..., 3:]]), size)
    shown = value[..., :3] + _squares(size)[..., None] * (1 - value[..., 3:])
    return convert(np.clip(shown, 0, 1), np.uint8)


def described(pixels: Array) -> str:
    """Size, channels and dtype in words.

    >>> described(np.zeros((2, 3, 4), np.uint8))
    '3 x 2 pixels, RGBA, uint8'
    """
    kind = {2: "mask"}.get(pixels.ndim) or {3: "RGB", 4: "RGBA"}[pixels.shape[2]]
    return f"{pixels.shape[1]} x {pixels.shape[0]} pixels, {kind}, {pixels.dtype}"


def trusted(what: str, source: str, confidence: float | None) -> str:
    """Who made it and how far to trust it, in words.

    >>> trusted("mask", "u2netp", 0.923)
    'mask by u2netp, confidence 0.92'
    """
    said = f"{what} given" if source == "given" else f"{what} by {source}"
    return said if confidence is None else f"{said}, confidence {confidence:.2f}"


def mimebundle(picture: Picture | Array, plain: str, *told: str, side: int = SIDE) -> dict[str, object]:
    """What Jupyter shows: a figure with the size and what is ``told`` under it; a PNG; plain text."""
    pixels, icc = (picture.pixels, picture.icc) if isinstance(picture, Picture) else (picture, None)
    shown = as_seen(pixels, side, icc)
    png = encode(shown, "png", compression="small")
    return {
        "text/html": figure(shown, described(pixels), *told, png=png),
        "image/png": base64.b64encode(png).decode(),
        "text/plain": plain,
    }


def figure(shown: Array, *lines: str, png: bytes | None = None) -> str:
    """A picture that is small already as HTML, lines under it; it needs no other file."""
    address, told = _address(shown, png), "<br>".join(escape(line) for line in lines if line)
    width = shown.shape[1]
    alt = escape(lines[0] if lines else "picture")
    return (
        f'<figure style="margin:0;display:inline-block;max-width:100%">'
        f'<img src="{address}" alt="{alt}" width="{width}" style="max-width:100%;height:auto">'
        f'<figcaption style="font-size:.85em;text-align:left;max-width:{max(width, 200)}px">{told}'
        f"</figcaption></figure>"
    )


def _address(shown: Array, png: bytes | None) -> str:
    kind, content = "png", encode(shown, "png", compression="small") if png is None else png
    if len(content) > _LARGE:
        kind, content = "webp", encode(Picture(shown), "webp", quality=90)
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _squares(size: tuple[int, int]) -> Array:
    width, height = size
    odd = (np.arange(height)[:, None] // _CELL + np.arange(width) // _CELL) % 2
    return np.where(odd, np.float32(_DARK), np.float32(_LIGHT))
