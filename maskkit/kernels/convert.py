"""Between the dtypes of the pixel convention: ``out = round(array * max(dtype) / max(array.dtype))``."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from maskkit.kernels.bands import map_pixels
from maskkit.pixels import Array, check_out, max_value

__all__ = ["convert"]


def convert(array: Array, dtype: DTypeLike, out: Array | None = None) -> Array:
    """``array`` in another dtype, scaled so that white stays white; the nearest value, halves up.

    An array that has the dtype already is returned as it is.

    >>> convert(np.array([[0, 128, 255]], np.uint8), np.uint16).tolist()
    [[0, 32896, 65535]]
    >>> convert(np.array([[0.5]]), np.uint8).tolist()
    [[128]]
    """
    dtype = np.dtype(dtype)
    if array.dtype == dtype and out is None:
        return array
    out = check_out(out, array.shape, dtype, array)
    map_pixels(_convert_band, array, out)
    return out


def _convert_band(array: Array, out: Array) -> None:
    top, bottom = max_value(out.dtype), max_value(array.dtype)
    if array.dtype == out.dtype or (array.dtype == np.bool_ and out.dtype.kind == "f"):
        out[...] = array
    elif out.dtype == np.bool_:
        out[...] = array >= (bottom + 1) / 2 if bottom > 1 else array >= 0.5
    elif out.dtype.kind == "f":
        np.divide(array, bottom, out=out, dtype=out.dtype, casting="unsafe")
    elif array.dtype.kind == "f":
        out[...] = np.floor(array.astype(np.float64) * top + 0.5)
    elif top >= bottom:
        np.multiply(array, top // bottom, out=out, dtype=out.dtype, casting="unsafe")
    else:
        out[...] = (array.astype(np.uint32) + 128) // 257  # 65535 / 255 = 257
