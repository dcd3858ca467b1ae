"""Between RGB profiles of primaries and curves in 16 bits, which littleCMS through Pillow does in 8 alone.

``out = T^-1(clip(M_to^-1 M_from T_from(value)))``: relative colorimetric; such profiles have black at 0.

References
----------
ICC.1:2022, annex F.3, three-component matrix-based profiles; 10.6 and 10.18, curves.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np

from maskkit.kernels import convert, map_bands
from maskkit.pixels import Array

__all__ = ["MatrixProfile", "matrix_of", "moved"]

# Light is looked up by its square root, which dark levels need: so many steps keep them within half a level.
_STEPS = 1 << 18


class MatrixProfile(NamedTuple):
    """``XYZ = columns @ curves[channel][value]`` under D50; curves are float64 tables of 65536 values."""

    columns: Array
    curves: tuple[Array, Array, Array]


def matrix_of(icc: bytes) -> MatrixProfile | None:
    """The primaries and curves of a profile for RGB; None if it has tables instead, or is damaged."""
    try:
        tags = _tags(icc)
        if icc[16:24] != b"RGB XYZ " or b"A2B0" in tags or b"A2B1" in tags:
            return None
        columns = np.stack([_xyz(tags[name + b"XYZ"]) for name in (b"r", b"g", b"b")], axis=1)
        red, green, blue = (_curve(tags[name + b"TRC"]) for name in (b"r", b"g", b"b"))
    except (KeyError, ValueError, IndexError, struct.error):
        return None
    return MatrixProfile(columns, (red, green, blue)) if abs(np.linalg.det(columns)) > 1e-9 else None


def moved(colour: Array, source: MatrixProfile, target: MatrixProfile) -> Array:
    """``(H, W, 3)`` of any dtype in the space of ``target``, computed in 16 bits."""
    wide = convert(np.ascontiguousarray(colour), np.uint16)
    mixed = np.linalg.solve(target.columns, source.columns).astype(np.float32).T
    light = [curve.astype(np.float32) for curve in source.curves]
    codes = [_inverse(curve) for curve in target.curves]
    out = np.empty_like(wide)

    def band(values: Array, result: Array) -> None:
        linear = np.stack([light[channel][values[..., channel]] for channel in range(3)], axis=-1)
        root = np.sqrt((linear @ mixed).clip(0, 1))
        at = np.rint(root * np.float32(_STEPS)).astype(np.int32)
        for channel in range(3):
            result[..., channel] = codes[channel][at[..., channel]]

    map_bands(band, wide, out, rows=max(1, 65_536 // wide.shape[1]))
    return convert(out, colour.dtype)


def _inverse(curve: Array) -> Array:
    """The 16-bit value of a light ``(index / steps)^2``."""
    light = (np.arange(_STEPS + 1) / _STEPS) ** 2
    values = np.interp(light, np.maximum.accumulate(curve), np.arange(65536))
    return np.rint(values).astype(np.uint16)


def _tags(icc: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", icc, 128)
    found = {}
    for at in range(132, 132 + 12 * min(count, 100), 12):
        name, start, length = struct.unpack_from(">4sII", icc, at)
        found[name] = icc[start : start + length]
    return found


def _xyz(tag: bytes) -> Array:
    return np.array(struct.unpack_from(">3i", tag, 8)) / 65536


def _curve(tag: bytes) -> Array:
    values = np.arange(65536) / 65535
    if tag[:4] == b"para":
        return _parametric(tag, values)
    (count,) = struct.unpack_from(">I", tag, 8)
    if tag[:4] != b"curv" or count > 65536:
        raise ValueError("a curve of another kind")
    if count == 0:
        return values
    table = np.array(struct.unpack_from(f">{count}H", tag, 12))
    if count == 1:
        return np.asarray(values ** (table[0] / 256))
    return np.asarray(np.interp(values, np.arange(count) / (count - 1), table / 65535))


def _parametric(tag: bytes, x: Array) -> Array:
    (kind,) = struct.unpack_from(">H", tag, 8)
    numbers = (1, 3, 4, 5, 7)[kind]
    given = [one / 65536 for one in struct.unpack_from(f">{numbers}i", tag, 12)]
    g, a, b, c, d, e, f = given + [0.0] * (7 - numbers)
    if kind == 0:
        return np.asarray(x**g)
    if kind in (1, 2):  # 0 (or c) left of -b/a
        c, d, e, f = 0.0, -b / a, c, c
    power = np.maximum(a * x + b, 0) ** g + e
    return np.asarray(np.where(x >= d, power, c * x + f).clip(0, 1))
