"""Effects against what they may cost: `python -m tests.benchmarks.effects`.

12 megapixels, uint8, the hairy mask of the other benchmarks, two threads. Each table has the call that an
effect is held to first: a drop shadow to 2.5 composites, an outline of 40 pixels to one dilation by OpenCV
with an ellipse of 17, a lens blur of radius 40 to half of `cv2.filter2D` with the same disc, a tint match to
1.5 of OpenCV's way to 8-bit L*a*b* and back.
"""

import cv2
import numpy as np

import maskkit as mk
from maskkit import effects
from maskkit.effects.bokeh import disc
from maskkit.effects.stroke import widened
from tests.benchmarks.harness import alternate, inputs, table

MEGAPIXELS = 12


def main():
    photo, backdrop, mask = inputs(MEGAPIXELS)
    cut, out = np.dstack([photo, mask]), np.empty_like(backdrop)
    kernel, ellipse = disc(40), cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (17, 17))

    def to_lab_and_back():
        return cv2.cvtColor(cv2.cvtColor(photo, cv2.COLOR_RGB2Lab), cv2.COLOR_Lab2RGB)

    held = {
        "composite": (
            lambda: mk.composite(photo, backdrop, mask, out=out),
            {
                "drop_shadow": lambda: effects.drop_shadow(backdrop, mask, radius=40, out=out),
                "contact_shadow": lambda: effects.contact_shadow(backdrop, mask, out=out),
                "cast_shadow": lambda: effects.cast_shadow(backdrop, mask, out=out),
                "glow": lambda: effects.glow(backdrop, mask, radius=40, out=out),
                "reflection": lambda: effects.reflection(backdrop, cut, out=out),
            },
        ),
        "cv2.dilate, ellipse of 17": (
            lambda: cv2.dilate(mask, ellipse),
            {
                "outline of 40": lambda: effects.outline(cut, 40),
                "its band alone": lambda: widened(mask, 40),
            },
        ),
        "cv2.filter2D, disc of 40": (
            lambda: cv2.filter2D(photo, -1, kernel, borderType=cv2.BORDER_REPLICATE),
            {
                "lens_blur of 40": lambda: effects.lens_blur(photo, 40, out=out),
                "without the subject": lambda: effects.lens_blur(photo, 40, mask, out=out),
            },
        ),
        "OpenCV to Lab and back": (
            to_lab_and_back,
            {"tint_match": lambda: effects.tint_match(cut, backdrop)},
        ),
    }
    for name, (rival, calls) in held.items():
        times = alternate({name: rival, **calls}, rounds=5, seconds=30)
        print(table(times, base=name, megapixels=MEGAPIXELS), "\n")


if __name__ == "__main__":
    main()
