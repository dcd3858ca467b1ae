"""The subject before a plain backdrop: what differs from the colour field that the border shows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from maskkit.color.plain_backdrop import Backdrop, fit_backdrop
from maskkit.engines.backdrop_cut import Deviation, cut_backdrop, deviation
from maskkit.engines.edge_lift import edge_lift
from maskkit.engines.reduced import lab
from maskkit.pixels import Array

__all__ = ["Plain", "before_plain"]

_BLACK = 12.0  # L* of what is taken for no light at all


@dataclass(frozen=True, eq=False)
class Plain:
    """A cut (h, w) bool at the reduced size, the backdrop it was made by, and the reduced picture.

    ``deviation`` is how the picture deviates from the backdrop.
    """

    cut: Array
    backdrop: Backdrop
    small: Array
    deviation: Deviation

    @property
    def confidence(self) -> float:
        """The chance that the cut is right: how much of the border follows the backdrop says it."""
        return 0.95 * self.backdrop.inliers**2

    @property
    def found(self) -> bool:
        """Whether there is a subject, and some backdrop around it."""
        return bool(0 < self.cut.mean() < 0.995)

    def alpha(self, image: Array) -> Array:
        """The alpha of the picture itself, float32 (H, W): edges and thin parts by their colours."""
        behind = np.clip(cv2.cvtColor(self.backdrop.lab, cv2.COLOR_Lab2RGB), 0, 1)
        return edge_lift(self.cut, behind, self.small, image)


def before_plain(small: Array) -> Plain | None:
    """What is before the backdrop of a reduced picture (h, w, 3) uint8; None where it has no plain one."""
    colours = lab(small)
    backdrop = fit_backdrop(colours)
    if not backdrop.plain:
        return None
    seen = deviation(small, colours, backdrop)
    cut = _without_corners(cut_backdrop(colours[..., 0], seen), colours)
    return Plain(cut, backdrop, small, seen)


def _without_corners(cut: Array, colours: Array) -> Array:
    """The cut without black corners, which a vignette, a mount or a turned scan leaves."""
    _, labels = cv2.connectedComponents(cut.astype(np.uint8))
    corners = {int(labels[y, x]) for y in (0, -1) for x in (0, -1)} - {0}
    black = [part for part in corners if colours[..., 0][labels == part].mean() < _BLACK]
    rest = cut & ~np.isin(labels, black)
    return rest if rest.any() else cut
