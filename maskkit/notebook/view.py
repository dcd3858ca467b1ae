"""What the editor shows: a part of the photo at a size, its subject over a ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np

from maskkit import backdrop, codec
from maskkit.compositing import composite
from maskkit.errors import PixelError
from maskkit.kernels import convert
from maskkit.pixels import Array

__all__ = ["View", "drawn", "fitting"]

_MOST = 4096  # pixels a side of what is sent
_DIM = 0.35  # of what is not kept, on the photo itself


@dataclass(frozen=True)
class View:
    """The part (left, top, right, bottom) of the photo, in its pixels, at ``size`` over ``ground``.

    ``ground`` is "checker", "photo" (what is not kept is dark), "mask", or a CSS colour.
    """

    part: tuple[int, int, int, int]
    size: tuple[int, int]
    ground: str = "checker"

    @classmethod
    def of(cls, asked: Mapping[str, Any], photo: tuple[int, int]) -> View:
        """What a browser asks for, kept inside the photo (width, height)."""
        left, top, right, bottom = (int(asked[name]) for name in ("left", "top", "right", "bottom"))
        left, top = min(max(left, 0), photo[0] - 1), min(max(top, 0), photo[1] - 1)
        right, bottom = min(max(right, left + 1), photo[0]), min(max(bottom, top + 1), photo[1])
        width, height = min(int(asked["width"]), right - left), min(int(asked["height"]), bottom - top)
        ground = str(asked["ground"])
        return cls((left, top, right, bottom), (_within(width), _within(height)), ground)


def fitting(photo: tuple[int, int], side: int, ground: str = "checker") -> View:
    """All of the photo, at most ``side`` pixels long.

    >>> fitting((3000, 2000), 600).size
    (600, 400)
    """
    scale = min(1.0, side / max(photo))
    size = max(1, round(photo[0] * scale)), max(1, round(photo[1] * scale))
    return View((0, 0, *photo), size, ground)


def drawn(
    pixels: Array, view: View, photo: Array, draft: Array | None = None, icc: bytes | None = None
) -> bytes:
    """A PNG of the view, in the photo's colours and with their profile ``icc``, which browsers heed.

    Parameters
    ----------
    pixels : (H, W, 4), the cutout; with a ``draft``, (H, W, 3) or (H, W, 4) of which the colour counts.
    photo : (H, W, 3) or (H, W, 4), as it came.
    draft : (h, w), a smaller alpha that is scaled up.
    """
    small = _part(pixels, view)
    if draft is not None:
        colour, small = small[..., :3], np.empty((*small.shape[:2], 4), np.uint8)
        small[..., :3], small[..., 3] = colour, _scaled_up(draft, pixels.shape, view)
    if view.ground == "mask":
        return codec.encode(np.ascontiguousarray(small[..., 3]), "png")
    behind = _part(photo, view)[..., :3] * _DIM if view.ground == "photo" else _ground(view.ground, view.size)
    return codec.encode(codec.Picture(composite(small, behind.astype(np.uint8)), icc), "png")


def _part(pixels: Array, view: View) -> Array:
    """The part of a picture at the view's size, uint8."""
    left, top, right, bottom = view.part
    part = pixels[top:bottom, left:right]
    if part.dtype != np.uint8:
        part = convert(np.ascontiguousarray(part), np.uint8)
    return np.ascontiguousarray(cv2.resize(part, view.size, interpolation=cv2.INTER_AREA))


def _scaled_up(alpha: Array, shape: tuple[int, ...], view: View) -> Array:
    """The part of a smaller alpha at the view's size, uint8."""
    left, top, right, bottom = view.part
    across, down = alpha.shape[1] / shape[1], alpha.shape[0] / shape[0]
    step = (right - left) / view.size[0] * across, (bottom - top) / view.size[1] * down
    # where the middle of the view's first pixel is in the small alpha
    first = left * across + step[0] / 2 - 0.5, top * down + step[1] / 2 - 0.5
    place = np.array([[step[0], 0, first[0]], [0, step[1], first[1]]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    small, edge = convert(alpha, np.uint8), cv2.BORDER_REPLICATE
    return np.asarray(cv2.warpAffine(small, place, view.size, flags=flags, borderMode=edge))


@lru_cache(maxsize=8)
def _ground(ground: str, size: tuple[int, int]) -> Array:
    behind = backdrop.checkerboard(size, cell=8) if ground == "checker" else backdrop.solid(ground, size)
    if behind.shape[2] == 4:
        raise PixelError(f"ground: need an opaque colour, got {ground!r}")
    return behind


def _within(side: int) -> int:
    return min(max(side, 1), _MOST)
