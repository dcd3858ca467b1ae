"""The fields of remove.bg's ``POST /removebg`` read into what is asked; pure, and without pixels.

Empty values count as absent and unknown fields pass, as that contract wants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from maskkit.errors import MaskkitError, PixelError

__all__ = ["FORMATS", "SHADOWS", "SIZES", "TYPES", "Asked", "FieldError", "Length", "read_fields", "text_of"]

T = TypeVar("T")
Format = Literal["auto", "png", "jpg", "webp", "zip"]

# the most megapixels of the answer; "auto" never gives more than 25
SIZES = {
    "preview": 0.25,
    "small": 0.25,
    "regular": 0.25,
    "medium": 1.5,
    "hd": 4.0,
    "full": 25.0,
    "4k": 25.0,
    "auto": 25.0,
    "50MP": 50.0,
}
PNG_MEGAPIXELS = 10.0
FORMATS: dict[str, Format] = {one: one for one in ("auto", "png", "jpg", "webp", "zip")} | {"jpeg": "jpg"}
TYPES = (
    "auto", "person", "product", "car", "animal", "graphic", "transportation",
    "other", "graphics", "car_interior", "car_part",
)  # fmt: skip
SHADOWS = ("none", "auto", "car", "3D", "drop")
_KEYED = ("shadow_type", "shadow_opacity")
_LENGTH = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)(px|%)?", re.ASCII)
_HEX = re.compile(r"#?((?:[0-9a-fA-F]{3,4}){1,2})", re.ASCII)
_MOST_MARGIN = 500.0  # pixels, or 50% of the subject
_OPACITY, _OPACITIES = 50.0, {"car": 90.0}  # of a shadow, where none is said


class FieldError(MaskkitError):
    """A field cannot be read, or fields exclude each other; ``code`` and ``title`` are the contract's."""

    def __init__(self, code: str, title: str, detail: str = "") -> None:
        super().__init__(title)
        self.code, self.title, self.detail = code, title, detail


@dataclass(frozen=True)
class Length:
    """Pixels, or with ``percent`` a share in hundredths."""

    value: float
    percent: bool

    def of(self, whole: float) -> float:
        """The length in pixels.

        >>> Length(10, percent=True).of(640)
        64.0
        """
        return self.value * whole / 100 if self.percent else self.value


_ALL = (Length(0, True), Length(0, True), Length(100, True), Length(100, True))
_NO_MARGIN = (Length(0, False),) * 4


@dataclass(frozen=True)
class Asked:
    """What a request asks for, its pictures aside.

    Attributes
    ----------
    megapixels : of the answer, at most.
    format : of the answer; "auto" is PNG where anything is transparent, else JPEG.
    roi : left, top, right, bottom; only what lies inside can be subject.
    crop, margin : cut the empty border off, but for a margin: top, right, bottom, left.
    scale : share of the canvas that the subject's box may take, 0.1 to 1; None leaves it as it is.
    position : 0 to 1, across and down; None leaves the subject where it is.
    alpha_only : the mask alone is asked for.
    background : a CSS colour; empty for none.
    shadow : as the contract names it; "none" for none.
    shadow_opacity : 0 to 1.
    typed : whether the answer names a type of subject.
    """

    megapixels: float = 0.25
    format: Format = "auto"
    roi: tuple[Length, Length, Length, Length] = _ALL
    crop: bool = False
    margin: tuple[Length, Length, Length, Length] = _NO_MARGIN
    scale: float | None = None
    position: tuple[float, float] | None = None
    alpha_only: bool = False
    background: str = ""
    shadow: str = "none"
    shadow_opacity: float = _OPACITY / 100
    typed: bool = True


def read_fields(fields: Mapping[str, object]) -> Asked:
    """What the fields ask for. Raises FieldError with the contract's code and title.

    Parameters
    ----------
    fields
        By name; words as forms send them, or the types of JSON.

    Examples
    --------
    >>> asked = read_fields({"size": "hd", "crop": True, "crop_margin": "10% 30px", "bg_color": "", "x": 1})
    >>> asked.megapixels, asked.crop, asked.margin[0], asked.background
    (4.0, True, Length(value=10.0, percent=True), '')
    """
    said = {name: text_of(value) for name, value in _flat(fields) if text_of(value)}
    scale = _scale(said.get("scale", ""))
    format = _of("format", said, FORMATS, "auto")
    megapixels = _of("size", said, SIZES, "preview")
    _of("type", said, dict.fromkeys(TYPES, ""), "auto")
    level = _of("type_level", said, {one: one for one in ("1", "2", "latest", "none")}, "1")
    _flag("semitransparency", said, True)
    shadow, opacity = _shadow(said)
    return Asked(
        megapixels=min(megapixels, PNG_MEGAPIXELS) if format == "png" else megapixels,
        format=format,
        roi=_roi(said.get("roi", "")),
        crop=_flag("crop", said, False),
        margin=_margin(said.get("crop_margin", "")),
        scale=scale,
        position=_position(said.get("position", ""), scaled=scale is not None),
        alpha_only=_of("channels", said, {"rgba": False, "alpha": True}, "rgba"),
        background=_colour(said.get("bg_color", "")),
        shadow=shadow,
        shadow_opacity=opacity,
        typed=level != "none",
    )


