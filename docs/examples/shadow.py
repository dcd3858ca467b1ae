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

# %%
# ``mk.effects.drop_shadow`` gives the backdrop with the mask's shadow on it. A shadow can have a colour, and is as near
# or as far as its offset and radius say. Below: none, a usual one, a near one, and a far one in violet.

alpha = figure[..., 3]
backdrops = [
    paper,
    mk.effects.drop_shadow(paper, alpha, offset=(26, 20), radius=16, opacity=0.45),
    mk.effects.drop_shadow(paper, alpha, offset=(6, 6), radius=4, opacity=0.5),
    mk.effects.drop_shadow(paper, alpha, offset=(70, 50), radius=34, color="#402060", opacity=0.4),
]
sheet = mk.contact_sheet([mk.composite(figure, backdrop) for backdrop in backdrops], 2, side=560)
mk.write("shadows.jpg", sheet)
