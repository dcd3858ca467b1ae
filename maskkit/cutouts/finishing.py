"""From a cutout to what the recipe makes of it: cropped, placed, over its backdrop, in a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from maskkit.codec.inputs import to_picture
from maskkit.codec.picture import Encoding, Picture
from maskkit.cutouts.record import Cutout
from maskkit.cutouts.scene import Scene, behind, effects
from maskkit.hearing import warn
from maskkit.masks import bounding_box
from maskkit.pixels import Array
from maskkit.placement import LEVEL, PRESETS, Placement, placed, plan, subject_box
from maskkit.recipe import Recipe

if TYPE_CHECKING:
    from maskkit.codec.layers import Layered
    from maskkit.effects.options import Settings

__all__ = [
    "composed",
    "encoding",
    "finish",
    "finished",
    "layers_of",
    "prepared",
    "size_of",
    "with_preset",
]


def finished(made: Cutout, recipe: Recipe) -> Array | Picture:
    """What the recipe makes of a cutout: a mask ``(H, W)``, or a picture with its profile, EXIF and dpi.

    Trimmed, then placed on the canvas, then put over the backdrop with its effects. Raises PixelError where
    nothing is left.
    """
    return finish(made, recipe)[0]


def finish(made: Cutout, recipe: Recipe) -> tuple[Array | Picture, Placement | None]:
    """`finished`, and where the cutout was placed, if it was."""
    ready = prepared(made, recipe)
    return composed(ready), ready.where


class Prepared(NamedTuple):
    """A cutout that is trimmed and placed, before it is put over anything.

    ``shade`` is the photo's own shadow beside it, ``where`` its place on the canvas, and ``recipe`` the one
    asked for with what its preset says.
    """

    cutout: Cutout
    shade: Cutout | None
    where: Placement | None
    recipe: Recipe


def prepared(made: Cutout, recipe: Recipe) -> Prepared:
    """Trimmed, then placed on the canvas."""
    recipe = with_preset(recipe)
    made, shade = _trimmed(made, _own_shadow(made, recipe), recipe)
    ready = Prepared(made, shade, None, recipe)
    scaled = isinstance(recipe.scale, float)
    if not scaled and all(getattr(recipe, name) is None for name in ("canvas", "margin", "fill", "at")):
        return ready
    where = _placement(made, recipe, behind(recipe))
    _tell_cut_off(made, where, recipe.trim_level or LEVEL)
    return Prepared(_placed(made, where), None if shade is None else _placed(shade, where), where, recipe)


def composed(ready: Prepared, scene: Scene | None = None) -> Array | Picture:
    """The mask, or the cutout over its backdrop with its effects; ``scene`` is `scene_of` it."""
    made, recipe = ready.cutout, ready.recipe
    if recipe.product == "mask":
        return made.alpha
    if behind(recipe) is None and not any(effects(recipe).values()):
        return made.with_hidden(recipe.hidden).picture
    return (scene or _scene(ready)).put(recipe)


def _scene(ready: Prepared) -> Scene:
    return ready.cutout.in_scene(ready.recipe, None if ready.shade is None else ready.shade.pixels)


def layers_of(made: Cutout, recipe: Recipe) -> Layered:
    """The layers of what the recipe makes, from below to above, see `maskkit.cutouts.layered.layers`."""
    from maskkit.cutouts.layered import layers

    ready = prepared(made, recipe.but(product="cutout"))
    scene = _scene(ready)
    return layers(scene, cast("Picture", composed(ready, scene)), ready.recipe)


def with_preset(recipe: Recipe) -> Recipe:
    """The recipe with what its preset says of canvas, share and backdrop, where it says nothing itself."""
    if recipe.preset is None:
        return recipe
    preset = PRESETS[recipe.preset]
    told = {"canvas": preset.canvas, "fill": preset.fill, "backdrop": preset.backdrop}
    return recipe.but(**{name: value for name, value in told.items() if getattr(recipe, name) is None})


def _own_shadow(made: Cutout, recipe: Recipe) -> Cutout | None:
    """The photo's own shadow as black with alpha, before anything is cropped or moved."""
    asked = [one for one in _shadows(recipe) if one["kind"] == "own"]
    if not asked or recipe.product == "mask":
        return None
    from maskkit.effects import own_shadow

    clear = np.zeros_like(made.pixels)
    shade = own_shadow(clear, made.pixels, made.alpha > 0, opacity=asked[0].get("opacity", 1.0))
    return replace(made, picture=made.picture.with_pixels(shade))


