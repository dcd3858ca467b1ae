"""RGB colour spaces of three primaries and a curve: an ICC profile made of them.

References
----------
ICC.1:2022, sections 7.2, 8.3 and 10; ITU-T H.273, tables 2 and 3; Lindbloom, RGB/XYZ matrices and Bradford.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from maskkit.pixels import Array

__all__ = ["LINEAR", "SRGB_CURVE", "SRGB_XY", "XY", "gamma_curve", "matrix_profile", "rgb_to_xyz"]

Point = tuple[float, float]
XY = tuple[Point, Point, Point, Point]
"""Chromaticities (x, y) of white, red, green and blue."""

_D65 = (0.3127, 0.3290)
SRGB_XY: XY = (_D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
_D50 = np.array([0.9642, 1.0, 0.8249])  # of the profile connection space
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

# An ICC parametric curve: its type and its numbers (ICC.1, 10.18).
Curve = tuple[int, tuple[float, ...]]
SRGB_CURVE: Curve = (3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
LINEAR: Curve = (0, (1.0,))


def gamma_curve(exponent: float) -> Curve:
    """``light = value ** exponent``."""
    return 0, (exponent,)


def matrix_profile(name: str, xy: XY, curve: Curve) -> bytes:
    """An ICC profile, version 4, for display RGB of these primaries and this curve.

    >>> from maskkit.codec.profiles import profile_name
    >>> profile_name(matrix_profile("my sRGB", SRGB_XY, SRGB_CURVE))
    'my sRGB'
    """
    to_d50, columns = _to_d50(xy)
    shape = _parametric(curve)
    tags = {
        b"desc": _text(name),
        b"cprt": _text("no rights reserved"),
        b"wtpt": _numbers(b"XYZ ", _D50),
        b"chad": _numbers(b"sf32", to_d50.ravel()),
    }
    for letter, column in zip((b"r", b"g", b"b"), columns.T, strict=True):
        tags |= {letter + b"XYZ": _numbers(b"XYZ ", column), letter + b"TRC": shape}
    table, body, at = struct.pack(">I", len(tags)), b"", 132 + 12 * len(tags)
    for tag, content in tags.items():
        table += tag + struct.pack(">II", at + len(body), len(content))
        body += content + b"\0" * (-len(content) % 4)
    head = struct.pack(">I4xI", at + len(body), 0x04300000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + _fixed(_D50)
    return head.ljust(128, b"\0") + table + body


def _to_d50(xy: XY) -> tuple[Array, Array]:
    """The adaptation from the space's white to D50, and its RGB to XYZ seen under D50.

    Raises numpy.linalg.LinAlgError for primaries that span no space.
    """
    to_xyz = rgb_to_xyz(xy)
    white = to_xyz.sum(axis=1)
    cones = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    adapted = np.linalg.solve(_BRADFORD, cones @ _BRADFORD)
    return adapted, adapted @ to_xyz


def rgb_to_xyz(xy: XY) -> Array:
    """Linear RGB of these primaries to XYZ, white at ``Y = 1``.

    >>> rgb_to_xyz(SRGB_XY)[1].round(4).tolist()
    [0.2126, 0.7152, 0.0722]
    """
    white, *primaries = (np.array([x / y, 1.0, (1 - x - y) / y]) for x, y in xy)
    columns = np.stack(primaries, axis=1)
    return np.asarray(columns * np.linalg.solve(columns, white))


def _text(words: str) -> bytes:
    text = words.encode("utf-16-be")
    return b"mluc\0\0\0\0" + struct.pack(">II", 1, 12) + b"enUS" + struct.pack(">II", len(text), 28) + text


def _numbers(kind: bytes, values: Sequence[float] | Array) -> bytes:
    return kind + b"\0\0\0\0" + _fixed(values)


def _parametric(curve: Curve) -> bytes:
    kind, values = curve
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + _fixed(values)


def _fixed(values: Sequence[float] | Array) -> bytes:
    """s15Fixed16Number, each."""
    return b"".join(struct.pack(">i", round(float(value) * 65536)) for value in values)
