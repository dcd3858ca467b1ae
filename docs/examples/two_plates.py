"""
Glass from two plates
=====================

One carafe before a green and a blue background: its alpha and colour follow exactly, reflections included.
"""

from pathlib import Path

import maskkit as mk

scenes = Path("../../sample_files")
names = ("glass_green.png", "glass_blue.png", "glass_green.backdrop.png", "glass_blue.backdrop.png")
photos = [mk.read(scenes / name).pixels for name in names]

alpha, colour = mk.two_plate(*photos, linear=True)
carafe = mk.apply_mask(colour, alpha)
mk.write("two_photos_and_alpha.jpg", mk.contact_sheet([*photos[:2], alpha], 3, side=420))

# %%
# Over a park, in linear light, since that is how the photos mixed. What is behind shows through the glass.

# sphinx_gallery_thumbnail_number = 2
park = mk.read(scenes / "mesh.backdrop.png").pixels
mk.write("over_a_park.jpg", mk.composite(carafe, park, linear=True))
