"""All effects that are asked for one picture, in their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maskkit.color import light_wrap
from maskkit.effects.bokeh import lens_blur
from maskkit.effects.cast import cast_shadow
from maskkit.effects.contact import contact_shadow
from maskkit.effects.drop import drop_shadow
from maskkit.effects.halo import glow
from maskkit.effects.mirror import reflection
from maskkit.effects.options import Asked, settings
from maskkit.effects.own import own_shadow
from maskkit.effects.stroke import outline
from maskkit.effects.tint import tint_match
from maskkit.pixels import Array

__all__ = ["dressed"]


def dressed(cutout: Array, backdrop: Array, asked: Mapping[str, Asked | None]) -> tuple[Array, Array]:
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

    Examples
    --------
    >>> import numpy as np
    >>> dot = np.zeros((3, 3, 4), np.uint8); dot[1, 1] = 255
    >>> dressed(dot, np.full((3, 3, 3), 90, np.uint8), {"outline": "1,color=red"})[0][1, 0].tolist()
    [255, 0, 0, 255]
    """
    told = {name: settings(value, name) for name, value in asked.items() if value not in (None, False)}
    photo = cutout
    if "lens_blur" in told:
        backdrop = lens_blur(backdrop, **told["lens_blur"][0])
    for name, effect in (("tint_match", tint_match), ("light_wrap", light_wrap)):
        if name in told:
            cutout = effect(cutout, backdrop, **told[name][0])
    if "outline" in told:
        cutout = outline(cutout, **told["outline"][0])
    if "reflection" in told:
        backdrop = reflection(backdrop, cutout, **told["reflection"][0])
    for one in told.get("shadow", ()):
        backdrop = _shadow(photo, cutout, backdrop, one)
    if "glow" in told:
        backdrop = glow(backdrop, cutout[..., 3], **told["glow"][0])
    return cutout, backdrop


def _shadow(photo: Array, cutout: Array, backdrop: Array, one: dict[str, Any]) -> Array:
    given = dict(one)
    kind, mask = given.pop("kind"), cutout[..., 3]
    if kind == "own":
        return own_shadow(backdrop, photo, photo[..., 3], **given)
    if kind == "drop" and ("x" in given or "y" in given):
        given["offset"] = (given.pop("x", 0), given.pop("y", 0))
    if kind == "drop":
        return drop_shadow(backdrop, mask, **given)
    return (contact_shadow if kind == "contact" else cast_shadow)(backdrop, mask, **given)
