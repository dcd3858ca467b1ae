"""HDR to SDR: PQ and HLG brought to sRGB, highlights rolled off, where that is asked for.

The largest of a pixel's channels goes through the curve of BT.2390, from a peak of 1000 cd/m2 to a white of
203; the others keep their ratio to it. Below about 100 cd/m2 light stays as it is. Colours beyond sRGB are
cut off.

References
----------
ITU-R BT.2100-2, tables 4 and 5; BT.2390-11, 5.4.1 (EETF); BT.2408-7, 2.1 (203 cd/m2 is diffuse white).
"""

from __future__ import annotations

import numpy as np

from maskkit import srgb
from maskkit.codec.matrix_profiles import SRGB_XY, XY, rgb_to_xyz
from maskkit.kernels import map_bands
from maskkit.pixels import Array, max_value

__all__ = ["to_sdr"]

_PEAK, _WHITE = 1000.0, 203.0  # cd/m2
_M1, _M2 = 2610 / 16384, 2523 / 4096 * 128
_C1, _C2, _C3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_GAMMA = 1.2  # of a display of 1000 cd/m2
_LUMA = np.array([0.2627, 0.6780, 0.0593])


def to_sdr(pixels: Array, xy: XY, transfer: str) -> Array:
    """``(H, W, 3 or 4)`` of "PQ" or "HLG" in the primaries ``xy`` as sRGB of the same dtype; alpha stays."""
    to_srgb = np.linalg.solve(rgb_to_xyz(SRGB_XY), rgb_to_xyz(xy)).T
    light_of = pq_light if transfer == "PQ" else hlg_light
    out: Array = np.empty_like(pixels)
    top = max_value(pixels.dtype)

    def band(values: Array, result: Array) -> None:
        light = light_of(values[..., :3] / np.float64(top))
        strongest = light.max(axis=2, keepdims=True)
        linear = light * (_rolled_off(strongest) / np.maximum(strongest, 1e-9)) / _WHITE
        result[..., :3] = srgb.encode((linear @ to_srgb).clip(0, 1), pixels.dtype)
        result[..., 3:] = values[..., 3:]

    map_bands(band, pixels, out, rows=max(1, 65_536 // pixels.shape[1]))
    return out


def pq_light(value: Array) -> Array:
    """cd/m2 of PQ's codes, 0 to 1.

    >>> float(pq_light(np.array(1.0)))
    10000.0
    """
    power = value ** (1 / _M2)
    return np.asarray(10_000 * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1))


def pq_code(light: Array | float) -> Array:
    """PQ's code of so many cd/m2.

    >>> round(float(pq_code(203.0)), 4)
    0.5807
    """
    power = (np.asarray(light) / 10_000) ** _M1
    return np.asarray(((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2)


def hlg_light(value: Array) -> Array:
    """cd/m2 of HLG's codes ``(..., 3)`` on a display of 1000 cd/m2."""
    scene = np.where(value <= 0.5, value**2 / 3, (np.exp((value - _C) / _A) + _B) / 12)
    luma = (scene @ _LUMA)[..., None]
    return np.asarray(_PEAK * np.maximum(luma, 1e-9) ** (_GAMMA - 1) * scene)


def _rolled_off(light: Array) -> Array:
    """BT.2390's EETF: a Hermite spline from the knee to white, in PQ."""
    peak = float(pq_code(_PEAK))
    white = float(pq_code(_WHITE)) / peak
    knee = 1.5 * white - 0.5
    code = (pq_code(light) / peak).clip(0, 1)
    t = (code - knee) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * white
    )
    return pq_light(np.where(code > knee, spline, code) * peak)
