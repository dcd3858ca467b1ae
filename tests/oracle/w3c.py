"""W3C Compositing and Blending Level 1, section 10, one pixel at a time in float64, as the text has it."""

import math


def multiply(cb, cs):
    return cb * cs


def screen(cb, cs):
    return 1 - (1 - cb) * (1 - cs)


def hard_light(cb, cs):
    return multiply(cb, 2 * cs) if cs <= 0.5 else screen(cb, 2 * cs - 1)


def overlay(cb, cs):
    return hard_light(cs, cb)


def darken(cb, cs):
    return min(cb, cs)


def lighten(cb, cs):
    return max(cb, cs)


def color_dodge(cb, cs):
    if cb == 0:
        return 0.0
    return 1.0 if cs == 1 else min(1.0, cb / (1 - cs))


def color_burn(cb, cs):
    if cb == 1:
        return 1.0
    return 0.0 if cs == 0 else 1 - min(1.0, (1 - cb) / cs)


def soft_light(cb, cs):
    if cs <= 0.5:
        return cb - (1 - 2 * cs) * cb * (1 - cb)
    d = ((16 * cb - 12) * cb + 4) * cb if cb <= 0.25 else math.sqrt(cb)
    return cb + (2 * cs - 1) * (d - cb)


def difference(cb, cs):
    return abs(cb - cs)


def exclusion(cb, cs):
    return cb + cs - 2 * cb * cs


def add(cb, cs):
    return min(1.0, cb + cs)


def subtract(cb, cs):
    return max(0.0, cb - cs)


def divide(cb, cs):
    if cb == 0:
        return 0.0
    return 1.0 if cs == 0 else min(1.0, cb / cs)


def linear_burn(cb, cs):
    return max(0.0, cb + cs - 1)


def linear_light(cb, cs):
    return linear_burn(cb, 2 * cs) if cs <= 0.5 else add(cb, 2 * cs - 1)


def vivid_light(cb, cs):
    return color_burn(cb, 2 * cs) if cs <= 0.5 else color_dodge(cb, 2 * cs - 1)


def pin_light(cb, cs):
    return darken(cb, 2 * cs) if cs <= 0.5 else lighten(cb, 2 * cs - 1)


def hard_mix(cb, cs):
    return 1.0 if cb + cs > 1 - 1e-9 else 0.0  # >= 1, in spite of float64's rounding of the two


SEPARABLE = {
    f.__name__.replace("_", "-"): f
    for f in (
        multiply, screen, overlay, darken, lighten, color_dodge, color_burn, hard_light, soft_light,
        difference, exclusion, add, subtract, divide, linear_burn, linear_light, vivid_light, pin_light,
        hard_mix,
    )
}  # fmt: skip


def lum(c):
    return 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2]


def clip_color(c):
    light, n, x = lum(c), min(c), max(c)
    if n < 0:
        c = [light + (v - light) * light / (light - n) for v in c]
    if x > 1:
        c = [light + (v - light) * (1 - light) / (x - light) for v in c]
    return c


def set_lum(c, light):
    d = light - lum(c)
    return clip_color([v + d for v in c])


def sat(c):
    return max(c) - min(c)


def set_sat(c, s):
    low, middle, high = sorted(range(3), key=lambda i: c[i])
    result = [0.0, 0.0, 0.0]
    if c[high] > c[low]:
        result[middle] = (c[middle] - c[low]) * s / (c[high] - c[low])
        result[high] = s
    return result


NON_SEPARABLE = {
    "hue": lambda cb, cs: set_lum(set_sat(cs, sat(cb)), lum(cb)),
    "saturation": lambda cb, cs: set_lum(set_sat(cb, sat(cs)), lum(cb)),
    "color": lambda cb, cs: set_lum(cs, lum(cb)),
    "luminosity": lambda cb, cs: set_lum(cb, lum(cs)),
}


def blended(cb, cs, mode):
    if mode == "normal":
        return cs
    if mode in NON_SEPARABLE:
        return NON_SEPARABLE[mode](cb, cs)
    return [SEPARABLE[mode](b, s) for b, s in zip(cb, cs, strict=True)]


def decode(v):
    """IEC 61966-2-1: sRGB to linear light."""
    return v / 12.92 if v <= 0.04045 else math.pow((v + 0.055) / 1.055, 2.4)


def encode(light):
    """IEC 61966-2-1: linear light to sRGB."""
    return 12.92 * light if light <= 0.0031308 else 1.055 * math.pow(light, 1 / 2.4) - 0.055


def composite(source, backdrop, cover, mode="normal", linear=False):
    """Section 10: cr = (1 - ab) cs + ab B(cb, cs); then cr over the backdrop. Values 0-1; straight result.

    ``cover`` is mask times opacity. A transparent result keeps the backdrop's colour.
    """
    (*cs, a), (*cb, ab) = source, backdrop
    if linear:
        cs, cb = [decode(v) for v in cs], [decode(v) for v in cb]
    a *= cover
    ao = a + ab * (1 - a)
    mixed = [(1 - ab) * s + ab * m for s, m in zip(cs, blended(cb, cs, mode), strict=True)]
    co = [(a * m + ab * (1 - a) * b) / ao for m, b in zip(mixed, cb, strict=True)] if ao else cb
    co = [min(1.0, max(0.0, v)) for v in co]
    return [*([encode(v) for v in co] if linear else co), ao]
