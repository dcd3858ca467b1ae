"""The pixel loop of blend modes and of linear light. It writes ``out`` and checks nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import numpy as np

from maskkit.kernels import native
from maskkit.kernels.bands import map_pixels
from maskkit.kernels.convert import convert
from maskkit.kernels.coverage import cover, factors, opacity_of, unit_of
from maskkit.kernels.planes import join, plain, quotient
from maskkit.pixels import Array, max_value
from maskkit.srgb import decode, encode, grid, light_table

__all__ = ["Blend", "Formula", "blend"]

Formula = Callable[[Array, Array], Array]

# Added before rounding, in levels: more than the work dtype's error, so that a true half still goes up.
_NUDGE = {np.dtype(np.float32): 2.0**-12, np.dtype(np.float64): 2.0**-24}


class Blend(NamedTuple):
    """How colours combine: ``B(Cb, Cs)`` (without a formula normal, B = Cs), how much, and in what light.

    ``formula`` takes planes ``(3, h, w)`` of 0-1, or arrays of any shape where it is ``separable``. ``name``
    is that of the compiled kernel that gives the same, where there may be one.
    """

    formula: Formula | None = None
    separable: bool = True
    linear: bool = False
    opacity: float = 1.0
    name: str = ""


def blend(source: Array, backdrop: Array, mask: Array | None, out: Array, how: Blend) -> None:
    """``Cs' = (1 - ab) Cs + ab B(Cb, Cs)``, then Cs' over the backdrop as `kernels.compose.over` has it.

    ``how.linear`` decodes sRGB before all of it and encodes after.
    """
    if compiled := _compiled(how, source, backdrop, mask, out):
        native.run(compiled, source, backdrop, mask, out)
    else:
        map_pixels(partial(_blend, how), source, backdrop, mask, out)


def _compiled(
    how: Blend, source: Array, backdrop: Array, mask: Array | None, out: Array
) -> Callable[..., None] | None:
    """The compiled kernel for these inputs, with its tables; None where NumPy computes."""
    p, q = opacity_of(how.opacity, out.dtype)
    kernel = _kernel(how, source, backdrop, mask, out)
    function = native.find(kernel, out, source, backdrop, mask) if kernel and p else None
    if function is None:
        return None
    if kernel == "lookup":
        table = _byte_table(how.formula, how.linear)
        return lambda s, b, _, o: function(s, b, o, table)
    if kernel == "blend":
        return lambda *bands: function(*bands, p, q, how.name)
    light = light_table(out.dtype, np.dtype(np.float64))
    return lambda *bands: function(*bands, p, q, light, *grid(out.dtype))


def _kernel(how: Blend, source: Array, backdrop: Array, mask: Array | None, out: Array) -> str | None:
    """The kernel: by a table of bytes, by a mode compiled for encoded light, or normal in linear light."""
    if how.formula is None:
        return "linear" if how.opacity == 1 or out.itemsize == 1 else None
    if out.dtype == np.uint8 and _is_bare(how, source, backdrop, mask):
        return "lookup"
    return "blend" if how.name in native.modes() and not how.linear else None


def _blend(how: Blend, source: Array, backdrop: Array, mask: Array | None, out: Array) -> None:
    source, backdrop = convert(source, out.dtype), convert(backdrop, out.dtype)
    if how.formula is not None and _is_bare(how, source, backdrop, mask):
        np.take(_byte_table(how.formula, how.linear), _pairs(source, backdrop), out=out, mode="clip")
        return
    work = _work(how, out.dtype)
    raw = _channels(source), _channels(backdrop)
    cs, cb = (_values(channels, out.dtype, work, linear=how.linear) for channels in raw)
    share, alpha = _shares(how, source, backdrop, mask, out.dtype)
    if how.formula is not None:
        ab = None if alpha is None else (backdrop[..., 3] / work(max_value(out.dtype))).astype(work)
        as_bytes = out.dtype == np.uint8 and how.separable
        mixed = _table(how.formula, how.linear)[_pairs(*raw)] if as_bytes else how.formula(cb, cs)
        cs = mixed if ab is None else cs * (1 - ab) + mixed * ab
    share = share.astype(work, copy=False)
    result = np.clip(cs * share + cb * (1 - share), 0, 1)
    levels = _levels(result, out.dtype, linear=how.linear)
    join([*levels, alpha] if alpha is not None else list(levels), out)


def _work(how: Blend, dtype: np.dtype[Any]) -> Any:
    """The work dtype: float32 is enough for 8 bits by a formula; linear light and 16 bits need float64."""
    if dtype in (np.uint16, np.float64) or (how.formula is None and dtype.kind != "f"):
        return np.float64
    return np.float32


def _channels(image: Array) -> Array:
    import cv2

    return np.stack(cv2.split(plain(image))[:3])


def _values(raw: Array, dtype: np.dtype[Any], work: Any, *, linear: bool) -> Array:
    if linear:
        return decode(raw, dtype, work)
    return raw.astype(work, copy=False) if dtype.kind == "f" else np.divide(raw, max_value(dtype), dtype=work)


def _is_bare(how: Blend, source: Array, backdrop: Array, mask: Array | None) -> bool:
    """Whether opaque bytes lie over opaque bytes, where the table of the formula is the result."""
    opaque = source.shape[2] == backdrop.shape[2] == 3 and mask is None and how.opacity == 1
    return opaque and how.separable and source.dtype == np.uint8


def _pairs(source: Array, backdrop: Array) -> Array:
    return backdrop.astype(np.intp) << 8 | source


@cache
def _table(formula: Formula, linear: bool) -> Array:
    """``B`` of all 256 x 256 pairs of bytes, the backdrop's down: float64's value, held in float32."""
    return _exact_table(formula, linear).astype(np.float32)


@cache
def _byte_table(formula: Formula, linear: bool) -> Array:
    levels = _levels(_exact_table(formula, linear), np.dtype(np.uint8), linear=linear)
    return levels.astype(np.uint8)


def _exact_table(formula: Formula, linear: bool) -> Array:
    values = _values(np.arange(256, dtype=np.uint8), np.dtype(np.uint8), np.float64, linear=linear)
    return np.clip(formula(*np.meshgrid(values, values, indexing="ij")), 0, 1).ravel()


def _shares(
    how: Blend, source: Array, backdrop: Array, mask: Array | None, dtype: np.dtype[Any]
) -> tuple[Array, Array | None]:
    """The source's share of the colour, and the resulting alpha in ``dtype`` if the backdrop has one."""
    opacity, planes = opacity_of(how.opacity, dtype), factors(source, mask, dtype)
    unit, top = unit_of(planes, opacity), max_value(dtype)
    n = cover(planes, opacity, backdrop.shape[:2], np.float64)
    if backdrop.shape[2] == 3:
        return n / unit, None
    ws, wb = n * top, backdrop[..., 3] * (unit - n)
    total = ws + wb
    return ws / (total + (total == 0)), np.minimum(quotient(total, np.float64(unit), dtype), top)


def _levels(result: Array, dtype: np.dtype[Any], *, linear: bool) -> Array:
    if linear:
        return encode(result, dtype)
    if dtype.kind == "f":
        return result
    return np.floor(result * max_value(dtype) + (0.5 + _NUDGE[result.dtype]))
