"""The effective alpha of a source, ``alpha mask opacity``, in whole numbers where the inputs are whole.

``N / D = m a p / (M A q)``: the mask m of M, the source's alpha a of A, the opacity p/q.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from maskkit.kernels.convert import convert
from maskkit.layout import regular
from maskkit.pixels import Array, max_value

__all__ = ["Opacity", "cover", "factors", "opacity_of", "unit_of"]

Opacity = tuple[float, int]  # p, q
Factor = tuple[Array, int]  # a plane, and what is white in it

_OPACITY_STEPS = 65_536  # the largest q: a decimal of up to four places is taken exactly
_MASK_STEPS = 1 << 24  # of a float mask over whole numbers; float32's own resolution at white


@lru_cache(64)
def opacity_of(value: float, dtype: Any) -> Opacity:
    """The opacity: a float for float pictures, the nearest fraction for whole numbers (0.3 is 3/10)."""
    if np.dtype(dtype).kind == "f":
        return value, 1
    fraction = Fraction(value).limit_denominator(_OPACITY_STEPS)
    return fraction.numerator, fraction.denominator


def factors(source: Array, mask: Array | None, dtype: Any) -> list[Factor]:
    """The planes whose product is the effective alpha: the mask's and, of four channels, the source's."""
    planes = [] if mask is None else [_steps(mask, np.dtype(dtype))]
    return [*planes, (regular(source[..., 3]), max_value(dtype))] if source.shape[2] == 4 else planes


def unit_of(planes: list[Factor], opacity: Opacity) -> int:
    """``D``, the number that stands for full coverage."""
    return prod(white for _, white in planes) * opacity[1]


def cover(planes: list[Factor], opacity: Opacity, shape: tuple[int, ...], work: Any) -> Array:
    """``N``, the coverage of every pixel in units of ``1 / D``, in the work dtype."""
    product: Array = np.full(shape, opacity[0], work)
    for plane, _ in planes:
        np.multiply(product, plane, out=product, casting="unsafe")
    return product


def _steps(mask: Array, dtype: np.dtype[Any]) -> Factor:
    """The mask in ``dtype`` where nothing is lost by it; a finer mask stays and is rounded at the end."""
    if dtype.kind != "f" and mask.dtype.kind == "f":
        return np.rint(mask * float(_MASK_STEPS)), _MASK_STEPS
    if dtype.kind != "f" and max_value(mask.dtype) > max_value(dtype):
        return mask, max_value(mask.dtype)
    return convert(mask, dtype), max_value(dtype)
