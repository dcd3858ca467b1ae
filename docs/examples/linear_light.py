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
# A red disc with a wide soft edge over green.

y, x = np.mgrid[:720, :960]
soft = np.clip((330 - np.hypot(x - 480, y - 360)) / 200, 0, 1)
red, green = (mk.backdrop.solid(color, (960, 720)) for color in ("#e01010", "#10c020"))

# %%
# And a ball in motion over a bright sky.

alpha = mk.read_mask(scenes / "motion.alpha.png")
ball = mk.read(scenes / "motion.foreground.png").pixels
sky = mk.backdrop.gradient(["#9fd0ff", "#ffffff"], (960, 720))

# %%
# Mixed as sRGB values (left) there are dark seams that no light would make. In linear light (right) there are none.

pairs = [(red, green, soft), (ball, sky, alpha)]
mixed = [mk.composite(*pair, linear=linear) for pair in pairs for linear in (False, True)]
mk.write("srgb_values_and_linear_light.jpg", mk.contact_sheet(mixed, 2, side=560))
