"""A reflection: the subject upside down on a glossy ground, fading away."""

from __future__ import annotations

import math

import numpy as np

from maskkit.checks import check_unit, check_whole
from maskkit.codec.inputs import ImageInput, to_pixels
from maskkit.effects.layer import base_of
from maskkit.errors import PixelError
from maskkit.kernels import convert, source_over
from maskkit.keywords import keywords
from maskkit.pixels import Array, check_out, check_same_size

__all__ = ["reflection"]


@keywords()
def reflection(
    backdrop: ImageInput,
    cutout: ImageInput,
    *,
    opacity: float = 0.35,
    length: float = 0.5,
    gap: int = 0,
    out: Array | None = None,
) -> Array:
    """``over(cutout(2 b + 1 + gap - y) * opacity * fade(y), backdrop)`` below the base ``b``.

    ``fade = clip(1 - (y - b - gap - 1/2) / (length * height), 0, 1)`` with the subject's height in rows.

    Parameters
    ----------
    backdrop : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        It needs room below the subject: what falls outside is not seen.
    cutout : (H, W, 4) array, or a picture as `maskkit.cutout` takes it
        Of the backdrop's size.
    opacity : float
        0 to 1, where the reflection begins; 0 changes nothing.
    length : float
        0 to 1: after which part of the subject's height it has faded.
    gap : int
        Pixels between the subject and its reflection.
    out : array, optional
        Where to write the result; must not share memory with the inputs.

    Returns
    -------
    Array of the backdrop's shape and dtype.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention, sizes differ, or the cutout keeps nothing.

    Examples
    --------
    >>> cutout = np.zeros((4, 1, 4), np.uint8); cutout[:2] = 255
    >>> reflection(np.zeros((4, 1, 3), np.uint8), cutout, opacity=1, length=1)[:, 0, 0].tolist()
    [0, 0, 191, 64]
    """
    backdrop, cutout = to_pixels(backdrop, "backdrop"), to_pixels(cutout, "cutout")
    if cutout.shape[2] != 4:
        raise PixelError(f"cutout: need one (H, W, 4) with alpha, got shape {cutout.shape}")
    check_same_size(cutout, backdrop, "cutout", "backdrop")
    check_unit(opacity, "opacity")
    check_unit(length, "length")
    gap = check_whole(gap, "gap", least=0)
    base = base_of(cutout[..., 3], "reflection")
    out = check_out(out, backdrop.shape, backdrop.dtype, backdrop, cutout)
    out[...] = backdrop
    top = int(np.flatnonzero(cutout[..., 3].any(axis=1))[0])
    reach = length * (base + 1 - top)
    start, stop = base + 1 + gap, min(len(out), base + 1 + gap + math.ceil(reach))
    if start >= stop:
        return out
    upright = convert(cutout[base + 1 - (stop - start) : base + 1], out.dtype)
    fade = 1 - (np.arange(stop - start, dtype=np.float32) + np.float32(0.5)) / np.float32(reach)
    across = np.repeat(np.maximum(fade, 0)[:, None], out.shape[1], axis=1)
    source_over.over(upright[::-1], backdrop[start:stop], across, out[start:stop], opacity=float(opacity))
    return out
