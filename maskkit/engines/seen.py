"""What a cut needs to know of a picture, made once for all the cuts that follow."""

from __future__ import annotations

from typing import NamedTuple

from maskkit.engines.colour_odds import colour_cells
from maskkit.engines.min_cut import main_colours
from maskkit.engines.reduced import lab
from maskkit.pixels import Array

__all__ = ["Seen", "seen"]


class Seen(NamedTuple):
    """A reduced picture: 8-bit RGB, L*a*b*, its colours' cells, and two channels that show its edges."""

    rgb: Array
    lab: Array
    cells: Array
    edges: Array


def seen(rgb: Array) -> Seen:
    """What `min_cut`, `geodesic` and `colour_odds` look at of (H, W, 3) uint8."""
    colours = lab(rgb)
    return Seen(rgb, colours, colour_cells(colours), main_colours(colours))
