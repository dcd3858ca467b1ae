"""The subject in the colours of its surroundings."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from maskkit.checks import check_unit
from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.effects.layer import check_subject
from maskkit.errors import PixelError
from maskkit.kernels import convert, map_bands
from maskkit.kernels.grid import resample
from maskkit.keywords import keywords
from maskkit.layout import regular
from maskkit.pixels import Array, check_out

__all__ = ["tint_match"]

_SIDE = 512  # the long side of what means and spreads are taken from
_RATIOS = 2 / 3, 1.5  # a plain backdrop leaves the subject its contrast, a busy one makes no colours up
_SPREAD = 0.5  # L*a*b*: below, a channel is one value


@keywords()
def tint_match(
    cutout: ImageInput, backdrop: ImageInput, amount: float = 0.3, *, out: Array | None = None
) -> Array:
    """``v + amount ((v - ms) clip(sb / ss, 2/3, 3/2) + mb - v)`` in each channel of L*a*b*.

    ``ms, ss`` are the mean and the standard deviation of the cutout, weighted by its alpha; ``mb, sb`` those
    of the backdrop, both seen at a long side of 512 pixels. 8-bit pictures go through OpenCV's 8-bit L*a*b*,
    which is right within three levels; others through float32.

    Parameters
    ----------
    cutout : (H, W, 4) array, or a picture as `maskkit.cutout` takes it
    backdrop : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        Of any size.
    amount : float
        0 to 1; 0 changes nothing.
    out : array, optional
        Where to write the result; must not share memory with the inputs.

    Returns
    -------
    Array of the cutout's shape and dtype, its alpha unchanged.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention, or one of the two keeps nothing.

    References
    ----------
    Reinhard, Ashikhmin, Gooch and Shirley 2001, Color Transfer between Images.

    Examples
    --------
    >>> grey, blue = np.full((2, 2, 4), 128, np.uint8), np.full((2, 2, 3), (40, 60, 200), np.uint8)
    >>> tint_match(grey, blue, 1)[0, 0].tolist()
    [41, 60, 200, 128]
    """
    cutout, backdrop = to_pixels(cutout, "cutout"), to_pixels(backdrop, "backdrop")
    if cutout.shape[2] != 4:
        raise PixelError(f"cutout: need one (H, W, 4) with alpha, got shape {cutout.shape}")
    check_unit(amount, "amount")
    check_subject(cutout[..., 3], "match")
    if backdrop.shape[2] == 4 and not backdrop[..., 3].any():
        raise PixelError("backdrop: is transparent everywhere, so there is no colour to match")
    out = check_out(out, cutout.shape, cutout.dtype, cutout, backdrop)
    out[...] = cutout
    if amount:
        (own, spread), (other, wide) = _seen(cutout), _seen(backdrop)
        ratio = np.clip(np.where(spread < _SPREAD, 1, wide / np.maximum(spread, _SPREAD)), *_RATIOS)
        scale = 1 + amount * (ratio - 1)
        map_bands(_bytes(scale, other, own, amount) if out.dtype == np.uint8 else
                  _floats(scale, other, own, amount), cutout, out)  # fmt: skip
    return out


def _seen(picture: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of L*, a* and b*, each (3,), by alpha."""
    height, width = picture.shape[:2]
    share = min(1.0, _SIDE / max(height, width))
    small = resample(regular(picture), (max(1, round(width * share)), max(1, round(height * share))))
    value = convert(small, np.float32).reshape(-1, 1, picture.shape[2])
    colours = cv2.cvtColor(regular(value[..., :3]), cv2.COLOR_RGB2Lab)[:, 0].astype(np.float64)
    weight = value[:, 0, 3] if picture.shape[2] == 4 else np.ones(len(colours))
    if not weight.sum():  # a subject that is lost at this size
        weight = np.ones(len(colours))
    mean = np.average(colours, axis=0, weights=weight)
    return mean, np.sqrt(np.average((colours - mean) ** 2, axis=0, weights=weight))


def _bytes(scale: Array, other: Array, own: Array, amount: float) -> Callable[[Array, Array], None]:
    """By a table for each channel of 8-bit L*a*b*: L 255/100, a and b from -128."""
    level = np.arange(256)[:, None] * np.array([100 / 255, 1, 1]) - np.array([0, 128, 128])
    moved = own + (level - own) * scale + amount * (other - own)
    table = (moved + np.array([0, 128, 128])) * np.array([255 / 100, 1, 1])
    lookup = np.clip(np.rint(table), 0, 255).astype(np.uint8)[None]

    def band(picture: Array, out: Array) -> None:
        colours = cv2.cvtColor(regular(picture[..., :3]), cv2.COLOR_RGB2Lab)
        out[..., :3] = cv2.cvtColor(cv2.LUT(colours, lookup), cv2.COLOR_Lab2RGB)

    return band


def _floats(scale: Array, other: Array, own: Array, amount: float) -> Callable[[Array, Array], None]:
    shift = own - own * scale + amount * (other - own)

    def band(picture: Array, out: Array) -> None:
        colour = regular(convert(picture[..., :3], np.float32))
        colours = cv2.cvtColor(colour, cv2.COLOR_RGB2Lab) * scale.astype(np.float32)
        back = cv2.cvtColor(colours + shift.astype(np.float32), cv2.COLOR_Lab2RGB)
        out[..., :3] = convert(np.clip(back, 0, 1), out.dtype)

    return band
