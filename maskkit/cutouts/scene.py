"""What is composited: a picture, what is behind it at its size and in its space, the effects between."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from maskkit.codec.picture import Picture
from maskkit.keywords import Options
from maskkit.pixels import Array
from maskkit.recipe import Recipe, options_of

if TYPE_CHECKING:
    from maskkit.blend import Mode
    from maskkit.effects import Dressing

__all__ = ["Scene", "behind", "effects"]


class Scene(NamedTuple):
    """The picture and the backdrop at its size, in one space, and the effects if any."""

    source: Picture
    backdrop: Array
    dressing: Dressing | None

    def put(self, recipe: Recipe) -> Picture:
        """The picture over the backdrop, its effects drawn, in the recipe's mode, opacity and light."""
        from maskkit.compositing import composite

        above, below = (self.source.pixels, self.backdrop) if self.dressing is None else self.dressing.drawn()
        mode = cast("Mode", recipe.mode)
        put = composite(above, below, mode=mode, opacity=recipe.opacity, linear=recipe.linear)
        return self.source.with_pixels(put)


def behind(recipe: Recipe) -> str | Picture | None:
    """The recipe's backdrop, as words or a picture."""
    asked = recipe.backdrop
    return asked if asked is None or isinstance(asked, str) else asked.as_picture()


def effects(recipe: Recipe) -> Options:
    """What is asked of every effect."""
    return {name: getattr(recipe, name) for name in options_of("effects")}
