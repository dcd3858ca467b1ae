"""Faults of the colour: old background in the edge, a picture hidden under alpha 0."""

from __future__ import annotations

import cv2
import numpy as np

from maskkit.kernels import convert
from maskkit.kernels.grid import enlarge, shrink
from maskkit.kernels.tiles import Tile, map_tiles, tiles
from maskkit.pixels import Array, max_value
from maskkit.quality.report import Box
from maskkit.quality.shape import Measure, by_bands

__all__ = ["fringe", "hidden"]

_TILE = 256
_CLEAR = 0.1  # least distance of subject's and background's colour (white = 1) that can be told apart
_SPOTS = 12
_GRID = 16  # windows are at least so wide, in cells of the grid where their means are taken


def fringe(image: Array, alpha: Array, around: Array | None) -> Measure:
    """``mean alpha (C - F).(B - F) / |B - F|^2`` over the edge: how much of the old background is in it.

    C is the edge's colour, F that of the solid interior around, B that of the background in ``around``: the
    original, or the image itself if a picture is left under alpha 0. About 1/3 for a photo's own colours
    under a soft matte, near 1 for a rim of background, near 0 for a decontaminated edge.
    """
    if around is None:
        return None, "needs the original: the old background is not in the file", []
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
    parts = by_bands(lambda rows: _picture_under(image, alpha, rows), alpha.shape)
    counts, pictured, boxes = zip(*parts, strict=True)
    under = sum(counts)
    if not under:
        return 0.0, "nothing is transparent", []
    share = sum(pictured) / under
    text = (
        f"{share:.0%} of the transparent area still holds a picture (in sight where a program ignores alpha)"
    )
    return share, text, _around([box for box in boxes if box is not None])


def _around(boxes: list[Box]) -> list[Box]:
    """The one box around all of them, if there are any."""
    if not boxes:
        return []
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return [(min(lefts), min(tops), max(rights), max(bottoms))]


def _picture_under(image: Array, alpha: Array, rows: slice) -> tuple[int, int, Box | None]:
    """In these rows: pixels well under alpha 0, those of them that hold a picture, their box."""
    top, bottom, square = rows.start, rows.stop, np.ones((3, 3), np.uint8)
    first = max(0, top - 1)
    seen, core = slice(first, bottom + 1), slice(top - first, bottom - first)
    under = (alpha[seen] == 0).astype(np.uint8)
    inner = cv2.erode(under, square, borderValue=1)[core].view(bool)
    count = int(np.count_nonzero(inner))
    if not count:
        return 0, 0, None
    grey = image[seen].max(axis=2).astype(np.float32)
    left = inner & (cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, square)[core] / max_value(image.dtype) > 0.02)
    x, y, width, height = cv2.boundingRect(left.view(np.uint8))
    return count, int(left.sum()), (x, top + y, x + width, top + y + height) if width else None


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
    behind = colour if original is image else convert(np.ascontiguousarray(original[tile.around]), np.float32)
    inside, has_inside = _mean(colour, solid, radius)
    outside, has_outside = _mean(behind, clear, radius)
    across = outside - inside
    length = (across * across).sum(2)
    told = edge[tile.around] & has_inside & has_outside & (length > _CLEAR**2)
    core = np.zeros_like(told)
    core[tile.inner] = told[tile.inner]
    share = np.clip(((colour - inside) * across).sum(2) / np.maximum(length, 1e-6), -0.5, 1.5)
    return float((level * share)[core].sum()), float(level[core].sum())


def _mean(colour: Array, weight: Array, radius: int) -> tuple[Array, Array]:
    """The weighted mean over windows of ``radius``, wide ones on a coarser grid; where there is weight."""
    factor = max(1, radius // _GRID)
    size = (2 * (radius // factor) + 1,) * 2
    weighted = shrink(np.dstack([colour * weight[..., None], weight]), factor)
    total = cv2.blur(weighted, size, borderType=cv2.BORDER_REFLECT)
    if factor > 1:
        height, width = weight.shape
        total = enlarge(total, factor, slice(0, height), slice(0, width))
    return total[..., :3] / np.maximum(total[..., 3:], 1e-6), total[..., 3] > 1e-3


def _box(tile: Tile) -> Box:
    rows, columns = tile.core
    return columns.start, rows.start, columns.stop, rows.stop
