"""The pixel convention: what an array may be, and the checks that say so.

Colour is ``(H, W, 3)`` RGB or ``(H, W, 4)`` straight-alpha RGBA, a mask or alpha is ``(H, W)``;
sRGB-encoded, upright. The dtype declares the range: ``bool``, ``uint8`` 0-255, ``uint16`` 0-65535,
``float32``/``float64`` 0-1. White keeps, black removes. Inputs are never written to.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from maskkit.errors import PixelError
from maskkit.layout import Array, overlaps_itself, settled

__all__ = [
    "Array",
    "check_image",
    "check_mask",
    "check_out",
    "check_same_size",
    "from_bgr",
    "max_value",
    "split_alpha",
    "to_bgr",
]

_MAX = {
    np.dtype(np.bool_): 1,
    np.dtype(np.uint8): 255,
    np.dtype(np.uint16): 65535,
    np.dtype(np.float32): 1,
    np.dtype(np.float64): 1,
}
_ROUNDING = 1e-6  # what float arithmetic may leave beside 0 and 1
_DTYPES = "bool, uint8, uint16, float32 or float64"


def max_value(dtype: DTypeLike) -> int:
    """The value of white in ``dtype``: 255, 65535, or 1 for bool and float.

    >>> max_value(np.uint8), max_value("float32")
    (255, 1)
    """
    try:
        return _MAX[np.dtype(dtype)]
    except (KeyError, TypeError):
        raise PixelError(f"dtype {dtype} declares no pixel range; need {_DTYPES}") from None


def check_image(image: Any, name: str = "image") -> Array:
    """Return ``image`` as an array if it is colour by the convention: ``(H, W, 3)`` or ``(H, W, 4)``.

    Raises PixelError otherwise; float values must be finite and within 0-1. What of a float leaves 0-1 by
    rounding, 1e-6 at most, is clipped, in a copy.

    >>> check_image(np.zeros((2, 3, 3), np.uint8)).shape
    (2, 3, 3)
    >>> check_image(np.zeros((2, 3), np.uint8))
    Traceback (most recent call last):
    maskkit.errors.PixelError: image: need shape (H, W, 3) or (H, W, 4), got (2, 3)
    """
    return _checked(image, name, "(H, W, 3) or (H, W, 4)", ((3,), (4,)))


def check_mask(mask: Any, name: str = "mask") -> Array:
    """Return ``mask`` as an array if it is a mask by the convention: ``(H, W)``.

    Raises PixelError otherwise; float values must be finite and within 0-1, as in `check_image`.

    >>> check_mask(np.array([[0.0, 1.5]]))
    Traceback (most recent call last):
    maskkit.errors.PixelError: mask: need float values within 0 to 1, got 0 to 1.5
    """
    return _checked(mask, name, "(H, W)", ((),))


def check_same_size(mask: Array, image: Array, name: str = "mask", other: str = "image") -> None:
    """Raise PixelError unless both have the same height and width; a swapped pair is named as such.

    >>> check_same_size(np.zeros((3, 2)), np.zeros((2, 3, 3)))
    Traceback (most recent call last):
    maskkit.errors.PixelError: mask: need 3x2 (width x height), the size of image, got 2x3: \
