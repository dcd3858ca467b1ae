"""A cutout: colour and alpha as one frozen record, and the verb that makes it from a photo."""

from maskkit.cutouts.record import HIDDEN, Cutout
from maskkit.cutouts.verb import cutout

__all__ = ["HIDDEN", "Cutout", "cutout"]
