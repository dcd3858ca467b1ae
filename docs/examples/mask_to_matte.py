"""
From a mask to a matte
======================

What ``mk.refine`` makes of a hard mask that has lost the hair, over a new background.
"""

from pathlib import Path

import maskkit as mk

scenes = Path("../../sample_files")

# %%
# The mask of a network that sees few pixels: its contour is smooth, and the hair is gone.

photo = mk.read(scenes / "hair.png").pixels
alpha = mk.read_mask(scenes / "hair.alpha.png")
mask = mk.threshold(mk.feather(alpha, 6))

# %%
# ``"edge"`` finds the picture's own edge, ``"hair"`` what grows out of it as well.

mattes = [mk.refine(photo, mask, mode) for mode in ("edge", "hair")]
mk.write("photo_mask_edge_hair.jpg", mk.contact_sheet([photo, mask, *mattes], 4, side=360), quality=92)

# %%
# Each over a cool blue, a part enlarged: the mask cuts, the mattes follow the strands.

blue = mk.backdrop.solid("#2f6f9f", (960, 720))
cutouts = [mk.apply_mask(mk.decontaminate(photo, shape), shape) for shape in (mask, *mattes)]
parts = [mk.composite(cutout, blue)[60:300, 240:560].repeat(3, 0).repeat(3, 1) for cutout in cutouts]
# sphinx_gallery_thumbnail_number = 2
mk.write("mask_edge_hair_enlarged.jpg", mk.contact_sheet(parts, 3, side=480), quality=92)
