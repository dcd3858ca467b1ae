"""Faults of the colour: old background in the edge, a picture hidden under alpha 0."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.kernels import convert
from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.pixels import Array
from maskkit.quality.report import Box
from maskkit.quality.shape import Measure

__all__ = ["fringe", "hidden"]

_TILE = 256
_CLEAR = 0.1  # least distance of subject's and background's colour (white = 1) that can be told apart
_SPOTS = 12


def fringe(image: Array, alpha: Array, original: Array | None) -> Measure:
    """``mean alpha (C - F).(B - F) / |B - F|^2`` over the edge: how much of the old background is in it.

    C is the edge's colour, F that of the solid interior around, B that of the background around: of the
    original, or of what is left under alpha 0. About 1/3 for a photo's own colours under a soft matte, near 1
    for a rim of background, near 0 for a decontaminated edge.
    """
    if original is None and hidden(image, alpha)[0] == 0:
        return None, "needs the original: the old background is not in the file", []
    around = image if original is None else original
    side = max(alpha.shape)
    radius = max(3, round(0.012 * side))
    edge = _edge(alpha)
    found: dict[tuple[int, int], tuple[float, float]] = {}

    def measure(tile: Tile) -> None:
        found[tile.corner] = _tile_share(image, alpha, around, edge, tile=tile, radius=radius)

    todo = tiles(alpha.shape, _TILE, radius, edge)
    map_tiles(measure, todo)
    weight = sum(part[1] for part in found.values())
    if weight == 0:
        return None, "subject and background are of like colour, or there is no edge", []
    share = sum(part[0] for part in found.values()) / weight
    bad = [(found[t.corner], t) for t in todo if found[t.corner][0] > 0.3 * found[t.corner][1] > 0.2]
    bad.sort(key=lambda part: -part[0][0])
    text = f"{max(share, 0):.0%} of the edge's colour is the old background's"
    return max(share, 0.0), text, [_box(tile) for _, tile in bad[:_SPOTS]]


def hidden(image: Array, alpha: Array) -> Measure:
    """The share of the area under alpha 0 where neighbours differ by more than 2%: a picture, not a fill."""
    under = (alpha == 0).astype(np.uint8)
    inner = cv2.erode(under, np.ones((3, 3), np.uint8), borderValue=1).view(bool)
    if not inner.any():
        return 0.0, "nothing is transparent", []
    grey = image.max(axis=2)
    top = np.float32(255 if grey.dtype == np.uint8 else 65535 if grey.dtype == np.uint16 else 1)
    step = cv2.morphologyEx(grey.astype(np.float32), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) / top
    left = inner & (step > 0.02)
    share = float(left.sum() / inner.sum())
    boxes = [cv2.boundingRect(left.view(np.uint8))] if share > 0 else []
    text = (
        f"{share:.0%} of the transparent area still holds a picture (in sight where a program ignores alpha)"
    )
    return share, text, [(x, y, x + w, y + h) for x, y, w, h in boxes]


def _edge(alpha: Array) -> Array:
    """Soft pixels, and solid ones beside transparent ones."""
    beside = cv2.dilate((alpha < 0.05).astype(np.uint8), np.ones((3, 3), np.uint8)).view(bool)
    edge: Array = ((alpha > 0.05) & (alpha < 0.95)) | ((alpha >= 0.95) & beside)
    return edge


def _tile_share(
    image: Array, alpha: Array, original: Array, edge: Array, *, tile: Tile, radius: int
) -> tuple[float, float]:
    """Numerator and denominator of the mean in one tile."""
    level = alpha[tile.around]
    square = np.ones((5, 5), np.uint8)
    solid = cv2.erode((level > 0.98).astype(np.uint8), square, borderValue=1).astype(np.float32)
    clear = cv2.erode((level < 0.02).astype(np.uint8), square, borderValue=1).astype(np.float32)
    colour = convert(np.ascontiguousarray(image[tile.around]), np.float32)
    inside, has_inside = _mean(colour, solid, radius)
    outside, has_outside = _mean(
        convert(np.ascontiguousarray(original[tile.around]), np.float32), clear, radius
    )
    across = outside - inside
    length = (across * across).sum(2)
    told = edge[tile.around] & has_inside & has_outside & (length > _CLEAR**2)
    core = np.zeros_like(told)
    core[tile.inner] = told[tile.inner]
    share = np.clip(((colour - inside) * across).sum(2) / np.maximum(length, 1e-6), -0.5, 1.5)
    return float((level * share)[core].sum()), float(level[core].sum())


def _mean(colour: Array, weight: Array, radius: int) -> tuple[Array, Array]:
    size = (2 * radius + 1, 2 * radius + 1)
    total = cv2.blur(weight, size, borderType=cv2.BORDER_REFLECT)
    mean = cv2.blur(colour * weight[..., None], size, borderType=cv2.BORDER_REFLECT)
    return mean / np.maximum(total, 1e-6)[..., None], total > 1e-3


def _box(tile: Tile) -> Box:
    rows, columns = tile.core
    return columns.start, rows.start, columns.stop, rows.stop
