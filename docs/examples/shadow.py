"""
A shadow
========

A cutout over paper looks pasted on until it casts a shadow.
"""

from pathlib import Path

import maskkit as mk

scenes = Path("../../sample_files")
figure = mk.apply_mask(mk.read(scenes / "figure.foreground.png").pixels, mk.read_mask(scenes / "figure.alpha.png"))
paper = mk.backdrop.gradient(["#f3ece0", "#d8c7ac"], (960, 720), angle=180)

plain = mk.composite(figure, paper)
cast = mk.backdrop.shadow(paper, figure[..., 3], offset=(26, 20), radius=16, opacity=0.45)
mk.write("without_and_with_shadow.jpg", mk.contact_sheet([plain, mk.composite(figure, cast)], 2, side=600))

# %%
# A shadow is a picture of its own: it can have a colour, and be as near or as far as its offset and radius say.

near = mk.backdrop.shadow(paper, figure[..., 3], offset=(6, 6), radius=4, opacity=0.5)
far = mk.backdrop.shadow(paper, figure[..., 3], offset=(70, 50), radius=34, color="#402060", opacity=0.4)
mk.write("near_and_far.jpg", mk.contact_sheet([mk.composite(figure, one) for one in (near, far)], 2, side=600))
