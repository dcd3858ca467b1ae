"""A cast shadow: the subject's silhouette laid on the ground, softer the farther it falls."""

from __future__ import annotations

import math

import numpy as np

from maskkit.checks import check_unit, is_finite
from maskkit.codec.inputs import ImageInput, MaskInput, to_mask, to_pixels
from maskkit.effects.layer import base_of, laid, radius_of
from maskkit.errors import PixelError
from maskkit.kernels import convert, gaussian_blur, map_bands
from maskkit.keywords import keywords
from maskkit.pixels import Array, check_out, check_same_size

__all__ = ["cast_shadow"]

_LEVELS = 4  # steps of softness, mixed linearly between
_LEAST = 0.05  # of the subject's height: a shadow lower than that on the picture is a line


@keywords()
def cast_shadow(
    backdrop: ImageInput,
    mask: MaskInput,
    *,
    direction: float = 60.0,
    length: float = 0.8,
    softness: float | None = None,
    color: str = "black",
    opacity: float = 0.45,
    out: Array | None = None,
) -> Array:
    """``over(color * S * opacity, backdrop)``: a point ``h`` above the base falls ``length h`` away from it.

    With the mask's base ``b`` and the direction ``d``, ``S(b - h l cos d, x + h l sin d) = mask(b - h, x)``,
    bilinear. It is softened by a Gaussian whose sigma grows evenly from 0 at the base to ``softness`` at the
    shadow of the subject's top, by linear steps between five of them.

    Parameters
    ----------
    backdrop : (H, W, 3) or (H, W, 4) array, or a picture as `maskkit.cutout` takes it
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
        Of the backdrop's size.
    direction : float
        Degrees on the picture, clockwise: 0 falls straight back, 90 to the right, 180 to the viewer. Near 90
        and 270 it would be a line, and is refused.
    length : float
        Of the shadow, in heights of the subject, above 0.
    softness : float, optional
        Sigma at the far end in pixels; 1% of the long side by default.
    color : str
        A CSS colour.
    opacity : float
        0 to 1; 0 changes nothing.
    out : array, optional
        Where to write the result; must not share memory with the inputs.

    Returns
    -------
    Array of the backdrop's shape and dtype.

    Raises
    ------
    PixelError
        If an argument is not by the pixel convention, sizes differ, the mask keeps nothing, or the shadow
        would be a line.

    Examples
    --------
    >>> paper, mask = np.full((5, 1, 3), 255, np.uint8), np.zeros((5, 1), np.uint8)
    >>> mask[1:3] = 255
    >>> cast_shadow(paper, mask, direction=180, length=1, softness=0, opacity=1)[:, 0, 0].tolist()
    [255, 255, 0, 0, 255]
    """
    backdrop, mask = to_pixels(backdrop, "backdrop"), to_mask(mask)
    check_same_size(mask, backdrop, other="backdrop")
    down, right = _fall(direction, length)
    softness = radius_of(softness, mask.shape, "softness")
    check_unit(opacity, "opacity")
    base = base_of(mask, "shadow")
    out = check_out(out, backdrop.shape, backdrop.dtype, backdrop, mask)
    silhouette = np.zeros(mask.shape, np.uint8 if mask.dtype in (np.uint8, np.bool_) else np.uint16)
    fine = mask if mask.dtype == silhouette.dtype else convert(mask, silhouette.dtype)
    _lay(fine, base, down, right, silhouette)
    top = int(np.flatnonzero(mask.any(axis=1))[0])
    _soften(silhouette, base, down * max(1, base - top), min(softness, 2.0 * sum(mask.shape)))
    return laid(color, silhouette, backdrop, opacity, out)


def _fall(direction: float, length: float) -> tuple[float, float]:
    """How far down and to the right a point falls, for each pixel that it is above the base."""
    if not is_finite(direction):
        raise PixelError(f"direction: need a finite number of degrees, got {direction!r}")
    if not (is_finite(length) and 0 < length <= 100):
        raise PixelError(f"length: need heights of the subject above 0, at most 100, got {length!r}")
    turn = math.radians(direction)
    down, right = -length * math.cos(turn), length * math.sin(turn)
    if abs(down) < _LEAST:
        raise PixelError(
            f"direction: {direction:g} degrees with length {length:g} makes a line of the shadow; "
            "turn it away from 90 and 270"
        )
    return down, right


def _lay(mask: Array, base: int, down: float, right: float, out: Array) -> None:
    """Row by row: each comes from one height above the base, between two rows of the mask."""

    def band(rows: Array, out: Array) -> None:
        for row, target in zip(rows[:, 0], out, strict=True):
            above = (row - base) / down
            if not 0 <= above <= base + 1:
                continue
            first = math.floor(base - above)
            share = base - above - first
            whole = math.floor(above * right)
            part = above * right - whole
            value = np.zeros(len(target), np.float64)
            for place, weight in ((first, 1 - share), (first + 1, share)):
                if weight and 0 <= place <= base:
                    _add(mask[place], whole, weight * (1 - part), value)
                    _add(mask[place], whole + 1, weight * part, value)
            target[...] = value + 0.5

    map_bands(band, np.arange(len(out))[:, None], out, rows=32)


def _add(row: Array, shift: int, weight: float, value: Array) -> None:
    width = len(row)
    if weight and abs(shift) < width:
        value[max(shift, 0) : width + min(shift, 0)] += weight * row[max(-shift, 0) : width - max(shift, 0)]


def _soften(plane: Array, base: int, fall: float, softness: float) -> None:
    """In place: the sharp rows at the base, ever softer ones towards ``base + fall`` and beyond."""
    if softness == 0:
        return
    level = np.clip((np.arange(len(plane)) - base) / fall, 0, 1) * _LEVELS
    sharp = plane.copy()
    for step in range(_LEVELS + 1):
        found = np.flatnonzero(np.abs(level - step) < 1)
        if not len(found):
            continue
        first, last = int(found[0]), int(found[-1]) + 1
        share = np.clip(level[first:last] - step + 1, 0, 1) if step else np.ones(last - first)
        sigma = softness * step / _LEVELS
        seen = slice(max(0, first - math.ceil(4 * sigma)), min(len(plane), last + math.ceil(4 * sigma)))
        blurred = gaussian_blur(sharp[seen], sigma)[first - seen.start : last - seen.start]
        _mix(blurred, share.astype(np.float32), plane[first:last])


def _mix(blurred: Array, share: Array, out: Array) -> None:
    """``out += share (blurred - out)``, row by row, to the nearest."""
    for row, part, target in zip(blurred, share, out, strict=True):
        if part == 1:
            target[...] = row
        else:
            target[...] = target + part * (row.astype(np.float32) - target) + np.float32(0.5)
