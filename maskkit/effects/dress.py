"""All effects that are asked for one picture, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from maskkit.codec.one_space import color_in_space
from maskkit.color import light_wrap
from maskkit.effects.bokeh import lens_blur
from maskkit.effects.cast import cast_shadow
from maskkit.effects.contact import contact_shadow
from maskkit.effects.drop import drop_shadow
from maskkit.effects.halo import glow
from maskkit.effects.mirror import reflection
from maskkit.effects.options import Asked, Settings, settings
from maskkit.effects.own import own_shadow
from maskkit.effects.stroke import outline, outline_layers
from maskkit.effects.tint import tint_match
from maskkit.kernels import convert, source_over
from maskkit.pixels import Array

__all__ = ["Dressing", "dressed"]

Told = Mapping[str, list[Settings]]
Draw = Callable[[Array], Array]  # an effect on what is below it


@dataclass(frozen=True)
class Dressing:
    """A cutout's effects before they are drawn: what is behind, what lies between, and the subject.

    Attributes
    ----------
    backdrop : (H, W, 3) or (H, W, 4), out of focus if that is asked.
    between : the reflection, the shadows and the glow by their names, from below to above; each draws itself
        on what is below it, and on a transparent picture alone.
    subject : (H, W, 4), in the backdrop's tint and light.
    outlined : the same with its outline; ``subject`` itself where there is none.
    line : what is told of the outline.
    """

    backdrop: Array
    between: tuple[tuple[str, Draw], ...]
    subject: Array
    outlined: Array
    line: Settings | None

    @classmethod
    def of(
        cls,
        cutout: Array,
        backdrop: Array,
        asked: Mapping[str, Asked | None],
        shade: Array | None = None,
        icc: bytes | None = None,
    ) -> Dressing:
        """The effects asked for, as `dressed` takes them."""
        told = {name: settings(value, name) for name, value in asked.items() if value not in (None, False)}
        for one in (one for several in told.values() for one in several if "color" in one):
            one["color"] = color_in_space(one["color"], icc, backdrop.dtype)
        if "lens_blur" in told:
            backdrop = lens_blur(backdrop, **told["lens_blur"][0])
        subject = cutout
        for name, effect in (("tint_match", tint_match), ("light_wrap", light_wrap)):
            if name in told:
                subject = effect(subject, backdrop, **told[name][0])
        line = told["outline"][0] if "outline" in told else None
        outlined = subject if line is None else outline(subject, **line)
        return cls(backdrop, tuple(_between(cutout, outlined, told, shade)), subject, outlined, line)

    def drawn(self) -> tuple[Array, Array]:
        """The subject with its outline, and the backdrop with all that lies between."""
        below = self.backdrop
        for _, draw in self.between:
            below = draw(below)
        return self.outlined, below

    def layers(self) -> tuple[list[tuple[str, Array]], list[tuple[str, Array]]]:
        """What lies under the subject, and what lies on it, by name: each (H, W, 4) by itself."""
        clear = np.zeros_like(self.subject)
        under = [(name, draw(clear)) for name, draw in self.between]
        below, above = (None, None) if self.line is None else outline_layers(self.subject, **self.line)
        under += [] if below is None else [("outline", below)]
        return under, [] if above is None else [("outline inside", above)]


def dressed(
    cutout: Array,
    backdrop: Array,
    asked: Mapping[str, Asked | None],
    shade: Array | None = None,
    icc: bytes | None = None,
) -> tuple[Array, Array]:
    """The cutout and the backdrop with their effects, to be composited.

    The backdrop is put out of focus; the cutout takes its tint, its light, and an outline; then the backdrop
    takes the reflection, the shadows and the glow, from below to above.

    Parameters
    ----------
    cutout : (H, W, 4) array
        The colour under alpha 0 is the photo's, where its own shadow is asked for.
    backdrop : (H, W, 3) or (H, W, 4) array
    asked
        Of the names in `EFFECTS`, what is asked for; None is nothing.
    shade : (H, W, 4) array, optional
        The photo's own shadow as black with alpha, where it was drawn before the cutout was moved.
    icc : bytes, optional
        The profile of both pictures' space, to which the colours of effects are brought; sRGB by default.

    Examples
    --------
    >>> import numpy as np
    >>> dot = np.zeros((3, 3, 4), np.uint8); dot[1, 1] = 255
    >>> dressed(dot, np.full((3, 3, 3), 90, np.uint8), {"outline": "1,color=red"})[0][1, 0].tolist()
    [255, 0, 0, 255]
    """
    return Dressing.of(cutout, backdrop, asked, shade, icc).drawn()


def _between(photo: Array, cutout: Array, told: Told, shade: Array | None) -> list[tuple[str, Draw]]:
    """What lies between the backdrop and the subject."""
    mask = cutout[..., 3]
    found: list[tuple[str, Draw]] = []
    if "reflection" in told:
        found.append(("reflection", partial(_reflected, cutout, told["reflection"][0])))
    for one in told.get("shadow", ()):
        kept = shade if one["kind"] == "own" else None
        draw = partial(_shadow, photo, mask, one) if kept is None else partial(_laid_over, kept)
        found.append((f"{one['kind']} shadow", draw))
    if "glow" in told:
        found.append(("glow", partial(_glowing, mask, told["glow"][0])))
    return found


def _reflected(cutout: Array, given: Settings, backdrop: Array) -> Array:
    return reflection(backdrop, cutout, **given)


def _glowing(mask: Array, given: Settings, backdrop: Array) -> Array:
    return glow(backdrop, mask, **given)


def _laid_over(layer: Array, backdrop: Array) -> Array:
    out = np.empty(backdrop.shape, np.result_type(layer, backdrop))
    source_over.over(layer, convert(backdrop, out.dtype), None, out)
    return out


def _shadow(photo: Array, mask: Array, one: Settings, backdrop: Array) -> Array:
    given = dict(one)
    kind = given.pop("kind")
    if kind == "own":
        return own_shadow(backdrop, photo, photo[..., 3] > 0, **given)
    if kind == "drop" and ("x" in given or "y" in given):
        given["offset"] = (given.pop("x", 0), given.pop("y", 0))
    if kind == "drop":
        return drop_shadow(backdrop, mask, **given)
    return (contact_shadow if kind == "contact" else cast_shadow)(backdrop, mask, **given)