width and height are swapped; one of them ignores the EXIF orientation
    """
    size, wanted = mask.shape[:2], image.shape[:2]
    if size == wanted:
        return
    need = f"{wanted[1]}x{wanted[0]} (width x height), the size of {other}"
    text = f"{name}: need {need}, got {size[1]}x{size[0]}"
    if size == wanted[::-1]:
        text += ": width and height are swapped; one of them ignores the EXIF orientation"
    raise PixelError(text)


def check_out(out: Array | None, shape: tuple[int, ...], dtype: DTypeLike, *inputs: Array | None) -> Array:
    """The array to write a result to: a new one, or ``out`` if it fits and shares no memory with an input.

    >>> check_out(None, (2, 2), np.uint8).shape
    (2, 2)
    """
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray) or out.shape != shape or out.dtype != np.dtype(dtype):
        came = f"{out.dtype} {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
        raise PixelError(f"out: need a {np.dtype(dtype)} array of shape {shape}, got {came}")
    if not out.flags.writeable:
        raise PixelError("out: need an array that can be written to, got a read-only one")
    if not out.flags.aligned or overlaps_itself(out):
        raise PixelError("out: need an aligned array whose values each have memory of their own")
    if any(np.may_share_memory(out, array) for array in inputs if array is not None):
        raise PixelError("out: shares memory with an input, which is never written to")
    return out


def split_alpha(image: Array) -> tuple[Array, Array | None]:
    """Views of the colour ``(H, W, 3)`` and, where there are four channels, the alpha ``(H, W)``.

    >>> colour, alpha = split_alpha(np.zeros((2, 2, 4), np.uint8))
    >>> colour.shape, alpha.shape
    ((2, 2, 3), (2, 2))
    """
    return image[..., :3], image[..., 3] if image.shape[2] == 4 else None


def from_bgr(image: Any) -> Array:
    """OpenCV's BGR(A) order to RGB(A): ``out[..., :3] = image[..., 2::-1]``, a contiguous copy.

    >>> from_bgr(np.array([[[1, 2, 3, 4]]], np.uint8)).tolist()
    [[[3, 2, 1, 4]]]
    """
    import cv2

    array = np.ascontiguousarray(check_image(image))
    out = np.empty_like(array)
    kind = np.uint8 if array.dtype == np.bool_ else array.dtype
    cv2.mixChannels([array.view(kind)], [out.view(kind)], [0, 2, 1, 1, 2, 0, 3, 3][: 2 * array.shape[2]])
    return out


def to_bgr(image: Any) -> Array:
    """RGB(A) to OpenCV's BGR(A) order; the inverse of `from_bgr`, and the same swap."""
    return from_bgr(image)


def _checked(array: Any, name: str, need: str, channels: tuple[tuple[int, ...], ...]) -> Array:
    if type(array) is not np.ndarray:
        array = _base(array, name)
    if array.dtype not in _MAX:
        hint = "; divide or cast it deliberately" if array.dtype.kind in "iuf" else ""
        raise PixelError(f"{name}: dtype {array.dtype} declares no pixel range; need {_DTYPES}{hint}")
    if array.ndim < 2 or array.shape[2:] not in channels:
        raise PixelError(f"{name}: need shape {need}, got {array.shape}{_how(name, array.shape, channels)}")
    if not array.size:
        raise PixelError(f"{name}: has no pixels; need shape {need}, got {array.shape}")
    if array.dtype.kind == "f" and not _within_unit(array):
        array = _clipped(array, name)
    return settled(array)


def _base(array: Any, name: str) -> Array:
    """A matrix or a memory map as the array that it is; one with gaps is none."""
    masked = sys.modules.get("numpy.ma")  # before it is imported, which takes a while, there are none
    if not isinstance(array, np.ndarray) or (masked and isinstance(array, masked.MaskedArray)):
        raise PixelError(f"{name}: need a NumPy array, got {type(array).__name__}")
    return array.view(np.ndarray)


def _clipped(array: Array, name: str) -> Array:
    low, high = array.min(), array.max()
    if not (np.isfinite(low) and np.isfinite(high)):
        raise PixelError(f"{name}: has NaN or infinite values; need finite values within 0 to 1")
    if low < -_ROUNDING or high > 1 + _ROUNDING:
        # str() gives as many digits as tell a value from 0 and 1
        came = " to ".join(str(value).removesuffix(".0") for value in (low, high))
        raise PixelError(f"{name}: need float values within 0 to 1, got {came}")
    inside: Array = array if low >= 0 and high <= 1 else np.clip(array, 0, 1)
    return inside


def _how(name: str, shape: tuple[int, ...], channels: tuple[tuple[int, ...], ...]) -> str:
    """How an array of three axes would fit, where that is known."""
    if len(shape) == 3 and channels == ((),) and 1 in (shape[0], shape[2]):
        return f"; take {name}[..., 0]" if shape[2] == 1 else f"; take {name}[0]"
    if len(shape) == 3 and channels != ((),) and shape[0] in (3, 4):
        return f"; channels are the last axis: take {name}.transpose(1, 2, 0)"
    return ""


def _within_unit(array: Array) -> bool:
    """Whether all floats are within 0-1, in one pass; -0.0 says no.

    Read as whole numbers, the bits of 0 to 1 come first and in order; those of all else, NaN too, after.
    """
    bits = array.view(f"u{array.itemsize}")
    return bool(bits.max() <= np.ones((), array.dtype).view(bits.dtype))
