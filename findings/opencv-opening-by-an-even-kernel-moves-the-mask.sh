#!/usr/bin/env bash
# opencv-python-headless 5.0.0.93: opening and closing of a mask by a kernel of an even size move it by a pixel.
#
# A square at 8 to 23 lies at 9 to 24 after cv2.morphologyEx(MORPH_OPEN) with 2x2 or 4x4 ones, and so after
# MORPH_CLOSE; five closings of both sizes in a row move it by five pixels. erode and dilate use the kernel with the
# same anchor, not the mirrored one, so that what one shifts the other shifts again. scipy 1.17.1 and scikit-image
# 0.26.0 leave the square where it is. Guess: a square larger than the kernel stays as it is; an opening lies inside
# the mask by definition.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check opencv-python-headless==5.0.0.93 scipy==1.17.1 \
    scikit-image==0.26.0 numpy==2.4.6 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import cv2
import numpy as np
from scipy import ndimage
from skimage import morphology

square = np.zeros((48, 48), np.uint8)
square[8:24, 8:24] = 255


def told(mask):
    rows = np.flatnonzero(mask.any(1))
    return f'{rows[0]}-{rows[-1]}'


for size in (2, 3, 4):
    ones = np.ones((size, size), np.uint8)
    opened = cv2.morphologyEx(square, cv2.MORPH_OPEN, ones)
    closed = cv2.morphologyEx(square, cv2.MORPH_CLOSE, ones)
    five = square
    for _ in range(5):
        five = cv2.morphologyEx(five, cv2.MORPH_CLOSE, ones)
    others = [ndimage.grey_opening(square, footprint=ones), ndimage.grey_closing(square, footprint=ones),
              morphology.opening(square, ones), morphology.closing(square, ones)]
    print(size, 'OpenCV', told(opened), told(closed), told(five), 'others', *map(told, others))")
echo "$seen"
[ "$seen" = "2 OpenCV 9-24 9-24 13-28 others 8-23 8-23 8-23 8-23
3 OpenCV 8-23 8-23 8-23 others 8-23 8-23 8-23 8-23
4 OpenCV 9-24 9-24 13-28 others 8-23 8-23 8-23 8-23" ]
