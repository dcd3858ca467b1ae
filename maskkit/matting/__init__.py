"""From a coarse mask to a matte: one algorithm a file, named after it."""

from maskkit.matting.guided_filter import guided_filter

__all__ = ["guided_filter"]
