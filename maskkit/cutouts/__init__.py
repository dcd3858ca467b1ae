"""A cutout: colour and alpha as one frozen record, and the verbs that make it from a photo."""

from maskkit.cutouts.finishing import encoding, finish, finished, layers_of, size_of
from maskkit.cutouts.record import HIDDEN, Cutout
from maskkit.cutouts.rehearsing import rehearse
from maskkit.cutouts.replaying import replay, tell_differences
from maskkit.cutouts.verb import cutout, estimate, fetch_mask

__all__ = [
    "HIDDEN",
    "Cutout",
    "cutout",
    "encoding",
    "estimate",
    "fetch_mask",
    "finish",
    "finished",
    "layers_of",
    "rehearse",
    "replay",
    "size_of",
    "tell_differences",
]
