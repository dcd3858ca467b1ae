"""
Hair without a halo
===================

The edge of hair before and after decontamination, enlarged.
"""

from pathlib import Path

import maskkit as mk

scenes = Path("../../sample_files")

# %%
# The scene is rendered, so its alpha is known exactly. Even with a perfect alpha, the soft pixels hold the lamps of the
# old background.

photo = mk.read(scenes / "hair.png").pixels
alpha = mk.read_mask(scenes / "hair.alpha.png")
before = mk.apply_mask(photo, alpha)

# %%
# ``mk.decontaminate`` estimates the hair's own colour there. ``linear=True``: in this scene light was mixed.

after = mk.apply_mask(mk.decontaminate(photo, alpha, linear=True), alpha)

# %%
# Both over a cool blue, in linear light; below, a part of each enlarged. The warm rim is gone.

blue = mk.backdrop.solid("#2f6f9f", (960, 720))
both = [mk.composite(cutout, blue, linear=True) for cutout in (before, after)]
parts = [picture[60:300, 240:560].repeat(3, 0).repeat(3, 1) for picture in both]
mk.write("before_and_after.jpg", mk.contact_sheet(both + parts, 2, side=640), quality=92)

# %%
# ``mk.inspect`` measures the share of the old background in the edge.

for name, cutout in (("before", before), ("after", after)):
    print(f"{name}: {mk.inspect(cutout, photo)['fringe'].value:.2f}")
