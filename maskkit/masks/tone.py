"""Pixel by pixel: threshold, levels, invert, combine; and a mask at another size."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from maskkit.checks import check_choice, check_positive, check_size, check_unit
from maskkit.codec.inputs import MaskInput, to_mask
from maskkit.errors import PixelError
from maskkit.kernels import convert, map_bands
from maskkit.kernels.grid import resample
from maskkit.pixels import Array, check_out, check_same_size, max_value

__all__ = ["COMBINE", "combine", "invert", "levels", "resize", "threshold"]

COMBINE = ("union", "intersect", "subtract", "multiply")


def threshold(mask: MaskInput, level: float = 0.5, out: Array | None = None) -> Array:
    """``out = max if mask / max >= level else 0``: a hard mask.

    Parameters
    ----------
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
    level : float
        0 to 1; at the default, 128 of 255 is kept and 127 removed.
    out : array, optional
        Where to write the result.

    Returns
    -------
    (H, W) array of the mask's dtype, 0 and max only.

    Raises
    ------
    PixelError
        If ``mask`` is not a mask or ``level`` is outside 0 to 1.

    Examples
    --------
    >>> threshold(np.array([[0, 127, 128, 255]], np.uint8)).tolist()
    [[0, 0, 255, 255]]
    """
    check_unit(level, "level")
    return _pointwise(mask, lambda value: value >= level, out)


def levels(
    mask: MaskInput, black: float = 0.0, white: float = 1.0, gamma: float = 1.0, out: Array | None = None
) -> Array:
    """``out = clip((mask - black) / (white - black), 0, 1) ** (1 / gamma)``, in units of white.

    Parameters
    ----------
    mask : (H, W) array, or a mask as `maskkit.cutout` takes it
    black, white : float
        0 to 1; what becomes 0 and what becomes max. Must differ, black below white.
    gamma : float
        Above 0; more than 1 lifts the middle, as in Photoshop's Levels.
    out : array, optional
        Where to write the result.

    Returns
    -------
    (H, W) array of the mask's dtype; integers are the nearest value.

    Raises
    ------
    PixelError
        If ``mask`` is not a mask or an option is out of range.

    Examples
    --------
    >>> levels(np.array([[0, 64, 128, 192]], np.uint8), black=0.25, white=0.75).tolist()
    [[0, 0, 129, 255]]
    """
    check_unit(black, "black")
    check_unit(white, "white")
    if not black < white:
        raise PixelError(f"black: need less than white, got black={black}, white={white}")
    check_positive(gamma, "gamma")

    def curve(value: Array) -> Array:
        return np.clip((value - black) / (white - black), 0, 1) ** (1 / gamma)

    return _pointwise(mask, curve, out)


def invert(mask: MaskInput, out: Array | None = None) -> Array:
    """``out = max - mask``: keep what was removed.

    Examples
    --------
    >>> invert(np.array([[0, 1, 255]], np.uint8)).tolist()
    [[255, 254, 0]]
    """
    mask = to_mask(mask)
    out = check_out(out, mask.shape, mask.dtype, mask)
    if mask.dtype == np.bool_:
        np.logical_not(mask, out=out)
    else:
        np.subtract(mask.dtype.type(max_value(mask.dtype)), mask, out=out)
    return out


def combine(a: MaskInput, b: MaskInput, operation: str = "union", out: Array | None = None) -> Array:
    """Two masks as one: ``max(a, b)``, ``min(a, b)``, ``min(a, max - b)`` or ``a b / max``.

    Parameters
    ----------
    a, b : (H, W) arrays, or masks as `maskkit.cutout` takes them
        Of one size; ``b`` is converted to the dtype of ``a``.
    operation : str
        "union", "intersect", "subtract" (a without b) or "multiply".
    out : array, optional
        Where to write the result.

    Returns
    -------
    (H, W) array of the dtype of ``a``; "multiply" is the nearest value.

    Raises
    ------
    PixelError
        If one is not a mask, sizes differ, or the operation is unknown.

    Examples
    --------
    >>> a, b = np.array([[0, 100, 255]], np.uint8), np.array([[255, 51, 51]], np.uint8)
    >>> [combine(a, b, operation).tolist()[0] for operation in COMBINE]
    [[255, 100, 255], [0, 51, 51], [0, 100, 204], [0, 20, 51]]
    """
    a, b = to_mask(a, "a"), to_mask(b, "b")
    check_same_size(b, a, "b", "a")
    check_choice(operation, "operation", COMBINE)
    b = convert(b, a.dtype)
    out = check_out(out, a.shape, a.dtype, a, b)
    if operation == "union":
        np.maximum(a, b, out=out)
    elif operation == "multiply":
        map_bands(_multiply_band, a, b, out)
    else:
        np.minimum(a, invert(b) if operation == "subtract" else b, out=out)
    return out


def resize(mask: MaskInput, size: tuple[int, int]) -> Array:
    """The mask at ``size = (width, height)``: area average where it shrinks, bilinear where it grows.

    Examples
    --------
    >>> resize(np.array([[0, 0, 255, 255]], np.uint8), (2, 1)).tolist()
    [[0, 255]]
    """
    mask, size = to_mask(mask), check_size(size)
    if mask.dtype == np.uint8:  # OpenCV interpolates 8 bits in steps of 1/2048, a tenth of them one too low
        return convert(resample(convert(mask, np.float32), size), np.uint8)
    return resample(mask, size)


def _pointwise(mask: MaskInput, curve: Callable[[Array], Array], out: Array | None) -> Array:
    """Apply a curve of 0-1 values: through a table for integers, by bands for floats."""
    mask = to_mask(mask)
    out = check_out(out, mask.shape, mask.dtype, mask)
    top = max_value(mask.dtype)
    if mask.dtype.kind == "f":

        def band(piece: Array, target: Array) -> None:
            target[...] = curve(piece.astype(np.float64))
    else:
        table = np.floor(curve(np.arange(top + 1) / top) * float(top) + 0.5).astype(mask.dtype)

        def band(piece: Array, target: Array) -> None:
            # mode="clip" writes straight to the target; every index is in range
            np.take(table, piece, out=target, mode="clip")

    map_bands(band, mask, out)
    return out


def _multiply_band(a: Array, b: Array, out: Array) -> None:
    if a.dtype.kind == "u":
        top = max_value(a.dtype)
        product = a.astype(np.uint32) * b  # 65535 squared, and half of 65535 more, fit
        out[...] = (product + top // 2) // top
    else:
        np.multiply(a, b, out=out)
