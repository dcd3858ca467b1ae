"""From a coarse mask to a matte: one algorithm a file, named after it."""

from maskkit.matting.from_trimap import METHODS
from maskkit.matting.guided import guided_filter
from maskkit.matting.select_and_mask import Mode, refine

__all__ = ["METHODS", "Mode", "guided_filter", "refine"]
