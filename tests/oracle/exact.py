"""The compositing formulas in rational arithmetic, one pixel at a time, from the specifications.

Values are whole numbers of 0..top; nothing here knows the code under test.
"""

from fractions import Fraction


def half_up(value):
    """The nearest whole number, halves up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def rounded(colour, alpha, top):
    """Straight colour and alpha (as fractions of white) to whole numbers of 0..top."""
    return [half_up(c * top) for c in colour] + [half_up(alpha * top)]


def fractions(pixel, top):
    colour = [Fraction(int(c), top) for c in pixel[:3]]
    return colour, Fraction(int(pixel[3]), top) if len(pixel) == 4 else Fraction(1)


def over(source, backdrop, top, cover=1):
    """W3C Compositing 1, section 5.1: co = as cs + ab cb (1 - as), with as = alpha x cover.

    An opaque backdrop stays opaque and is returned without alpha.
    """
    cs, alpha = fractions(source, top)
    cb, ab = fractions(backdrop, top)
    a = alpha * Fraction(cover)
    ao = a + ab * (1 - a)
    co = [(a * s + (1 - a) * ab * b) / ao for s, b in zip(cs, cb, strict=True)] if ao else cb
    return rounded(co, ao, top)[: len(backdrop)]


# Fa and Fb of Porter & Duff 1984, table in section 4; W3C Compositing 1, section 9.1
PORTER_DUFF = {
    "clear": ("0", "0"),
    "copy": ("1", "0"),
    "dest": ("0", "1"),
    "over": ("1", "1 - a"),
    "dest-over": ("1 - b", "1"),
    "in": ("b", "0"),
    "dest-in": ("0", "a"),
    "out": ("1 - b", "0"),
    "dest-out": ("0", "1 - a"),
    "atop": ("b", "1 - a"),
    "dest-atop": ("1 - b", "a"),
    "xor": ("1 - b", "1 - a"),
    "lighter": ("1", "1"),
}


def porter_duff(source, backdrop, operator, top):
    """co = as Fa cs + ab Fb cb, ao = as Fa + ab Fb, both held to 1; straight colour, None where ao is 0."""
    cs, a = fractions(source, top)
    cb, b = fractions(backdrop, top)
    factors = {"0": 0, "1": 1, "a": a, "b": b, "1 - a": 1 - a, "1 - b": 1 - b}
    fa, fb = (factors[name] for name in PORTER_DUFF[operator])
    ao = min(Fraction(1), a * fa + b * fb)
    if ao == 0:
        return [None, None, None, 0]
    co = [min(Fraction(1), a * fa * s + b * fb * d) for s, d in zip(cs, cb, strict=True)]
    return rounded([c / ao for c in co], ao, top)