def _shadows(recipe: Recipe) -> list[Settings]:
    from maskkit.effects.options import settings

    return settings(recipe.shadow, "shadow") if recipe.shadow else []


def _trimmed(made: Cutout, shade: Cutout | None, recipe: Recipe) -> tuple[Cutout, Cutout | None]:
    if recipe.trim is None:
        return made, shade
    cropped = made.trim(recipe.trim, recipe.trim_level)
    if shade is not None:
        left, top = cropped.position[0] - made.position[0], cropped.position[1] - made.position[1]
        seen = shade.pixels[top : top + cropped.size[1], left : left + cropped.size[0]]
        shade = replace(cropped, picture=cropped.picture.with_pixels(seen))
    return cropped, shade


def _placement(made: Cutout, recipe: Recipe, below: str | Picture | None) -> Placement:
    """By the whole picture on a canvas alone; by the subject's box where a share or margins are told."""
    scale = recipe.scale if isinstance(recipe.scale, float) else None
    box = (0, 0, *made.size)
    if recipe.fill is not None or recipe.margin is not None:
        box = subject_box(made.pixels, recipe.trim_level or LEVEL)
    canvas = recipe.canvas or made.size
    if recipe.at is not None:
        scale = scale or (None if recipe.fill is not None else 1.0)
        canvas = recipe.canvas or _own_size(below) or made.size
    return plan(
        made.size, box, canvas, margin=recipe.margin or "0", fill=recipe.fill, scale=scale,
        position=recipe.position, at=recipe.at,
    )  # fmt: skip


def _tell_cut_off(made: Cutout, where: Placement, level: float) -> None:
    """Warn where more than a pixel of the subject's box lies beyond the canvas."""
    width, height = where.canvas
    left, top, right, bottom = where.box
    if min(left, top) >= 0 and right <= width and bottom <= height:
        return
    box = bounding_box(made.alpha, level)
    if box is None:
        return
    across, down = where.size[0] / made.size[0], where.size[1] / made.size[1]
    left, right = (round(where.offset[0] + edge * across) for edge in (box[0], box[2]))
    top, bottom = (round(where.offset[1] + edge * down) for edge in (box[1], box[3]))
    if min(left, top) < -1 or right > width + 1 or bottom > height + 1:
        taken = f"{left},{top} to {right},{bottom}"
        said = f"the subject is cut off: it takes {taken}, the canvas {width}x{height}"
        warn(said, stacklevel=3)


def _own_size(below: str | Picture | None) -> tuple[int, int] | None:
    """(width, height) of a backdrop that is a picture."""
    from maskkit.codec.sources import names_file

    if below is None or (isinstance(below, str) and not names_file(below)):
        return None
    return to_picture(below, "backdrop").size


def _placed(made: Cutout, where: Placement) -> Cutout:
    return replace(made, picture=made.picture.with_pixels(placed(made.pixels, where)), position=(0, 0))


def size_of(shown: Array | Picture) -> tuple[int, int]:
    """(width, height) of what `finished` gives."""
    height, width = (shown.pixels if isinstance(shown, Picture) else shown).shape[:2]
    return width, height


def encoding(recipe: Recipe) -> Encoding:
    """How the file is written: options of `maskkit.write`."""
    return {
        "quality": recipe.quality,
        "lossless": recipe.lossless or None,
        "compression": recipe.compression,
        "associated": recipe.associated,
    }
