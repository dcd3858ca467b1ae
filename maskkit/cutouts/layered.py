"""A cutout as layers: the photo, its mask beside it, and what is behind."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, cast

import numpy as np

from maskkit.codec.layers import Layer, Layered, write_layers
from maskkit.codec.picture import Picture
from maskkit.cutouts.record import Cutout
from maskkit.errors import MaskkitWarning
from maskkit.kernels import convert
from maskkit.pixels import Array
from maskkit.recipe import Recipe, options_of

if TYPE_CHECKING:
    from maskkit.blend import Mode

__all__ = ["layers_of", "save_layers"]


def layers_of(made: Cutout, recipe: Recipe, *, baked: bool = False) -> Layered:
    """The layers of what the recipe makes: a backdrop if there is one, and the subject with its layer mask.

    With ``baked``, the mask is the subject's alpha instead.
    """
    from maskkit.cutouts.finishing import composed, prepared

    ready = prepared(made, recipe.but(product="cutout"))
    made, recipe, shown = ready.cutout, ready.recipe, composed(ready)
    if used := [name for name in options_of("effects") if getattr(recipe, name)]:
        warnings.warn(
            f"layers: {', '.join(used)}: drawn in the merged picture alone; the layers are without effects",
            MaskkitWarning,
            stacklevel=3,
        )
    merged = made.picture.with_pixels(shown.pixels if isinstance(shown, Picture) else shown)
    layers = []
    if (behind := ready.behind) is not None:
        _, below = made.with_backdrop(behind, fit=recipe.fit)
        layers.append(Layer(name="backdrop", pixels=_whole(below)))
        if recipe.linear:
            warnings.warn(
                "layers: composited in linear light, which other programs do not do; what they show of the "
                "layers differs from the merged picture at soft edges",
                MaskkitWarning,
                stacklevel=3,
            )
    pixels = _whole(made.pixels)
    layers.append(
        Layer(
            name="subject",
            pixels=pixels if baked else np.ascontiguousarray(pixels[..., :3]),
            mask=None if baked else np.ascontiguousarray(pixels[..., 3]),
            opacity=recipe.opacity if recipe.backdrop is not None else 1.0,
            mode=cast("Mode", recipe.mode) if recipe.backdrop is not None else "normal",
        )
    )
    return Layered(tuple(layers), merged.size, merged.with_pixels(_whole(merged.pixels)))


def save_layers(
    made: Cutout, path: str | os.PathLike[str], recipe: Recipe, *, baked: bool = False
) -> Layered:
    """Write the layers as .psd, .psb or .ora, and give them back."""
    layered = layers_of(made, recipe, baked=baked)
    write_layers(path, layered)
    return layered


def _whole(pixels: Array) -> Array:
    """In 8 or 16 bits."""
    return pixels if pixels.dtype in (np.uint8, np.uint16) else convert(pixels, np.uint16)
