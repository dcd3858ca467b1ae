"""The verb that puts one picture over another."""

from __future__ import annotations

from typing import Any

import numpy as np

from maskkit.blend import BLEND_MODES, NON_SEPARABLE, SEPARABLE
from maskkit.checks import check_choice, check_pair, check_unit
from maskkit.codec import to_mask, to_picture
from maskkit.kernels import convert, modes, source_over
from maskkit.pixels import Array, check_out, check_same_size

__all__ = ["composite"]


def composite(
    source: Any,
    backdrop: Any,
    mask: Any = None,
    *,
    mode: str = "normal",
    opacity: float = 1.0,
    linear: bool = False,
    offset: tuple[int, int] = (0, 0),
    out: Array | None = None,
) -> Array:
    """``a = as + ab (1 - as)``, ``C = (as (1 - ab) Cs + as ab B(Cb, Cs) + ab (1 - as) Cb) / a``.

    ``as`` is the source's alpha times mask times opacity; ``B`` is the mode's formula, Cs for normal.

    The result is the backdrop's canvas. What of the source lies outside it is cut off; where the source does
    not reach, and where its alpha is 0, the backdrop stays as it is, hidden colour included.

    Parameters
    ----------
    source, backdrop: path, bytes, file, PIL.Image, Picture or array; RGB or straight RGBA, sRGB-encoded. ICC
        profiles are not looked at: ``read(path, to_srgb=True)`` first where they differ.
    mask: like source, of the source's size; (H, W) as an array. None is all white.
    mode: one of BLEND_MODES, W3C's names and Photoshop's.
    opacity: 0-1. Integer pictures take it as the nearest fraction with a denominator up to 65536, so 0.3 is
        3/10 exactly.
    linear: mix (and apply the mode's formula) in linear light: sRGB decoded before, encoded after.
    offset: (x, y) in pixels, where the source's top left corner goes; may be negative.
    out: array to write to, of the result's shape and dtype; must not share memory with the inputs.

    Returns
    -------
    The backdrop's shape. The wider dtype of source and backdrop, so that neither loses anything; integer
    results of normal are the nearest value of the exact rational (a float mask counts in steps of 2^-24),
    those of the other modes are within one level of it.

    Raises
    ------
    PixelError: unknown mode; shape, dtype or range outside the convention; mask not of the source's size.
    CodecError: a file that cannot be read.

    References
    ----------
    W3C Compositing and Blending Level 1, sections 5 and 10.

    >>> white, black = np.full((1, 2, 3), 255, np.uint8), np.zeros((1, 2, 3), np.uint8)
    >>> composite(white, black, np.array([[255, 64]], np.uint8), opacity=0.5).tolist()
    [[[128, 128, 128], [32, 32, 32]]]
    """
    source, backdrop = to_picture(source, "source").pixels, to_picture(backdrop, "backdrop").pixels
    if mask is not None:
        mask = to_mask(mask)
        check_same_size(mask, source, "mask", "source")
    check_unit(opacity, "opacity")
    check_choice(mode, "mode", BLEND_MODES)
    out = check_out(out, backdrop.shape, np.result_type(source, backdrop), source, backdrop, mask)
    there, here = _overlap(offset, source.shape[:2], backdrop.shape[:2])
    if out[there].size < out.size:
        convert(backdrop, out.dtype, out=out)
    if out[there].size:
        part = None if mask is None else mask[here]
        pieces = source[here], backdrop[there], part, out[there]
        if mode == "normal" and not linear:
            source_over.over(*pieces, opacity=float(opacity))
        else:
            formula = SEPARABLE.get(mode) or NON_SEPARABLE.get(mode)
            modes.blend(*pieces, modes.Blend(formula, mode not in NON_SEPARABLE, linear, float(opacity)))
    return out


def _overlap(
    offset: tuple[int, int], source: tuple[int, int], backdrop: tuple[int, int]
) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """The rectangle both cover, as the backdrop's slices and as the source's."""
    x, y = check_pair(offset, "offset")
    there, here = [], []
    for shift, extent, room in zip((y, x), source, backdrop, strict=True):
        start, stop = max(shift, 0), max(min(shift + extent, room), shift, 0)
        there.append(slice(start, stop))
        here.append(slice(start - shift, stop - shift))
    return (there[0], there[1]), (here[0], here[1])
