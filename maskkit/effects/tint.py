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
from maskkit.keywords import keywords
from maskkit.layout import regular
from maskkit.pixels import Array, check_out

__all__ = ["tint_match"]

_SIDE = 512  # pixels a side, at most, that means and spreads are taken from
_PIXELS = 1 << 20  # a call of OpenCV
_RATIOS = 2 / 3, 1.5  # a plain backdrop leaves the subject its contrast, a busy one makes no colours up
_SPREAD = 0.5  # L*a*b*: below, a channel is one value


@keywords()
def tint_match(
    cutout: ImageInput, backdrop: ImageInput, amount: float = 0.3, *, out: Array | None = None
) -> Array:
    """``v + amount ((v - ms) clip(sb / ss, 2/3, 3/2) + mb - v)`` in each channel of L*a*b*.

    ``ms, ss`` are the mean and the standard deviation of the cutout, weighted by its alpha; ``mb, sb`` those
    of the backdrop, both seen at no more than 512 pixels a side. 8-bit pictures go through OpenCV's 8-bit
    L*a*b*, which is right within three levels; others through float32.

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
    if amount == 0:
        out[...] = cutout
    else:
        (own, spread), (other, wide) = _seen(cutout), _seen(backdrop)
        ratio = np.clip(np.where(spread < _SPREAD, 1, wide / np.maximum(spread, _SPREAD)), *_RATIOS)
        scale = 1 + amount * (ratio - 1)
        told = scale, own + amount * (other - own) - own * scale
        if out.dtype == np.uint8:
            _bytes(*told, cutout, out)
        else:
            map_bands(_floats(*told), cutout, out)
    return out


def _seen(picture: Array) -> tuple[Array, Array]:
    """Mean and standard deviation of L*, a* and b*, each (3,), by alpha; of every so many pixels one."""
    step = -(-max(picture.shape[:2]) // _SIDE)
    for small in (picture[::step, ::step], picture):  # a subject may be lost between so few
        value = convert(small, np.float32).reshape(1, -1, picture.shape[2])
        weight = value[0, :, 3].astype(np.float64) if picture.shape[2] == 4 else np.ones(value.shape[1])
        if weight.sum():
            break
    # one channel after the other: sums over the short side of an array take ten times as long
    channels = np.ascontiguousarray(cv2.cvtColor(value, cv2.COLOR_RGB2Lab)[0].T, np.float64)
    share = weight / weight.sum()
    mean = channels @ share
    return mean, np.sqrt(np.square(channels - mean[:, None]) @ share)


def _bytes(scale: Array, shift: Array, picture: Array, out: Array) -> None:
    """By a table for each channel of 8-bit L*a*b*: L 255/100, a and b from -128. OpenCV's own threads."""
    unit, zero = np.array([255 / 100, 1, 1]), np.array([0, 128, 128])
    level = (np.arange(256)[:, None] - zero) / unit
    table = (level * scale + shift) * unit + zero
    lookup = np.clip(np.rint(table), 0, 255).astype(np.uint8)[None]
    rows = max(1, _PIXELS // out.shape[1])
    for top in range(0, len(out), rows):
        piece = regular(picture[top : top + rows])
        colours = cv2.LUT(cv2.cvtColor(piece, cv2.COLOR_RGB2Lab), lookup)
        back = cv2.cvtColor(colours, cv2.COLOR_Lab2RGB, dstCn=4)
        cv2.mixChannels([piece], [back], [3, 3])
        out[top : top + rows] = back


def _floats(scale: Array, shift: Array) -> Callable[[Array, Array], None]:
    def band(picture: Array, out: Array) -> None:
        colour = regular(convert(picture[..., :3], np.float32))
        colours = cv2.cvtColor(colour, cv2.COLOR_RGB2Lab) * scale.astype(np.float32)
        back = cv2.cvtColor(colours + shift.astype(np.float32), cv2.COLOR_Lab2RGB)
        out[..., :3] = convert(np.clip(back, 0, 1), out.dtype)
        out[..., 3] = picture[..., 3]

    return band
