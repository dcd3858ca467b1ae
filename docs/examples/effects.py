"""
Effects
=======

Shadows, a line, a glow, a mirror on the ground, a backdrop out of focus: what makes a cutout belong, or stand out.
"""

from pathlib import Path

import maskkit as mk

scenes = Path("../../sample_files")
photo = mk.cutout(scenes / "product.png", scenes / "product.alpha.png")
mug = photo.place((960, 720), (0.5, 0.45), 0.55)

# %%
# Four shadows: a drop shadow; a contact shadow where it stands; the silhouette cast on the ground, with a contact
# shadow; and the one that the photo has itself.

shadows = [
    mug.over("#e9e0d2", shadow="drop,radius=16,y=20"),
    mug.over("#e9e0d2", shadow="contact"),
    mug.over("#e9e0d2", shadow="contact;cast,direction=50,length=0.7"),
    photo.over("#bcd4c4", shadow="own"),
]
mk.write("shadows.jpg", mk.contact_sheet(shadows, 2, side=560))

# %%
# A line outside the edge, on it and inside it; a glow; a reflection. Joins are round, as stickers have them.

lines = [
    mug.over("#6d7280", outline=16),
    mug.over("#e9e0d2", outline="10,color=#28f,where=center"),
    mug.over("#222233", glow="18,color=#8cf"),
    mug.over("linear:#fff;#cdd3da", reflection=0.4),
]
mk.write("lines.jpg", mk.contact_sheet(lines, 2, side=560))

# %%
# The photo, its backdrop through a lens (points become discs), the figure in other surroundings, and there with their
# tint and light.

figure = mk.cutout(scenes / "figure.png", scenes / "figure.alpha.png")
evening = mk.read(scenes / "hair.backdrop.png")
places = [
    mk.read(scenes / "figure.png"),
    figure.over("lens:16"),
    figure.over(evening),
    figure.over(evening, tint_match=0.3, light_wrap=0.6, lens_blur=8),
]
mk.write("places.jpg", mk.contact_sheet(places, 2, side=560))
