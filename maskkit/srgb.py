"""The sRGB transfer of IEC 61966-2-1: tables for whole numbers, the formula for floats."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from maskkit.pixels import Array, max_value

__all__ = ["decode", "encode", "from_light", "grid", "light_table", "to_light"]


def to_light(value: Array) -> Array:
    """``v / 12.92`` up to 0.04045, else ``((v + 0.055) / 1.055)^2.4``, in value's float dtype."""
    light: Array = ((value + 0.055) / 1.055) ** 2.4
    np.divide(value, 12.92, out=light, where=value <= 0.04045)
    return light


def from_light(light: Array) -> Array:
    """``12.92 L`` up to 0.0031308, else ``1.055 L^(1/2.4) - 0.055``, at most 1; in light's float dtype."""
    value: Array = 1.055 * light ** (1 / 2.4) - 0.055
    np.multiply(light, 12.92, out=value, where=light <= 0.0031308)
    return np.minimum(value, 1, out=value)


def decode(plane: Array, dtype: Any, work: Any) -> Array:
    """Values of ``dtype`` (bool as bytes of 0 and 1) to linear light 0-1 in the float dtype ``work``."""
    if np.dtype(dtype).kind == "f":
        return to_light(plane.astype(work, copy=False))
    return np.take(light_table(np.dtype(dtype), np.dtype(work)), plane)


def encode(light: Array, dtype: Any) -> Array:
    """Linear light 0-1 to values of ``dtype`` (bool as bytes); whole numbers are the nearest, halves up.

    For those the bin of a fine grid names the value at its start, and one comparison with the light at which
    the next value begins settles it.
    """
    if np.dtype(dtype).kind == "f":
        return from_light(light).astype(dtype, copy=False)
    guesses, steps = grid(np.dtype(dtype))
    value = np.take(guesses, (light * (len(guesses) - 1)).astype(np.intp))
    value += np.take(steps, value) <= light
    return value


@cache
def light_table(dtype: np.dtype[Any], work: np.dtype[Any]) -> Array:
    """The linear light of every value of an integer dtype."""
    top = max_value(dtype)
    return to_light(np.arange(top + 1) / top).astype(work)


@cache
def grid(dtype: np.dtype[Any]) -> tuple[Array, Array]:
    """The value at the start of each bin, and the light from which value + 1 is nearer.

    A bin is narrower than the smallest step, ``1 / (12.92 top)``, so that no bin holds two.
    """
    top = max_value(dtype)
    steps = np.append(to_light((np.arange(top) + 0.5) / top), np.inf)
    bins = 1 << (13 * top).bit_length()
    guesses = np.searchsorted(steps, np.arange(bins + 1) / bins, side="right")
    return guesses.astype(np.uint8 if top < 256 else dtype), steps
