"""What is said of an effect, as text, a number or a mapping; read, checked and written in one form here.

An effect's text is its leading value and what else is told, parted by commas: ``40,color=navy`` for an
outline, ``cast,direction=30,softness=12`` for a shadow; ``on`` is the effect with its defaults. Several
shadows are parted by semicolons. Nothing here draws, so that a recipe can be read without NumPy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from maskkit.checks import check_amount, check_choice, check_unit, is_finite, nearest
from maskkit.errors import PixelError

__all__ = ["EFFECTS", "Asked", "Effect", "canonical", "settings"]

Asked = bool | float | str | Mapping[str, Any] | Iterable[Mapping[str, Any] | str]
Check = Callable[[Any, str], Any]

_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?%?")


@dataclass(frozen=True)
class Effect:
    """One effect as people ask for it.

    Attributes
    ----------
    lead : the setting whose name is left out.
    settings : every setting by its name, with its check.
    kinds : of each word that ``lead`` may be, the settings that go with it; empty if it is no word.
    """

    lead: str
    settings: dict[str, Check]
    kinds: dict[str, tuple[str, ...]]


def _pixels(value: Any, name: str) -> float:
    check_amount(value, name)
    return float(value)


def _shift(value: Any, name: str) -> int:
    if not is_finite(value) or value != round(value):
        raise PixelError(f"{name}: need a whole number of pixels, got {value!r}")
    return int(value)


def _share(value: Any, name: str) -> float:
    check_unit(value, name)
    return float(value)


def _number(value: Any, name: str) -> float:
    if not is_finite(value):
        raise PixelError(f"{name}: need a finite number, got {value!r}")
    return float(value)


def _color(value: Any, name: str) -> str:
    from maskkit.codec.css_color import parse_color  # Pillow comes with it

    try:
        parse_color(value)
    except PixelError as error:
        raise PixelError(f"{name}: {str(error).partition(': ')[2]}") from None
    return str(value)


def _word(words: Iterable[str], value: Any, name: str) -> str:
    check_choice(value, name, tuple(words))
    return str(value)


_SHADOWS = {
    "drop": ("x", "y", "radius", "color", "opacity"),
    "contact": ("radius", "height", "color", "opacity"),
    "cast": ("direction", "length", "softness", "color", "opacity"),
    "own": ("opacity",),
}
EFFECTS: dict[str, Effect] = {
    "shadow": Effect(
        "kind",
        {
            "kind": partial(_word, _SHADOWS),
            "x": _shift,
            "y": _shift,
            "radius": _pixels,
            "height": _pixels,
            "direction": _number,
            "length": _number,
            "softness": _pixels,
            "color": _color,
            "opacity": _share,
        },
        _SHADOWS,
    ),
    "outline": Effect(
        "width",
        {
            "width": _pixels,
            "color": _color,
            "where": partial(_word, ("outside", "center", "inside")),
            "opacity": _share,
        },
        {},
    ),
    "glow": Effect("radius", {"radius": _pixels, "color": _color, "opacity": _share}, {}),
    "reflection": Effect("opacity", {"opacity": _share, "length": _share, "gap": _shift}, {}),
    "lens_blur": Effect("radius", {"radius": _pixels, "highlights": _share}, {}),
    "tint_match": Effect("amount", {"amount": _share}, {}),
    "light_wrap": Effect("amount", {"amount": _share, "radius": _pixels}, {}),
}


Settings = dict[str, Any]
"""What is asked of one effect: numbers and words by the names of its settings."""


def canonical(value: Asked, effect: str) -> str:
    """The one text for what is asked of an effect. Raises PixelError, which names the effect and the setting.

    >>> canonical({"radius": 4, "color": "red"}, "glow"), canonical(True, "glow"), canonical("4.0", "glow")
    ('4,color=red', 'on', '4')
    >>> canonical("contact; drop, y=12", "shadow")
    'contact;drop,y=12'
    """
    return ";".join(_text(one, EFFECTS[effect]) for one in _each(value, effect))


def settings(value: Asked, effect: str) -> list[Settings]:
    """What is asked of an effect, by the names of its settings, checked; several for several shadows.

    >>> settings("40,color=navy", "outline")
    [{'width': 40.0, 'color': 'navy'}]
    """
    return _each(value, effect)


def _each(value: Asked, effect: str) -> list[Settings]:
    several: list[Any]
    if isinstance(value, str):
        several = [part for part in value.split(";") if part.strip()]
    else:
        several = list(value) if isinstance(value, (list, tuple)) else [value]
    if not several or (len(several) > 1 and effect != "shadow"):
        raise PixelError(f"{effect}: need one, got {value!r}")
    return [_checked(_told(one, effect), effect) for one in several]


def _told(value: Any, effect: str) -> Settings:
    """A text, a number, True or a mapping as a mapping, unchecked."""
    lead = EFFECTS[effect].lead
    if value is True:
        return {}
    if isinstance(value, Mapping):
        return {str(name): one for name, one in value.items() if one is not None}
    if not isinstance(value, str):
        return {lead: value}
    told: Settings = {}
    for place, part in enumerate(re.split(r",(?![^(]*\))", value)):
        name, equals, rest = (piece.strip() for piece in part.partition("="))
        if not equals and place:
            raise PixelError(f"{effect}: need NAME=VALUE after the first comma, got {part!r}")
        if not equals and name == "on":
            continue
        told[name if equals else lead] = _read(rest if equals else name)
    return told


def _read(text: str) -> float | str:
    if not _NUMBER.fullmatch(text):
        return text
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def _checked(told: Settings, effect: str) -> Settings:
    known = EFFECTS[effect]
    for name in told.keys() - known.settings.keys():
        raise PixelError(f"{effect}: has no {name}{nearest(name, known.settings)}")
    try:
        found = {name: check(told[name], name) for name, check in known.settings.items() if name in told}
    except PixelError as error:
        raise PixelError(f"{effect}: {error}") from None
    if known.kinds:
        found = {known.lead: next(iter(known.kinds)), **found}
        for name in found.keys() - {known.lead, *known.kinds[found[known.lead]]}:
            raise PixelError(
                f"{effect}: {found[known.lead]} has no {name}; it has "
                f"{', '.join(known.kinds[found[known.lead]])}"
            )
    return found


def _text(found: Settings, effect: Effect) -> str:
    rest = dict(found)
    lead = [_written(rest.pop(effect.lead))] if effect.lead in rest else [] if rest else ["on"]
    return ",".join([*lead, *(f"{name}={_written(value)}" for name, value in rest.items())])


def _written(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)