def _flat(fields: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """The fields, those that are keyed by subjects in JSON as forms write them: ``shadow_type[car]``."""
    for name, value in fields.items():
        if name in _KEYED and isinstance(value, Mapping):
            yield from ((f"{name}[{subject}]", one) for subject, one in value.items())
        else:
            yield name, value


def text_of(value: object) -> str:
    """The word of a form that a value of JSON is; empty for null and for a file.

    >>> text_of(True), text_of(11223344), text_of(30.0), text_of(0.5), text_of(" fff "), text_of(None)
    ('true', '11223344', '30', '0.5', 'fff', '')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or isinstance(value, bytes) else str(value)


def _invalid(name: str, detail: str, *, title: str = "") -> FieldError:
    return FieldError(f"invalid_{name}", title or f"Invalid {name} parameter given", detail)


def _of(name: str, said: Mapping[str, str], known: Mapping[str, T], default: str) -> T:
    value = said.get(name, default)
    if value not in known:
        title = f"Invalid value for parameter '{name}'" if name in ("size", "channels") else ""
        raise _invalid(name, f"{name}: need one of {', '.join(known)}, got {value[:40]!r}", title=title)
    return known[value]


def _flag(name: str, said: Mapping[str, str], default: bool) -> bool:
    value = said.get(name, str(default)).lower()
    if value not in ("true", "false", "1", "0"):
        raise _invalid(name, f"{name}: need true or false, got {value[:40]!r}")
    return value in ("true", "1")


def _lengths(name: str, text: str, counts: tuple[int, ...]) -> list[Length]:
    found = [_LENGTH.fullmatch(word) for word in text.split()]
    lengths = [Length(float(one[1]), one[2] == "%") for one in found if one is not None]
    bare = [one for one in found if one is not None and one[2] is None and float(one[1]) != 0]
    if len(lengths) != len(found) or bare or len(found) not in counts:
        needed = " or ".join(map(str, counts))
        raise _invalid(name, f"{name}: need {needed} lengths as 30px or 10%, got {text[:60]!r}")
    return lengths


def _roi(text: str) -> tuple[Length, Length, Length, Length]:
    if not text:
        return _ALL
    left, top, right, bottom = _lengths("roi", text, (4,))
    if any(one.percent and one.value > 100 for one in (left, top, right, bottom)):
        raise FieldError("roi_exceeds_bounds", "ROI exceeds image bounds")
    return left, top, right, bottom


def _margin(text: str) -> tuple[Length, Length, Length, Length]:
    if not text:
        return _NO_MARGIN
    given = _lengths("crop_margin", text, (1, 2, 4))
    capped = [Length(min(one.value, 50.0 if one.percent else _MOST_MARGIN), one.percent) for one in given]
    top, right, bottom, left = {1: capped * 4, 2: capped * 2, 4: capped}[len(capped)]
    return top, right, bottom, left


def _scale(text: str) -> float | None:
    if text in ("", "original"):
        return None
    (share,) = _lengths("scale", text, (1,))
    if not share.percent or not 10 <= share.value <= 100:
        raise _invalid("scale", f"scale: need original or 10% to 100%, got {text[:40]!r}")
    return share.value / 100


def _position(text: str, *, scaled: bool) -> tuple[float, float] | None:
    if text in ("", "original"):
        return (0.5, 0.5) if scaled and not text else None
    if text == "center":
        return 0.5, 0.5
    given = _lengths("position", text, (1, 2))
    if any(not one.percent and one.value for one in given) or any(one.value > 100 for one in given):
        raise _invalid("position", f"position: need original, center or 0% to 100%, got {text[:40]!r}")
    return given[0].value / 100, given[-1].value / 100


def _colour(text: str) -> str:
    """A CSS colour; the contract writes hex digits without their mark."""
    if not text:
        return ""
    from maskkit.backdrop import solid

    digits = _HEX.fullmatch(text)
    css = f"#{digits[1]}" if digits else text
    try:
        solid(css, (1, 1))
    except PixelError as error:
        raise _invalid("bg_color", f"bg_color: {error}") from None
    return css


def _shadow(said: Mapping[str, str]) -> tuple[str, float]:
    """The shadow and its opacity; of values keyed by subjects, whose kind nobody knows here, the first."""
    kind = _keyed("shadow_type", said, "none")
    if kind not in SHADOWS:
        raise _invalid("shadow_type", f"shadow_type: need one of {', '.join(SHADOWS)}, got {kind[:40]!r}")
    if kind == "none" and _flag("add_shadow", said, False):
        kind = "car"
    text = _keyed("shadow_opacity", said, "auto")
    try:
        opacity = _OPACITIES.get(kind, _OPACITY) if text == "auto" else float(text)
    except ValueError:
        opacity = -1.0
    if not 0 <= opacity <= 100:
        raise _invalid("shadow_opacity", f"shadow_opacity: need auto or 0 to 100, got {text[:40]!r}")
    return kind, opacity / 100


def _keyed(name: str, said: Mapping[str, str], default: str) -> str:
    keyed = (value for key, value in said.items() if key.startswith(f"{name}[") and key.endswith("]"))
    return said.get(name) or next(keyed, default)
