"""The Porter-Duff operators on straight alpha. They write ``out`` and check nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from maskkit.kernels.bands import map_pixels
from maskkit.kernels.convert import convert
from maskkit.kernels.planes import join, mix, quotient, split, work_dtype
from maskkit.pixels import Array, max_value

__all__ = ["porter_duff"]


def porter_duff(source: Array, backdrop: Array, out: Array, operator: str) -> None:
    """``alpha = a Fa + b Fb``, ``C = (a Fa Cs + b Fb Cb) / alpha``; ``out`` is ``(H, W, 4)``.

    Inputs of three channels are opaque, of ``out``'s dtype or a narrower one. Operators of one picture leave
    its colour untouched; where the others give alpha 0, the picture that is the ground keeps its colour.
    """
    if operator.startswith("dest"):
        source, backdrop = backdrop, source
        operator = operator.removeprefix("dest").removeprefix("-") or "copy"
    map_pixels(partial(_operate, operator), source, backdrop, out)


def _operate(operator: str, source: Array, backdrop: Array, out: Array) -> None:
    top = max_value(out.dtype)
    work = work_dtype(out.dtype, 2 * top**3 if operator == "lighter" else top**3 + top**2)
    (*colour, a), (*ground, b) = (_planes(picture, out.dtype, work) for picture in (source, backdrop))
    unit = work(top)
    if operator == "clear":
        out[...] = 0
    elif operator == "lighter":
        _lighter(colour, ground, a, b, out)
    elif operator in ("copy", "in", "out"):
        share = {"copy": unit, "in": b, "out": unit - b}[operator]
        join([*colour, quotient(a * share, unit, out.dtype)], out)
    else:
        share = {"over": unit, "atop": b, "xor": unit - b}[operator]
        mix(colour, ground, a * share, b * (unit - a), out, unit=unit)


def _planes(picture: Array, dtype: Any, work: Any) -> list[Array]:
    planes = split(convert(picture, dtype), work)
    return planes if len(planes) == 4 else [*planes, np.full(planes[0].shape, max_value(dtype), work)]


def _lighter(colour: Sequence[Array], ground: Sequence[Array], a: Array, b: Array, out: Array) -> None:
    """The sums of premultiplied colours and of alphas, at most white."""
    top = max_value(out.dtype)
    total = np.minimum(a + b, top)
    nothing = total == 0
    b, divisor = b + nothing, total + nothing
    sums = [np.minimum(s * a + g * b, top * top) for s, g in zip(colour, ground, strict=True)]
    join([*(np.minimum(quotient(n, divisor, out.dtype), top) for n in sums), total], out)
