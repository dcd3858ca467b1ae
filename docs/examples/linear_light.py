"""
Linear light and sRGB values
============================

The same two pictures mixed as sRGB values, as browsers do, and as light, as a lens does.
"""

from pathlib import Path

import numpy as np

import maskkit as mk

scenes = Path("../../sample_files")

# %%
# A red disc with a wide soft edge over green. Mixed as sRGB values (left) there is a dark seam that no light would
# make; in linear light (right) there is none.

y, x = np.mgrid[:360, :360]
soft = np.clip((150 - np.hypot(x - 180, y - 180)) / 90, 0, 1)
red, green = (mk.backdrop.solid(color, (360, 360)) for color in ("#e01010", "#10c020"))
mixed = [mk.composite(red, green, soft, linear=linear) for linear in (False, True)]
mk.write("soft_disc.png", mk.contact_sheet(mixed, 2, side=360))

# %%
# The same with a ball in motion over a bright sky: the blur is too dark on the left.

ball = mk.apply_mask(mk.read(scenes / "motion.foreground.png").pixels, mk.read_mask(scenes / "motion.alpha.png"))
sky = mk.backdrop.gradient(["#9fd0ff", "#ffffff"], (960, 720))
pair = [mk.composite(ball, sky, linear=linear) for linear in (False, True)]
mk.write("ball_in_motion.jpg", mk.contact_sheet(pair, 2, side=560))
