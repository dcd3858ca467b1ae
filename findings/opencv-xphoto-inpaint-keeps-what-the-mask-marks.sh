#!/usr/bin/env bash
# opencv-contrib-python-headless 5.0.0.93: the mask of cv2.xphoto.inpaint has the opposite sense of cv2.inpaint's.
#
# A black square on a plain picture, marked by 255 in the mask, is repaired by cv2.inpaint. xphoto.inpaint takes what is
# not 0 as good and fills the rest of the picture from it: the hole stays, and everything around it turns black as well.
# With the mask inverted it's right. Guess: one sense within one library, since both take a picture and "mask", of which
# the one says "non-zero pixels indicate the area that needs to be inpainted".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check opencv-contrib-python-headless==5.0.0.93 numpy==2.3.4 \
    2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import cv2
import numpy as np

photo = np.full((64, 64, 3), (50, 100, 200), np.uint8)
photo[28:36, 28:36] = 0
hole = np.zeros((64, 64), np.uint8)
hole[28:36, 28:36] = 255
near = lambda picture: [bool(abs(picture[at].astype(int) - (50, 100, 200)).max() <= 2) for at in ((32, 32), (4, 4))]
print('inpaint', *near(cv2.inpaint(photo, hole, 3, cv2.INPAINT_TELEA)))
for name, mask in (('hole', hole), ('inverted', 255 - hole)):
    repaired = np.zeros_like(photo)
    cv2.xphoto.inpaint(photo, mask, repaired, cv2.xphoto.INPAINT_SHIFTMAP)
    print('xphoto', name, *near(repaired))")
echo "$seen"
[ "$seen" = "inpaint True True
xphoto hole False False
xphoto inverted True True" ]
