"""The blend modes: ``B(cb, cs)`` of backdrop and source, in the words of W3C Compositing Level 1.

A new mode is a formula here, named in SEPARABLE or NON_SEPARABLE and in Mode; NumPy serves what the compiled
core does not know. A separable formula takes arrays of any shape, one that is not takes ``(3, ...)``, red
first. Values are 0-1.

References
----------
W3C Compositing and Blending Level 1, section 10: the first sixteen. The rest follow Photoshop's names:
Adobe, PDF Blend Modes addendum, and the formulas in common use for the ones Adobe leaves unwritten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["BLEND_MODES", "NON_SEPARABLE", "SEPARABLE", "Mode", "compiled_name"]

Mode = Literal[
    "normal", "multiply", "screen", "overlay", "darken", "lighten", "color-dodge", "color-burn", "hard-light",
    "soft-light", "difference", "exclusion", "add", "subtract", "divide", "linear-burn", "linear-light",
    "vivid-light", "pin-light", "hard-mix", "hue", "saturation", "color", "luminosity",
]  # fmt: skip

Values = NDArray[np.floating[Any]]
Formula = Callable[[Values, Values], Values]

# The sum of two whole numbers of levels that is exactly white may fall short of 1 by a rounding.
_ULPS = 2.0**-20


def multiply(cb: Values, cs: Values) -> Values:
    """``cb cs``."""
    return cb * cs


def screen(cb: Values, cs: Values) -> Values:
    """``cb + cs - cb cs``."""
    return cb + cs - cb * cs


def overlay(cb: Values, cs: Values) -> Values:
    """Hard light with the layers swapped."""
    return hard_light(cs, cb)


def darken(cb: Values, cs: Values) -> Values:
    """``min(cb, cs)``."""
    return np.minimum(cb, cs)


def lighten(cb: Values, cs: Values) -> Values:
    """``max(cb, cs)``."""
    return np.maximum(cb, cs)


def color_dodge(cb: Values, cs: Values) -> Values:
    """``min(1, cb / (1 - cs))``; 0 where cb is 0, else 1 where cs is 1."""
    return _ratio(cb, 1 - cs)


def color_burn(cb: Values, cs: Values) -> Values:
    """``1 - min(1, (1 - cb) / cs)``; 1 where cb is 1, else 0 where cs is 0."""
    return 1 - _ratio(1 - cb, cs)


def hard_light(cb: Values, cs: Values) -> Values:
    """``multiply(cb, 2 cs)`` up to half, else ``screen(cb, 2 cs - 1)``."""
    return np.where(cs <= 0.5, multiply(cb, 2 * cs), screen(cb, 2 * cs - 1))


def soft_light(cb: Values, cs: Values) -> Values:
    """``cb - (1 - 2 cs) cb (1 - cb)`` up to half, else ``cb + (2 cs - 1) (D(cb) - cb)``.

    ``D(x) = ((16 x - 12) x + 4) x`` up to a quarter, else its square root.
    """
    lit = np.where(cb <= 0.25, ((16 * cb - 12) * cb + 4) * cb, np.sqrt(cb))
    step: Values = np.where(cs <= 0.5, cb - cb * cb, lit - cb)
    return cb + (2 * cs - 1) * step


def difference(cb: Values, cs: Values) -> Values:
    """``|cb - cs|``."""
    return np.abs(cb - cs)


def exclusion(cb: Values, cs: Values) -> Values:
    """``cb + cs - 2 cb cs``."""
    return cb + cs - 2 * cb * cs


def add(cb: Values, cs: Values) -> Values:
    """``min(1, cb + cs)``: Photoshop's linear dodge (add)."""
    return np.minimum(1, cb + cs)


def subtract(cb: Values, cs: Values) -> Values:
    """``max(0, cb - cs)``."""
    return np.maximum(0, cb - cs)


def divide(cb: Values, cs: Values) -> Values:
    """``min(1, cb / cs)``; 0 where cb is 0, else 1 where cs is 0."""
    return _ratio(cb, cs)


def linear_burn(cb: Values, cs: Values) -> Values:
    """``max(0, cb + cs - 1)``."""
    return np.maximum(0, cb + cs - 1)


def linear_light(cb: Values, cs: Values) -> Values:
    """``cb + 2 cs - 1`` within 0-1: linear burn of 2 cs up to half, else linear dodge of 2 cs - 1."""
    return np.clip(cb + 2 * cs - 1, 0, 1)


