"""Where the subject stands on a canvas, and how large: margins, share, anchor; and presets of shops.

planning.py   where a picture goes, in numbers   placing.py   cutouts there   presets.py   what shops want
"""

from maskkit.placement.placing import LEVEL, place, place_each, placed, subject_box
from maskkit.placement.planning import ANCHORS, Margins, Placement, anchored, fitting, margins_of, plan
from maskkit.placement.presets import PRESETS, Preset

__all__ = [
    "ANCHORS",
    "LEVEL",
    "PRESETS",
    "Margins",
    "Placement",
    "Preset",
    "anchored",
    "fitting",
    "margins_of",
    "place",
    "place_each",
    "placed",
    "plan",
    "subject_box",
]
