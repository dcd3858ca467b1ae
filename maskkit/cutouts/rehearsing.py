"""What would be refused once a mask is there is refused before one is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

from maskkit import codec
from maskkit.alpha import apply_mask
from maskkit.cutouts.finishing import encoding, finished, with_preset
from maskkit.cutouts.record import Cutout
from maskkit.hearing import overheard
from maskkit.placement import plan
from maskkit.recipe import Recipe

if TYPE_CHECKING:
    from maskkit.codec.formats import Format
    from maskkit.cutouts.beginning import Begun

__all__ = ["rehearse"]

_SIDE = 16  # pixels
_PLACING = ("preset", "canvas", "margin", "fill", "at", "scale")


def rehearse(begun: Begun, recipe: Recipe, format: str | None = None) -> None:
    """Raise what the recipe would be refused for after an order, whatever the mask shows.

    The canvas and its margins are laid out. A corner of the photo, kept more on one side than on the other,
    is trimmed, put over the backdrop with its effects and encoded as ``format``. Where no order is paid for,
    nothing is done.
    """
    if not begun.plan.costs:
        return
    recipe = with_preset(recipe)
    size = begun.picture.size
    if recipe.canvas is not None or recipe.trim is None:  # a trimmed picture's size is not known yet
        scale = recipe.scale if isinstance(recipe.scale, float) else None
        canvas, margin = recipe.canvas or size, recipe.margin or "0"
        plan(size, (0, 0, *size), canvas, margin=margin, fill=recipe.fill, scale=scale)
    corner = begun.picture.pixels[:_SIDE, :_SIDE]
    kept = np.linspace(1, 0, corner.shape[1], dtype=np.float32) * np.ones((len(corner), 1), np.float32)
    made = Cutout(begun.picture.with_pixels(apply_mask(corner, kept, replace=True)))
    with overheard():  # what is warned of, is said when it is done in earnest
        shown = finished(made, recipe.but(**{name: getattr(Recipe, name) for name in _PLACING}))
        if format is not None:
            codec.encode(shown, cast("Format", format), **encoding(recipe))
