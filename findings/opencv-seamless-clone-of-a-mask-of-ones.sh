#!/usr/bin/env bash
# opencv-python-headless 5.0.0.93, cv2.seamlessClone: a mask of 0 and 1 clones next to nothing.
#
# Nearly every mask of OpenCV means "where it is not 0". Here its grey level counts: a patch of (200, 0, 0) on grey 128
# comes out with a blue of 128 (nothing) for a mask of 0 and 1, 178 for 64, 228 for 128, and 255 from 200 on, where the
# result is cut at white. No error, no warning. Guess: the level does not matter, as in copyTo, calcHist, inpaint or
# minMaxLoc.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check opencv-python-headless==5.0.0.93 numpy==2.4.6 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import cv2
import numpy as np

patch = np.full((60, 60, 3), (0, 0, 200), np.uint8)
patch[20:40, 20:40] = (200, 0, 0)
scene = np.full((100, 100, 3), 128, np.uint8)
where = np.zeros((60, 60), np.uint8)
where[10:50, 10:50] = 1
for level in (1, 64, 128, 255):
    print(level, cv2.seamlessClone(patch, scene, where * level, (50, 50), cv2.NORMAL_CLONE)[50, 50, 0])")
echo "$seen"
[ "$seen" = "1 128
64 178
128 228
255 255" ]
