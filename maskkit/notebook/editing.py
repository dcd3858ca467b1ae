"""A photo, what is asked of it so far, and the cutout that this makes: step by step, without a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from maskkit import codec
from maskkit.cutouts import Cutout
from maskkit.cutouts.beginning import Begun, Job, begin
from maskkit.cutouts.kept import Kept
from maskkit.cutouts.running import Tell, follow, is_quick, refined, silent
from maskkit.notebook.draft import Draft
from maskkit.notebook.strokes import Hint, options
from maskkit.notebook.view import View, drawn
from maskkit.pixels import Array
from maskkit.recipe import Recipe

if TYPE_CHECKING:
    from maskkit.codec.inputs import ImageInput

__all__ = ["Editing"]

_QUICK = 3_000_000  # pixels of which edits of a mask are made whole at every step


class Editing:
    """A photo and its recipe so far; `cutout` is what `maskkit.cutout` makes of the two.

    Parameters
    ----------
    photo : path, bytes, file, PIL.Image, Picture, Cutout or array
    mask : the same kinds, optional
        White keeps. Without it, one is estimated.
    recipe : Recipe
        Where it begins.
    settings : mapping
        Of the engine, as `maskkit.cutout` takes them.

    Examples
    --------
    >>> import numpy as np
    >>> photo, mask = np.full((40, 60, 3), 90, np.uint8), np.zeros((40, 60), np.uint8)
    >>> mask[10:30, 20:40] = 255
    >>> editing = Editing(photo, mask)
    >>> editing.change(grow=2)
    >>> int((editing.cutout().alpha > 127).sum()), editing.recipe.grow
    (564, 2.0)
    """

    def __init__(
        self,
        photo: ImageInput,
        mask: ImageInput | None = None,
        recipe: Recipe = Recipe(),  # noqa: B008 - frozen
        settings: Mapping[str, Any] = {},
    ) -> None:
        self.photo = codec.to_picture(photo)
        self._mask = None if mask is None else codec.to_mask(mask)
        self._settings = dict(settings)
        self._recipe = recipe
        self._hints: tuple[Hint, ...] = ()
        self._asked: Recipe | None = None  # with the hints as options
        self._kept = Kept()
        self._made: tuple[Recipe, Cutout] | None = None
        self._news: tuple[Array, tuple[Hint, ...], Recipe] | None = None
        self.said = ""
        self.cutout()
        self._draft = Draft(self.photo.pixels, refined(self._begun(recipe), silent, self._kept)[0], recipe)

    @property
    def recipe(self) -> Recipe:
        """What is asked so far: the options, and the hints given by hand in the place of the recipe's."""
        if self._asked is None:
            said = options(self._hints, self.photo.size) if self._hints else {}
            self._asked = self._recipe.but(**said)
        return self._asked

    @property
    def hints(self) -> tuple[Hint, ...]:
        """What was said by hand, in its order."""
        return self._hints

    @property
    def last(self) -> Cutout:
        """The last cutout that was made of the whole photo, whatever was asked since."""
        assert self._made is not None  # noqa: S101 - the first was made at the beginning
        return self._made[1]

    def change(self, **changes: Any) -> None:
        """Change options of the recipe. Raises PixelError for what it does not know or allow."""
        self._recipe, self._asked = self._recipe.but(**changes), None

    def say(self, hint: Hint) -> None:
        """Add a box, a point or a stroke."""
        self._hints, self._asked = (*self._hints, hint), None

    def undo(self) -> None:
        """Take the last hint back; nothing happens where there is none."""
        self._hints, self._asked = self._hints[:-1], None

    def clear(self) -> None:
        """Take all hints back."""
        self._hints, self._asked = (), None

    def cutout(self, tell: Tell = silent) -> Cutout:
        """The cutout of the whole photo, as `maskkit.cutout` makes it; what was made before is used."""
        hints, recipe = self._hints, self.recipe
        if self._made is None or self._made[0] != recipe:
            begun = self._begun(recipe)
            made, flat = follow(begun, tell, self._kept)
            self.said = flat or made.advice or ""
            self._made = recipe, made
            self._news = refined(begun, silent, self._kept)[0], hints, recipe
        return self._made[1]

    def picture(self, view: View) -> tuple[bytes, bool]:
        """A PNG of the view, and whether it is exact."""
        recipe = self.recipe
        begun = self._begun(recipe)
        known = self._made is not None and self._made[0] == recipe
        if known or (is_quick(begun, self._kept) and self._is_small):
            made = self.cutout()
            return drawn(made.pixels, view, self.photo.pixels, icc=self.photo.icc), True
        pixels, icc = self.photo.pixels, self.photo.icc
        return drawn(pixels, view, pixels, self._drafted(begun), icc), False

    @property
    def _is_small(self) -> bool:
        return self.photo.size[0] * self.photo.size[1] <= _QUICK

    def _begun(self, recipe: Recipe) -> Begun:
        return begin(Job(self.photo, self._mask, recipe, self._settings))

    def _drafted(self, begun: Begun) -> Any:
        if self._news is not None:  # the cutout may have been made in another thread, the draft is this one's
            self._draft.begin(*self._news)
            self._news = None
        return self._draft.alpha(self._hints, begun.job.recipe, cut=begun.plan.cut)
