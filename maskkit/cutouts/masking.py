"""From the mask that came to the one that is applied: its edge fitted to the photo, then its edits."""

from __future__ import annotations

from typing import Literal

from maskkit import masks
from maskkit.checks import check_subjects
from maskkit.pixels import Array, max_value
from maskkit.recipe import Recipe

__all__ = ["adjusted", "chosen", "flatness", "with_edge"]


def with_edge(
    photo: Array, mask: Array, mode: Literal["edge", "hair", "soft"], recipe: Recipe, *, coarse: bool
) -> Array:
    """The mask fitted to the photo's edge; one that is ``coarse`` is cut first."""
    from maskkit.matting import refine

    asked = "soft" if coarse and recipe.refine is None else mode
    if coarse and asked != "soft":  # its own softness would leave the old background in the edge
        mask = masks.threshold(mask, 0.5)
    return refine(photo, mask, asked, radius=recipe.refine_radius)


def chosen(mask: Array, recipe: Recipe, *, cut: bool) -> Array:
    """What of the mask is meant: cut at one half, inverted, its largest parts."""
    if cut:
        mask = masks.threshold(mask, 0.5)
    if recipe.invert:
        mask = masks.invert(mask)
    if count := recipe.keep_largest or check_subjects(recipe.subjects, "subjects"):
        mask = masks.keep_largest(mask, count)
    return mask


def adjusted(mask: Array, recipe: Recipe) -> Array:
    """The mask edited in the order of the recipe's options."""
    return masks.adjust(
        mask,
        threshold=recipe.threshold,
        smooth=recipe.smooth,
        grow=recipe.grow,
        feather=recipe.feather,
        feather_edge=recipe.feather_edge,
    )


def flatness(mask: Array) -> str:
    """What is to be said of a mask that is all 0 or all white; nothing of any other.

    >>> import numpy as np
    >>> flatness(np.zeros((2, 2), np.uint8)), flatness(np.eye(2, dtype=np.uint8))
    ('the mask is all 0: nothing is kept', '')
    """
    low, high = mask.min(), mask.max()
    if high == 0:
        return "the mask is all 0: nothing is kept"
    return "the mask is all white: nothing is removed" if low == max_value(mask.dtype) else ""
