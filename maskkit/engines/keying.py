"""Chroma key: a green or blue screen, or any backdrop that is known, out of the picture."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np

from maskkit.checks import check_unit
from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.color import despill, linear_to_srgb, srgb_to_linear
from maskkit.engines.base import Estimate
from maskkit.engines.plates import plate
from maskkit.engines.reduced import reduced
from maskkit.engines.screen import fitted, primary, standing
from maskkit.errors import PixelError
from maskkit.kernels import convert, map_bands
from maskkit.kernels.channels import length
from maskkit.keywords import keywords
from maskkit.pixels import Array, split_alpha

__all__ = ["chroma", "chroma_key"]

_SIDE = 1000
_ADVICE = "chroma needs a backdrop of one known colour: name it, or give a photo of it alone"


@keywords(backdrop="screen")
def chroma(
    image: ImageInput,
    screen: ImageInput | None = None,
    *,
    linear: bool = True,
    black: float = 0.04,
    white: float = 0.96,
) -> Estimate:
    """``alpha = (d(B) - d(C)) / (d(B) - d(F))``, d the height of the screen's primary over the other two.

    B is the screen at the pixel: a smooth field fitted to the border, which follows uneven light, or
    ``screen``. F is the subject's colour nearby. A backdrop without a primary (grey paper, a clean
    plate) is keyed along the line from B to F instead.

    Parameters
    ----------
    image: (H, W, 3) or (H, W, 4), any dtype, or a picture as `maskkit.cutout` takes it.
    screen: None to take it from the border, a CSS colour, or a picture of the backdrop alone.
    linear: edge pixels mix light, as in a photograph; False for pictures composited as encoded values.
    black, white: alpha up to here counts as backdrop, from here as subject (noise, wrinkles).

    References
    ----------
    Vlahos 1964, US patent 3,158,477 (the colour difference key). Smith and Blinn 1996, Blue screen matting.
    """
    image = to_pixels(image)
    check_unit(black, "black")
    check_unit(white, "white")
    if not black < white:
        raise PixelError(f"black: need less than white, got black={black}, white={white}")
    behind, confidence = fitted(image, screen)
    alpha = _key(image, behind, linear, (black, white))
    if not 0.001 < float(alpha.mean()) < 0.999:
        confidence = 0.0
    return Estimate(alpha, confidence, "chroma", None if confidence >= 0.5 else _ADVICE)


@keywords(backdrop="screen")
def chroma_key(
    image: ImageInput,
    screen: ImageInput | None = None,
    *,
    linear: bool = True,
    black: float = 0.04,
    white: float = 0.96,
) -> Array:
    """``(F, alpha)`` with ``F = (C - (1 - alpha) B) / alpha`` and the spill suppressed: straight RGBA.

    The parameters are those of `chroma`; the result has the image's dtype. Spill is the screen's light on
    the subject itself: there the primary is held down to the larger of the other two.
    """
    image = to_pixels(image)
    screen = None if screen is None else plate(screen, image, "screen")  # a file is read only once
    behind, _ = fitted(image, screen)
    alpha = chroma(image, screen, linear=linear, black=black, white=white).alpha
    out = np.empty((*image.shape[:2], 4), image.dtype)
    index = primary(behind)
    map_bands(partial(_unmix, linear=linear and index is not None), image, behind, alpha, out)
    return out if index is None else despill(out, ("red", "green", "blue")[index], limit="max")


def _key(image: Array, behind: Array, linear: bool, levels: tuple[float, float]) -> Array:
    alpha = np.empty(image.shape[:2], np.float32)
    index = primary(behind)
    linear = linear and index is not None  # distances of greys are told by eye, not by light
    subject = _rim_colour(image, behind, index, linear)
    black, white = levels

    def band(pixels: Array, backdrop: Array, rim: Array, out: Array) -> None:
        colour, key = _values(pixels, linear), _values(backdrop, linear)
        raw = _first_key(colour, key, index)
        where = rim[..., 3] > 0
        if where.any():
            near = convert(rim[..., 3], np.float32)[where]
            solid = _values(rim, linear)[where]
            raw[where] += near * (_against(colour[where], key[where], solid) - raw[where])
        np.clip((raw - black) / (white - black), 0, 1, out=out)

    map_bands(band, image, behind, subject, alpha)
    return alpha


def _values(array: Array, linear: bool) -> Array:
    """Its colour as float32, decoded to light where that is asked for."""
    colour = np.ascontiguousarray(split_alpha(array)[0])
    return convert(srgb_to_linear(colour) if linear else colour, np.float32)


def _first_key(colour: Array, key: Array, index: int | None) -> Array:
    """Without the subject's colour: by the screen's primary, else by distance (0.25 is subject)."""
    if index is None:
        return np.asarray(4 * length(colour - key))
    return np.asarray(1 - standing(colour, index) / np.maximum(standing(key, index), 0.02))


def _against(colour: Array, key: Array, solid: Array) -> Array:
    """``1 - n.C / n.B`` with ``n = B - (B.F / F.F) F``: n is orthogonal to F, so its shading cancels."""
    square = np.maximum(_dot(solid, solid), 1e-4)
    normal = key - (_dot(key, solid) / square)[..., None] * solid
    told = _dot(normal, key)
    by_hue = 1 - _dot(normal, colour) / np.maximum(told, 1e-4)
    line = solid - key
    by_line = _dot(colour - key, line) / np.maximum(_dot(line, line), 1e-4)
    # B and F of one hue, less than about 20 degrees apart: lightness has to tell.
    hue = np.clip(told / np.maximum(_dot(key, key), 1e-4) / 0.12, 0, 1)
    return np.asarray(hue * by_hue + (1 - hue) * by_line)


def _dot(a: Array, b: Array) -> Array:
    return np.asarray(np.einsum("...k,...k->...", a, b))


def _rim_colour(image: Array, behind: Array, index: int | None, linear: bool) -> Array:
    """The subject's colour next to the backdrop, and how near that is: uint8 (H, W, 4).

    Away from the backdrop the last channel is 0, so that a yellow patch in a red subject, which has the
    colour of half a red one before green, stays opaque.
    """
    small = reduced(image, _SIDE)
    key = cv2.resize(behind, small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    raw = _first_key(_values(small, linear), _values(key, linear), index)
    reach = max(1, max(small.shape) // 50)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    near = cv2.GaussianBlur(cv2.dilate((raw < 0.1).astype(np.float32), disc), (0, 0), reach / 3)
    # Half-covered pixels of a vivid subject pass for sure ones, so the rim itself is left out.
    sure = cv2.erode((raw > 0.97).astype(np.float32), np.ones((3, 3)), iterations=3, borderValue=1)
    colour, count = (_wide_blur(a, 2.5 * reach) for a in (convert(small, np.float32) * sure[..., None], sure))
    near = np.where(count > 1e-3, near, 0)
    rim = np.dstack([np.clip(colour / np.maximum(count, 1e-6)[..., None], 0, 1), np.clip(near, 0, 1)])
    return cv2.resize(convert(rim, np.uint8), image.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def _wide_blur(array: Array, sigma: float) -> Array:
    """A Gaussian of 5 pixels or more at the size at which it is 5: the cost does not grow with it."""
    size, factor = array.shape[1::-1], 5 / sigma
    if factor > 0.5:
        return cv2.GaussianBlur(array, (0, 0), sigma)
    coarse = cv2.resize(array, [max(1, round(side * factor)) for side in size], interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(coarse, (0, 0), 5), size, interpolation=cv2.INTER_LINEAR)


def _unmix(pixels: Array, backdrop: Array, alpha: Array, out: Array, *, linear: bool) -> None:
    colour, key = _values(pixels, linear), _values(backdrop, linear)
    shown = np.maximum(alpha, 0.05)[..., None]  # below that noise would be multiplied by more than 20
    own = np.clip((colour - (1 - alpha[..., None]) * key) / shown, 0, 1)
    own = np.where(alpha[..., None] > 0, own, colour)
    encoded = linear_to_srgb(own) if linear else own
    out[..., :3], out[..., 3] = convert(encoded, out.dtype), convert(alpha, out.dtype)
