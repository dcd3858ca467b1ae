#!/usr/bin/env bash
# mahotas 1.4.19: dilate() of a grey mask makes it one level brighter, erode() one darker; 255 turns into 254.
#
# The default structuring element is a cross of ones, and in grey it is not where to look but how much to add: 128 is 129
# after one dilation and 133 after five, and a mask of 0 and 255 is 0 and 254 after one erosion, 250 after five. scipy's
# dilation and erosion by the same cross keep the levels. Guess: the largest (smallest) value around each pixel, which
# the middle of a mask has already.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check mahotas==1.4.19 scipy==1.17.1 numpy==2.3.4 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import mahotas
import numpy as np
from scipy import ndimage

cross = ndimage.generate_binary_structure(2, 1)


def repeated(function, level, times):
    mask = np.zeros((32, 32), np.uint8)
    mask[8:24, 8:24] = level
    for _ in range(times):
        mask = function(mask)
    return mask[16, 16]


for times in (1, 5):
    print('dilate', *(repeated(mahotas.dilate, level, times) for level in (128, 255)))
    print('erode', *(repeated(mahotas.erode, level, times) for level in (128, 255)))
print('scipy', repeated(lambda mask: ndimage.grey_dilation(mask, footprint=cross), 128, 5),
      repeated(lambda mask: ndimage.grey_erosion(mask, footprint=cross), 255, 5))")
echo "$seen"
[ "$seen" = "dilate 129 255
erode 127 254
dilate 133 255
erode 123 250
scipy 128 255" ]
