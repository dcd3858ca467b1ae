"""CSS colours: a text as four numbers (W3C CSS Color Module Level 4)."""

from __future__ import annotations

import colorsys
import re
from contextlib import suppress

from PIL import ImageColor

from maskkit.checks import nearest
from maskkit.errors import MissingExtraError, PixelError

__all__ = ["parse_color"]

RGBA = tuple[float, float, float, float]

_FUNCTION = re.compile(r"(rgba?|hsla?|hwb)\(([^()]+)\)")
_TURN = {"deg": 360.0, "grad": 400.0, "rad": 6.283185307179586, "turn": 1.0, "": 360.0}
_WIDE = ("lab(", "lch(", "oklab(", "oklch(", "color(")


def parse_color(text: str) -> RGBA:
    """Red, green, blue and alpha, 0 to 1, of a CSS colour.

    Names, ``transparent``, ``#rgb[a]``, ``#rrggbb[aa]``, and ``rgb() hsl() hwb()`` in both syntaxes; the
    functions beyond sRGB (``lab() lch() oklab() oklch() color()``) need the extra ``css`` and are mapped
    into sRGB.

    Parameters
    ----------
    text : str

    Returns
    -------
    (red, green, blue, alpha), sRGB-encoded, straight.

    Raises
    ------
    PixelError
        If the text is no CSS colour.
    MissingExtraError
        If it is one beyond sRGB and coloraide is not installed.

    References
    ----------
    W3C CSS Color Module Level 4, sections 5 to 10.

    Examples
    --------
    >>> parse_color("#f00"), parse_color("rgb(0 0 255 / 50%)")
    ((1.0, 0.0, 0.0, 1.0), (0.0, 0.0, 1.0, 0.5))
    >>> parse_color("hsl(120deg 100% 50%)"), parse_color("transparent")
    ((0.0, 1.0, 0.0, 1.0), (0.0, 0.0, 0.0, 0.0))
    >>> parse_color("blurple")
    Traceback (most recent call last):
    maskkit.errors.PixelError: colour: need a CSS colour such as 'white', '#336699' or 'rgb(0 0 0 / 50%)', \
got 'blurple'; did you mean 'purple'?
    """
    word = " ".join(str(text).split()).lower()
    if word == "transparent":
        return 0.0, 0.0, 0.0, 0.0
    with suppress(ValueError, IndexError, ZeroDivisionError):
        if found := _FUNCTION.fullmatch(word):
            return _function(found[1].rstrip("a"), found[2])
        if not word.startswith(("rgb", "hsl", "hsv", "hwb")) and not word.startswith(_WIDE):
            red, green, blue, *alpha = (part / 255 for part in ImageColor.getrgb(word))
            return red, green, blue, alpha[0] if alpha else 1.0
        if word.startswith(_WIDE):
            return _beyond_srgb(word)
    raise PixelError(
        f"colour: need a CSS colour such as 'white', '#336699' or 'rgb(0 0 0 / 50%)', got {text!r}"
        f"{nearest(word, ImageColor.colormap)}"
    )


def _function(name: str, arguments: str) -> RGBA:
    colour, _, alpha = arguments.partition("/")
    parts = [part for part in re.split(r"[\s,]+", colour.strip()) if part]
    if len(parts) == 4 and not alpha:
        alpha = parts.pop()
    first, second, third = parts
    opacity = _clip(_number(alpha, 1.0)) if alpha.strip() else 1.0
    if name == "rgb":
        red, green, blue = (_clip(_number(part, 255.0)) for part in parts)
        return red, green, blue, opacity
    hue, x, y = _hue(first), _clip(_number(second, 100.0)), _clip(_number(third, 100.0))
    if name == "hsl":
        return *_rounded(colorsys.hls_to_rgb(hue, y, x)), opacity
    if x + y >= 1:  # whiteness and blackness leave no hue
        return (grey := x / (x + y)), grey, grey, opacity
    return *_rounded(colorsys.hsv_to_rgb(hue, 1 - x / (1 - y), 1 - y)), opacity


def _number(text: str, unit: float) -> float:
    text = text.strip()
    if text == "none":
        return 0.0
    return float(text[:-1]) / 100 if text.endswith("%") else float(text) / unit


def _hue(text: str) -> float:
    if text == "none":
        return 0.0
    found = re.fullmatch(r"([-+\d.e]+?)(deg|grad|rad|turn|)", text)
    if not found:
        raise ValueError(text)
    return float(found[1]) / _TURN[found[2]] % 1


def _clip(value: float) -> float:
    return min(1.0, max(0.0, value))


def _rounded(colour: tuple[float, float, float]) -> tuple[float, float, float]:
    red, green, blue = (round(value, 12) for value in colour)  # hls arithmetic leaves 1e-16 behind
    return red, green, blue


def _beyond_srgb(text: str) -> RGBA:
    try:
        from coloraide import Color
    except ImportError:
        raise MissingExtraError("css", "coloraide") from None
    color = Color(text).convert("srgb").fit()
    red, green, blue = (_clip(value) for value in color.coords(nans=False))
    return red, green, blue, _clip(color.alpha(nans=False))
