"""From a cutout to what the recipe makes of it: cropped, placed, over its backdrop, in a file."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, cast

from maskkit.codec.picture import Encoding, Picture
from maskkit.cutouts.record import Cutout
from maskkit.errors import MaskkitWarning
from maskkit.pixels import Array
from maskkit.recipe import Made, Recipe, load

if TYPE_CHECKING:
    from maskkit.blend import Mode
    from maskkit.codec.inputs import ImageInput

__all__ = ["encoding", "finished", "placed", "replay", "size_of", "tell_differences"]


def finished(made: Cutout, recipe: Recipe) -> Array | Picture:
    """What the recipe makes of a cutout: a mask ``(H, W)``, or a picture with its profile, EXIF and dpi.

    Trimmed, then placed on the canvas, then put over the backdrop. Raises PixelError where nothing is left.
    """
    made = placed(made, recipe)
    if recipe.product == "mask":
        return made.alpha
    if recipe.backdrop is None:
        return made.with_hidden(recipe.hidden).picture
    behind = recipe.backdrop if isinstance(recipe.backdrop, str) else recipe.backdrop.as_picture()
    return made.over(
        behind, fit=recipe.fit, mode=cast("Mode", recipe.mode), opacity=recipe.opacity, linear=recipe.linear
    )


def placed(made: Cutout, recipe: Recipe) -> Cutout:
    """The cutout trimmed, and placed on the canvas."""
    if recipe.trim is not None:
        made = made.trim(recipe.trim, recipe.trim_level)
    if recipe.canvas is not None:
        made = made.place(recipe.canvas, recipe.position, recipe.scale)
    return made


def size_of(shown: Array | Picture) -> tuple[int, int]:
    """(width, height) of what `finished` gives."""
    height, width = (shown.pixels if isinstance(shown, Picture) else shown).shape[:2]
    return width, height


def encoding(recipe: Recipe) -> Encoding:
    """How the file is written: options of `maskkit.write`."""
    return {"quality": recipe.quality, "lossless": recipe.lossless or None, "compression": recipe.compression}


def replay(recipe: Recipe | str | Path, image: ImageInput, mask: ImageInput | None = None) -> Array | Picture:
    """The picture that a saved recipe makes of a photo: the same pixels again.

    Parameters
    ----------
    recipe : Recipe, or the TOML file that holds one
    image : path, bytes, file, PIL.Image, Picture, Cutout or array
    mask : the same kinds, optional
        In the place of the mask that the recipe holds.

    Returns
    -------
    A mask ``(H, W)``, or a Picture.

    Raises
    ------
    PixelError, CodecError
        As `maskkit.cutout`.

    Warns
    -----
    MaskkitWarning
        If the recipe was made by another engine, with other weights or by another version of maskkit, whose
        pixels may differ.

    Examples
    --------
    >>> import numpy as np
    >>> photo, mask = np.full((2, 2, 3), 90, np.uint8), np.array([[0, 255], [255, 255]], np.uint8)
    >>> replay(Recipe(backdrop="white"), photo, mask).pixels[0].tolist()
    [[255, 255, 255], [90, 90, 90]]
    """
    from maskkit.cutouts.running import Job, begin, run

    asked = recipe if isinstance(recipe, Recipe) else load(recipe)
    made = run(begin(Job(image, mask, asked, {})))
    tell_differences(asked.made, made.made)
    return finished(made, asked)


def tell_differences(then: Made | None, now: Made | None) -> None:
    """Warn of what may make a replay differ."""
    if then is None or now is None:
        return
    for name, words in (("maskkit", "maskkit"), ("engine", "the mask by"), ("weights", "weights")):
        old, new = getattr(then, name), getattr(now, name)
        if old != new:
            said = f"the recipe was made with {words} {old}, this is {new}: the result may differ"
            warnings.warn(said, MaskkitWarning, stacklevel=3)
