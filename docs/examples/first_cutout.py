"""
A first cutout
==============

From a photo to the subject alone, and over other backgrounds.
"""

from pathlib import Path

import maskkit as mk

scenes = Path("../../sample_files")

# %%
# ``mk.cutout`` estimates the subject's mask, fits it to the photo's edge, and makes it the alpha.

mug = mk.cutout(scenes / "product.jpg", source="classical")
print(mug, f"confidence {mug.confidence:.2f}")
mk.write("photo_mask_cutout.jpg", mk.contact_sheet([mk.read(scenes / "product.jpg"), mug.alpha, mug], 3, side=420))

# %%
# ``over`` puts it over a colour, a gradient, the photo itself out of focus, or a picture.

backdrops = ["#e8e0d0", "linear:#89f;white", "blur:14", scenes / "mesh.backdrop.png"]
# sphinx_gallery_thumbnail_number = 2
mk.write("over_backdrops.jpg", mk.contact_sheet([mug.over(backdrop) for backdrop in backdrops], 2, side=480))

# %%
# The same on the command line: ``maskkit cutout product.jpg -o mug.png`` and
# ``maskkit composite product.jpg -b 'linear:#89f;white' -o sky.png``.
