"""Cutouts on canvases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from maskkit.errors import PixelError
from maskkit.placement.planning import Box, Placement, Size, plan

if TYPE_CHECKING:
    from maskkit.codec.inputs import ImageInput
    from maskkit.pixels import Array

__all__ = ["LEVEL", "place", "place_each", "placed", "subject_box"]

LEVEL = 0.02  # alpha above which a pixel counts as subject


def placed(pixels: Array, where: Placement) -> Array:
    """The picture on its canvas, transparent beside it: ``(H, W, 4)`` of the picture's dtype."""
    from maskkit.backdrop.image import put

    return put(pixels, where.size, where.canvas, *where.offset)


def place(
    cutout: ImageInput,
    canvas: Size,
    *,
    margin: str | float | Iterable[str | float] = "0",
    fill: float | None = None,
    scale: float | None = None,
    position: tuple[float, float] | str = "center",
    at: tuple[int, int] | None = None,
    level: float = LEVEL,
) -> tuple[Array, Placement]:
    """A cutout on a transparent canvas, scaled and moved by the box of its subject; and where it went.

    Parameters
    ----------
    cutout : (H, W, 4) array, or a picture as `maskkit.cutout` takes it
    canvas, margin, fill, scale, position, at
        As in `plan`. `place_each` takes several sizes.
    level : float
        0 to 1: alpha above it counts as subject; what is fainter stays, but moves no box.

    Raises
    ------
    PixelError
        As `plan`, and for a cutout without alpha, or with none above ``level``.

    Examples
    --------
    >>> import numpy as np
    >>> dot = np.zeros((9, 9, 4), np.uint8); dot[4, 4] = 255
    >>> pixels, where = place(dot, (4, 4), scale=1, position="bottom right")
    >>> where.box, int(pixels[3, 3, 3])
    ((3, 3, 4, 4), 255)
    """
    from maskkit.codec.inputs import to_pixels

    pixels = to_pixels(cutout, "cutout")
    if pixels.shape[2] != 4:
        raise PixelError(f"cutout: need one (H, W, 4) with alpha, got shape {pixels.shape}")
    where = plan(
        (pixels.shape[1], pixels.shape[0]), subject_box(pixels, level), canvas,
        margin=margin, fill=fill, scale=scale, position=position, at=at,
    )  # fmt: skip
    return placed(pixels, where), where


def place_each(
    cutout: ImageInput,
    sizes: Iterable[Size],
    *,
    margin: str | float | Iterable[str | float] = "0",
    fill: float | None = None,
    scale: float | None = None,
    position: tuple[float, float] | str = "center",
    level: float = LEVEL,
) -> list[tuple[Array, Placement]]:
    """`place` on a canvas of each size, from one cutout that is read once.

    Parameters
    ----------
    cutout : (H, W, 4) array, or a picture as `maskkit.cutout` takes it
    sizes : iterable of (width, height)
    margin, fill, scale, position, level
        As in `place`.

    Raises
    ------
    PixelError
        As `place`, and for no size at all.

    Examples
    --------
    >>> import numpy as np
    >>> dot = np.full((2, 4, 4), 255, np.uint8)
    >>> [where.box for _, where in place_each(dot, [(8, 8), (2, 2)])]
    [(0, 2, 8, 6), (0, 1, 2, 2)]
    """
    from maskkit.codec.inputs import to_pixels

    pixels, wanted = to_pixels(cutout, "cutout"), list(sizes)
    if not wanted:
        raise PixelError("sizes: need one or more of (width, height), got none")
    return [
        place(pixels, size, margin=margin, fill=fill, scale=scale, position=position, level=level)
        for size in wanted
    ]


def subject_box(pixels: Array, level: float = LEVEL) -> Box:
    """The box of what has alpha above ``level``. Raises PixelError where nothing has."""
    from maskkit.masks import bounding_box

    box = bounding_box(pixels[..., 3], level)
    if box is None:
        raise PixelError(f"cutout: no pixel has alpha above {level:g}; there is no subject to place")
    return box
