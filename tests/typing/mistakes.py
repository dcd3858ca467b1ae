"""Mistakes that people make: mypy and pyright have to find each, and no other. Nobody calls this."""

import numpy as np
from numpy.typing import NDArray

import maskkit as mk


def mistakes(photo: NDArray[np.uint8], mask: NDArray[np.uint8], cut: mk.Cutout) -> None:
    mk.cutot(photo, mask)  # mistake: the verb's name
    mk.cutout(photo, mask, fether=3)  # mistake: a keyword of cutout
    mk.composite(photo, photo, mask, mode="mulitply")  # mistake: a blend mode
    cut.save("cutout.png", hidden="cleer")  # mistake: a word of hidden
    cut.over("white", shadw=True)  # mistake: a keyword of over
    mk.backdrop.shadow(photo, mask, offset=12)  # mistake: a number for a pair
