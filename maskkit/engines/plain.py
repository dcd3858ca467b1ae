"""The subject before a plain backdrop: what differs from the colour field that the border shows."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from maskkit.engines.backdrop_cut import cut_backdrop
from maskkit.engines.backdrop_model import Backdrop, fit_backdrop
from maskkit.engines.edge_lift import edge_lift
from maskkit.engines.reduced import lab
from maskkit.pixels import Array

__all__ = ["Plain", "before_plain"]


@dataclass(frozen=True, eq=False)
class Plain:
    """A cut (h, w) bool at the reduced size, the backdrop it was made by, and the reduced picture."""

    cut: Array
    backdrop: Backdrop
    small: Array

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
    return Plain(cut_backdrop(small, colours, backdrop), backdrop, small) if backdrop.plain else None
