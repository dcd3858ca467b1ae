"""
Feather, grow and shrink
========================

What the edits do to a mask, enlarged at the handle of the mug.
"""

from pathlib import Path

import maskkit as mk

scenes = Path("../../sample_files")
mask = mk.read_mask(scenes / "product.alpha.png")


def part(mask):
    return mask[220:420, 560:760].repeat(2, 0).repeat(2, 1)


# %%
# Above: the mask, grown by 6 pixels, shrunk by 6. Below: feathered by 4 to both sides, inside only, outside only.

edits = [
    mask,
    mk.grow(mask, 6),
    mk.shrink(mask, 6),
    mk.feather(mask, 4),
    mk.feather(mask, 4, edge="inside"),
    mk.feather(mask, 4, edge="outside"),
]
mk.write("mask_edits.png", mk.contact_sheet([part(edit) for edit in edits], 3, side=400))

# %%
# A threshold makes it hard, ``mk.trimap`` leaves an unknown band, ``mk.smooth`` rounds the contour.

more = [mk.threshold(mask), mk.trimap(mask, 10), mk.smooth(mask, 8)]
mk.write("hard_trimap_smooth.png", mk.contact_sheet([part(edit) for edit in more], 3, side=400))
