"""The verb: a photo opened in the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from maskkit.cutouts.verb import CutoutOptions, asked
from maskkit.errors import MissingExtraError
from maskkit.notebook.editing import Editing
from maskkit.recipe import Recipe

if TYPE_CHECKING:
    from maskkit.codec.inputs import ImageInput
    from maskkit.notebook.widget import Editor

__all__ = ["edit"]


def edit(
    photo: ImageInput,
    mask: ImageInput | None = None,
    *,
    recipe: Recipe | None = None,
    **options: Unpack[CutoutOptions],
) -> Editor:
    """A widget in which a mask is drawn, clicked, painted and refined; needs the extra ``notebook``.

    Draw a box, click points, paint strokes, move the edge's sliders, look at the subject over several grounds
    at 100% and 400%. A step is drawn at once, where need be as a draft, and made whole when nothing moves.
    Afterwards the result is in Python: ``editor.mask``, ``editor.cutout`` and ``editor.recipe``, which
    `maskkit.replay` makes the same again from.

    Parameters
    ----------
    photo : path, bytes, file, PIL.Image, Picture, Cutout or array
    mask : the same kinds, optional
        White keeps. Without it, one is estimated, which may run a network once.
    recipe : Recipe, optional
        Where it begins, for instance where an earlier editor ended.
    **options :
        As in `maskkit.cutout`; they win over the recipe's.

    Returns
    -------
    Editor, an anywidget: it shows in JupyterLab, Jupyter Notebook, VS Code and marimo, and as a picture of
    the last step in what is exported.

    Raises
    ------
    MissingExtraError
        anywidget is not installed.
    PixelError, CodecError
        As `maskkit.cutout`.
    """
    try:
        from maskkit.notebook.widget import Editor
    except ModuleNotFoundError as error:
        raise MissingExtraError("notebook", error.name or "anywidget") from None
    begun, settings = asked("edit", recipe, options)
    return Editor(Editing(photo, mask, begun, settings))
