"""
Real photos, with no hint
=========================

What the default mask makes of four photos that come with scikit-image, and how far it can be trusted.
"""

from skimage import data

import maskkit as mk

# %%
# ``mk.cutout`` alone: the small network finds the subject, the photo's colours give the edge. Each over green, white
# and black, where a remainder of the old background would show.

photos = [data.chelsea(), data.astronaut(), data.coffee(), data.rocket()]
cutouts = [mk.cutout(photo) for photo in photos]
rows = [over for cutout in cutouts for over in (cutout.over("#00b140"), cutout.over("white"), cutout.over("black"))]
mk.write("real_photos.jpg", mk.contact_sheet(rows, 3, side=400), quality=90)

# %%
# The confidence says which of them need eyes: it is the chance that the mask is right.

for name, cutout in zip(("cat", "astronaut", "cup", "rocket"), cutouts, strict=True):
    print(f"{name}: {cutout.confidence:.2f}")

# %%
# Edges at 300%: fur and whiskers, hair, the rim of a saucer on wood of nearly its colour, a rocket at night.

corners = [(20, 290), (10, 120), (30, 130), (110, 210)]
parts = [
    cutout.over(colour).pixels[top : top + 100, left : left + 133].repeat(3, 0).repeat(3, 1)
    for cutout, (top, left) in zip(cutouts, corners, strict=True)
    for colour in ("#00b140", "white", "black")
]
mk.write("real_edges.jpg", mk.contact_sheet(parts, 3, side=399), quality=90)

# %%
# A subject that is hard all round needs no matting of hair: ``refine="edge"`` leaves no wood at the rim. And where the
# subject is another than the network thinks, a hint says so: the helmet belongs to the astronaut, the table does not.

cup = mk.cutout(data.coffee(), refine="edge")
astronaut = mk.cutout(data.astronaut(), box=(20, 20, 512, 512), drop=[(450, 310), (385, 265)])
mk.write("with_hints.jpg", mk.contact_sheet([cup.over("#00b140"), astronaut.over("#00b140")], 2, side=512), quality=90)
