"""
All blend modes
===============

One subject over one background in every mode: W3C's sixteen, and eight of Photoshop's.
"""

from pathlib import Path

import numpy as np

import maskkit as mk

scenes = Path("../../sample_files")
part = np.s_[170:530, 300:780]
ball = mk.apply_mask(mk.read(scenes / "motion.foreground.png").pixels, mk.read_mask(scenes / "motion.alpha.png"))[part]
park = mk.read(scenes / "mesh.backdrop.png").pixels[part]

# %%
# The sheet goes by rows, in this order:

for start in range(0, len(mk.BLEND_MODES), 5):
    print(", ".join(list(mk.BLEND_MODES)[start : start + 5]))

tiles = [mk.composite(ball, park, mode=mode) for mode in mk.BLEND_MODES]
mk.write("blend_modes.jpg", mk.contact_sheet(tiles, 5, side=260))

# %%
# Two ramps across each other show a formula better than a photo: from black to white, the picture on top to the right
# and the backdrop downwards. From the left: ``multiply``, ``soft-light``, ``hard-mix``.

across = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 256, axis=0).repeat(3, axis=2)
down = np.ascontiguousarray(across.transpose(1, 0, 2))
ramps = [mk.composite(across, down, mode=mode) for mode in ("multiply", "soft-light", "hard-mix")]
mk.write("ramps.png", mk.contact_sheet(ramps, 3, side=256))
