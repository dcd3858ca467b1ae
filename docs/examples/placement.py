"""
Placement for shops
===================

The subject's box takes a share of the canvas, within margins, wherever it is anchored.
"""

from pathlib import Path

import maskkit as mk

scenes = Path("../../sample_files")
mug = mk.cutout(scenes / "product.png", scenes / "product.alpha.png")

# %%
# 85% of a square, 60% standing on the lower margin, a corner, and a portrait that is filled within wide margins.

asked = [
    ((800, 800), {"fill": 0.85}),
    ((800, 800), {"fill": 0.6, "margin": "8%", "position": "bottom"}),
    ((800, 800), {"fill": 0.4, "margin": 40, "position": "top left"}),
    ((800, 800), {"margin": "20% 25%"}),
]
placed = [mk.placement.place(mug, size, **how) for size, how in asked]
for _, where in placed:
    print(f"scale {where.scale:.2f}, picture at {where.offset}, box {where.box}")
sheet = mk.contact_sheet([mk.cutout(pixels).over("#e3e8ee", shadow="contact") for pixels, _ in placed], 4, side=360)
mk.write("placed.jpg", sheet)
