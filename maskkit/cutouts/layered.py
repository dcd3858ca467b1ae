"""A cutout as layers: the photo, its mask beside it, its effects, and what is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from maskkit.codec.layers import Layer, Layered
from maskkit.codec.picture import Picture
from maskkit.cutouts.scene import Scene
from maskkit.hearing import warn
from maskkit.kernels import convert
from maskkit.pixels import Array
from maskkit.recipe import Recipe

if TYPE_CHECKING:
    from maskkit.blend import Mode

__all__ = ["layers"]


def layers(scene: Scene, merged: Picture, recipe: Recipe, *, baked: bool = False) -> Layered:
    """The layers of a scene, from below to above, beside the picture that they make together.

    A backdrop if there is one; the reflection, every shadow, the glow and the outline; the subject with its
    layer mask, in the backdrop's tint and light where those are asked for; a line inside its edge. A black
    shadow is a layer to multiply by. With ``baked``, the mask is the subject's alpha instead.
    """
    if recipe.linear and recipe.backdrop is not None:
        _warn("composited in linear light, which other programs do not do")
    found = tuple(_layers(scene, recipe, baked=baked))
    return Layered(found, merged.size, merged.with_pixels(_whole(merged.pixels)))


def _layers(scene: Scene, recipe: Recipe, *, baked: bool) -> list[Layer]:
    """All layers; those of effects are drawn on nothing, each by itself."""
    over = recipe.backdrop is not None
    opacity = recipe.opacity if over else 1.0
    mode = cast("Mode", recipe.mode) if over else "normal"
    under: list[tuple[str, Array]] = []
    above: list[tuple[str, Array]] = []
    subject, behind, dressing = scene.source.pixels, scene.backdrop, scene.dressing
    if dressing is not None:
        behind, subject, (under, above) = dressing.backdrop, dressing.subject, dressing.layers()
        if dressing.line is not None and (opacity, mode) != (1.0, "normal"):
            _warn("in the merged picture alone an outline shares the subject's opacity and mode")
    found = [Layer(name="backdrop", pixels=_whole(behind))] if over else []
    found += [_drawn(name, drawn) for name, drawn in under]
    subject = _whole(subject)
    found.append(
        Layer(
            name="subject",
            pixels=subject if baked else np.ascontiguousarray(subject[..., :3]),
            mask=None if baked else np.ascontiguousarray(subject[..., 3]),
            opacity=opacity,
            mode=mode,
        )
    )
    return found + [_drawn(name, drawn) for name, drawn in above]


def _drawn(name: str, pixels: Array) -> Layer:
    """An effect as a layer. Black over anything is black times it: so programs know a shadow."""
    dark = name.endswith("shadow") and not pixels[..., :3].any()
    return Layer(name=name, pixels=_whole(pixels), mode="multiply" if dark else "normal")


def _warn(why: str) -> None:
    warn(
        f"layers: {why}; what they show of the layers differs from the merged picture at soft edges",
        stacklevel=4,
    )


def _whole(pixels: Array) -> Array:
    """In 8 or 16 bits."""
    return pixels if pixels.dtype in (np.uint8, np.uint16) else convert(pixels, np.uint16)
