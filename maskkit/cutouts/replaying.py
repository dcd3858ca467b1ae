"""A saved recipe on a photo again: the same pixels, or what differs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from maskkit.codec.picture import Picture
from maskkit.cutouts.beginning import Job, begin
from maskkit.cutouts.finishing import finished
from maskkit.cutouts.kept import Kept
from maskkit.cutouts.rehearsing import rehearse
from maskkit.cutouts.running import follow, silent, tell_flat
from maskkit.hearing import warn
from maskkit.pixels import Array
from maskkit.recipe import Made, Recipe, load

if TYPE_CHECKING:
    from maskkit.codec.inputs import ImageInput

__all__ = ["replay", "tell_differences"]


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
    asked = recipe if isinstance(recipe, Recipe) else load(recipe)
    begun = begin(Job(image, mask, asked, {}))
    rehearse(begun, asked)
    made, flat = follow(begun, silent, Kept())
    tell_differences(asked.made, made.made)
    shown = finished(made, asked)
    tell_flat(flat)  # not where that ends in a refusal, which says why
    return shown


def tell_differences(then: Made | None, now: Made | None) -> None:
    """Warn of what may make a replay differ."""
    if then is None or now is None:
        return
    for name, words in (("maskkit", "maskkit"), ("engine", "the mask by"), ("weights", "weights")):
        old, new = getattr(then, name), getattr(now, name)
        if old != new:
            said = f"the recipe was made with {words} {old}, this is {new}: the result may differ"
            warn(said, stacklevel=3)
