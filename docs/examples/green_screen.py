"""
A green screen
==============

Chroma key: the screen is taken out, its colour unmixed from the edge, and its light on the subject suppressed.
"""

from pathlib import Path

import maskkit as mk

scenes = Path("../../sample_files")
green = mk.read(scenes / "greenscreen.png").pixels

keyed = mk.chroma_key(green)
lamps = mk.read(scenes / "hair.backdrop.png").pixels
shown = [green, keyed[..., 3], keyed, mk.composite(keyed, lamps, linear=True)]
mk.write("photo_alpha_cutout_composite.jpg", mk.contact_sheet(shown, 2, side=480))

# %%
# Without unmixing, the alpha alone keeps the green in every strand.

raw = mk.composite(mk.apply_mask(green, keyed[..., 3]), lamps, linear=True)
spots = [picture[40:280, 560:880].repeat(3, 0).repeat(3, 1) for picture in (raw, shown[3])]
mk.write("alpha_alone_and_unmixed.jpg", mk.contact_sheet(spots, 2, side=640), quality=92)