def vivid_light(cb: Values, cs: Values) -> Values:
    """``color_burn(cb, 2 cs)`` up to half, else ``color_dodge(cb, 2 cs - 1)``."""
    burnt = color_burn(cb, np.minimum(1, 2 * cs))
    return np.where(cs <= 0.5, burnt, color_dodge(cb, np.maximum(0, 2 * cs - 1)))


def pin_light(cb: Values, cs: Values) -> Values:
    """``darken(cb, 2 cs)`` up to half, else ``lighten(cb, 2 cs - 1)``."""
    return np.where(cs <= 0.5, np.minimum(cb, 2 * cs), np.maximum(cb, 2 * cs - 1))


def hard_mix(cb: Values, cs: Values) -> Values:
    """1 where ``cb + cs >= 1``, else 0."""
    return (cb + cs >= 1 - _ULPS).astype(np.result_type(cb, cs))


def hue(cb: Values, cs: Values) -> Values:
    """``set_lum(set_sat(cs, sat(cb)), lum(cb))``."""
    return set_lum(set_sat(cs, sat(cb)), lum(cb))


def saturation(cb: Values, cs: Values) -> Values:
    """``set_lum(set_sat(cb, sat(cs)), lum(cb))``."""
    return set_lum(set_sat(cb, sat(cs)), lum(cb))


def color(cb: Values, cs: Values) -> Values:
    """``set_lum(cs, lum(cb))``."""
    return set_lum(cs, lum(cb))


def luminosity(cb: Values, cs: Values) -> Values:
    """``set_lum(cb, lum(cs))``."""
    return set_lum(cb, lum(cs))


def lum(c: Values) -> Values:
    """``0.3 red + 0.59 green + 0.11 blue``."""
    light: Values = 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2]
    return light


def sat(c: Values) -> Values:
    """``max - min`` of the three."""
    span: Values = c.max(0) - c.min(0)
    return span


def set_sat(c: Values, s: Values) -> Values:
    """``(c - min) s / (max - min)``: least 0, greatest s, between them in proportion; grey is black."""
    low, span = c.min(0), sat(c)
    scale: Values = s / (span + (span == 0))
    spread: Values = (c - low) * scale
    return spread


def set_lum(c: Values, l: Values) -> Values:  # noqa: E741 - the specification's symbol
    """``c + l - lum(c)``, drawn towards its luminosity until all three are within 0-1."""
    return clip_color(c + (l - lum(c)))


def clip_color(c: Values) -> Values:
    """``L + (c - L) p``, ``p = L / (L - n)`` if the least n < 0, ``(1 - L) / (x - L)`` if the most x > 1."""
    light, least, greatest = lum(c), c.min(0), c.max(0)
    under, past = least < 0, greatest > 1
    pull = np.divide(light, light - least, out=np.ones_like(light), where=under)
    np.divide(1 - light, greatest - light, out=pull, where=past & (greatest > light))
    drawn: Values = light + (c - light) * pull
    return np.clip(drawn, 0, 1)


def compiled_name(formula: Formula) -> str:
    """The name by which the compiled core may know a formula; nothing for one from elsewhere.

    >>> compiled_name(color_dodge), compiled_name(np.hypot)
    ('color_dodge', '')
    """
    return formula.__name__ if getattr(formula, "__module__", "") == __name__ else ""


def _ratio(upper: Values, lower: Values) -> Values:
    """``min(1, upper / lower)``; 0 / x is 0 and x / 0 is 1."""
    upper, lower = np.broadcast_arrays(upper, lower)
    full = (upper >= lower) & (upper > 0)
    return np.divide(upper, lower, out=full.astype(upper.dtype), where=~full & (lower > 0))


def _named(*formulas: Formula) -> dict[str, Formula]:
    return {formula.__name__.replace("_", "-"): formula for formula in formulas}


SEPARABLE = _named(
    multiply, screen, overlay, darken, lighten, color_dodge, color_burn, hard_light, soft_light, difference,
    exclusion, add, subtract, divide, linear_burn, linear_light, vivid_light, pin_light, hard_mix,
)  # fmt: skip
NON_SEPARABLE = _named(hue, saturation, color, luminosity)
BLEND_MODES = ("normal", *SEPARABLE, *NON_SEPARABLE)
