"""What is said of a photo by hand: a box, points, strokes; and the recipe's options that say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import cv2
import numpy as np

from maskkit.checks import check_choice
from maskkit.errors import PixelError
from maskkit.keywords import Options
from maskkit.pixels import Array

__all__ = ["Hint", "options", "painted"]

Kind = Literal["box", "keep", "drop", "paint keep", "paint drop"]


@dataclass(frozen=True)
class Hint:
    """One thing said: ``points`` are two corners of a box, one point, or the line of a stroke, in pixels."""

    kind: Kind
    points: tuple[tuple[float, float], ...]
    radius: float = 0.0

    @classmethod
    def of(cls, told: Mapping[str, Any], photo: tuple[int, int]) -> Hint:
        """What a browser says, kept inside the photo (width, height).

        >>> Hint.of({"kind": "keep", "points": [[-3, 5]]}, (10, 10)).points
        ((0.0, 5.0),)
        """
        check_choice(told["kind"], "kind", get_args(Kind))
        most = photo[0] - 1, photo[1] - 1
        points = tuple(
            (float(min(max(x, 0), most[0])), float(min(max(y, 0), most[1]))) for x, y in told["points"]
        )
        if len(points) != {"box": 2, "keep": 1, "drop": 1}.get(told["kind"], max(1, len(points))):
            raise PixelError(f"points: need those of {told['kind']!r}, got {len(points)}")
        return cls(told["kind"], points, float(told.get("radius", 0)))

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of the two corners."""
        (x0, y0), (x1, y1) = self.points
        return min(x0, x1), min(y0, y1), max(x0, x1) + 1, max(y0, y1) + 1


def options(hints: Iterable[Hint], size: tuple[int, int]) -> Options:
    """The options of a recipe that say the same; the last box counts, and later strokes lie over earlier.

    >>> options([Hint("keep", ((3, 4),)), Hint("drop", ((5, 6),))], (10, 10))["drop"]
    [(5, 6)]
    """
    hints = list(hints)
    boxes = [hint.box for hint in hints if hint.kind == "box"]
    points = {kind: [hint.points[0] for hint in hints if hint.kind == kind] for kind in ("keep", "drop")}
    return {"box": boxes[-1] if boxes else None, **points, **_masks(hints, size)}


def _masks(hints: list[Hint], size: tuple[int, int]) -> dict[str, Array | None]:
    if not any(hint.kind.startswith("paint") for hint in hints):
        return {"keep_mask": None, "drop_mask": None}
    keep, drop = painted(hints, size)
    return {"keep_mask": keep if keep.any() else None, "drop_mask": drop if drop.any() else None}


def painted(hints: Iterable[Hint], size: tuple[int, int], scale: float = 1.0) -> tuple[Array, Array]:
    """The strokes to keep and to drop, uint8 0 or 255, on a picture ``scale`` times the photo's size."""
    keep, drop = (np.zeros(size[::-1], np.uint8) for _ in range(2))
    for hint in hints:
        if hint.kind.startswith("paint"):
            over, under = (keep, drop) if hint.kind == "paint keep" else (drop, keep)
            line = np.floor(np.array(hint.points) * scale).astype(np.int32)
            for canvas, value in ((over, 255), (under, 0)):
                cv2.polylines(canvas, [line], False, value, max(1, round(2 * hint.radius * scale)))
    return keep, drop
