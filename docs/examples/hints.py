"""
A box and some points
=====================

A wooden figure on a desk in the colours of the desk, which is hard to find alone. A box and three points do.
"""

from pathlib import Path

import maskkit as mk

scenes = Path("../../sample_files")
photo = mk.read(scenes / "figure.png").pixels

# %%
# A ``Session`` keeps the hints. The box says where the subject is; the points are on books seen between the limbs.

session = mk.Session(photo)
steps = [session.box(308, 38, 622, 656).estimate]
for x, y in ((375, 340), (486, 515), (541, 318)):
    steps.append(session.drop(x, y).estimate)
mk.write("box_then_points.png", mk.contact_sheet([step.alpha for step in steps], 2, side=420))

# %%
# A step can be taken back with ``session.undo()``. The result over the photo out of focus:

figure = mk.cutout(photo, session.estimate.alpha, refine="edge")
mk.write("over_blur.jpg", mk.contact_sheet([photo, figure.over("blur:14")], 2, side=560))
