"""What a hint or another refined edge will about do, in a tenth of a second: on a small copy of the photo."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.cutouts.masking import adjusted, chosen, with_edge
from maskkit.engines import Session
from maskkit.engines.reduced import reduced
from maskkit.kernels import convert
from maskkit.notebook.strokes import Hint, painted
from maskkit.pixels import Array
from maskkit.recipe import Recipe

__all__ = ["Draft"]

SIDE = 400  # pixels: what a `Session` looks at, so that a step takes about a tenth of a second
_RADII = ("refine_radius", "smooth", "grow", "feather")


class Draft:
    """The small copy, a mask that was made of the whole photo, and the hints that came since.

    Parameters
    ----------
    photo : (H, W, 3 or 4)
    mask : (H, W), refined and not edited.
    recipe : what it was made with; no hints.
    """

    def __init__(self, photo: Array, mask: Array, recipe: Recipe) -> None:
        self._photo = reduced(photo, SIDE)
        self._scale = self._photo.shape[1] / photo.shape[1]
        self._since: list[Hint] = []
        self._session = Session(self._photo, self._small(mask))
        self._first: tuple[Array, Recipe] = self._small(mask), recipe
        self._begun: tuple[Hint, ...] = ()
        self._recipe = recipe
        middle = self._photo.shape[1] / 2, self._photo.shape[0] / 2
        self._session.keep(*middle).undo()  # the network looks at the photo now, not at the first click

    def begin(self, mask: Array, hints: tuple[Hint, ...], recipe: Recipe) -> None:
        """Go on from the mask that was made of the whole photo with these hints."""
        self._restart(self._small(mask), hints, recipe)

    def alpha(self, hints: tuple[Hint, ...], recipe: Recipe, *, cut: bool) -> Array:
        """The alpha that these hints and the recipe's edits about give, small."""
        self._follow(hints)
        mask = self._session.alpha
        small = _scaled(recipe, self._scale)
        made = self._recipe
        again = (recipe.refine, recipe.refine_radius) != (made.refine, made.refine_radius)
        if again and recipe.refine is not None and recipe.refine != "none":
            mask = with_edge(self._photo, mask, recipe.refine, small, coarse=False)
        return adjusted(chosen(mask, small, cut=cut), small)

    def _follow(self, hints: tuple[Hint, ...]) -> None:
        """Bring the session to these hints: on from what it has, back where some were undone."""
        if hints[: len(self._begun)] != self._begun:
            self._restart(self._first[0], (), self._first[1])
        wanted = list(hints[len(self._begun) :])
        while self._since != wanted[: len(self._since)]:
            self._since.pop()
            self._session.undo()
        for hint in wanted[len(self._since) :]:
            self._tell(hint)
            self._since.append(hint)

    def _tell(self, hint: Hint) -> None:
        points = [(x * self._scale, y * self._scale) for x, y in hint.points]
        if hint.kind == "box":
            self._session.box(*(side * self._scale for side in hint.box))
        elif hint.kind == "keep":
            self._session.keep(*points[0])
        elif hint.kind == "drop":
            self._session.drop(*points[0])
        else:
            size = self._photo.shape[1], self._photo.shape[0]
            keep, drop = painted([hint], size, self._scale)
            self._session.paint(keep if keep.any() else None, drop if drop.any() else None)

    def _restart(self, mask: Array, hints: tuple[Hint, ...], recipe: Recipe) -> None:
        self._session = self._session.again(mask)
        self._begun, self._since, self._recipe = hints, [], recipe

    def _small(self, mask: Array) -> Array:
        size = self._photo.shape[1], self._photo.shape[0]
        small = cv2.resize(convert(mask, np.float32), size, interpolation=cv2.INTER_AREA)
        return np.clip(small, 0, 1)


def _scaled(recipe: Recipe, scale: float) -> Recipe:
    """The recipe's edits for a picture ``scale`` times as large."""
    radii = {name: getattr(recipe, name) for name in _RADII}
    return recipe.but(**{name: value * scale for name, value in radii.items() if value})
