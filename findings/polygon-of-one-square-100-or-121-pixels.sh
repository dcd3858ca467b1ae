#!/usr/bin/env bash
# One polygon, a square from 4 to 14, as a mask: 100 pixels in pycocotools 2.0.11, 121 in OpenCV 5.0.0.93 (fillPoly),
# Pillow 13.0.0 (ImageDraw.polygon) and scikit-image 0.26.0 (polygon2mask).
#
# pycocotools takes corners as places between pixels, the other three as pixels that belong to the square. Moved by half a
# pixel, pycocotools' mask goes on by one. Guess: 100 or 121 in all, or 110 where one side is left out; so an annotation
# that went through COCO is half a pixel thinner all round than the same one drawn by what trains on it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pycocotools==2.0.11 opencv-python-headless==5.0.0.93 \
    pillow==13.0.0 scikit-image==0.26.0 numpy==2.3.4 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import cv2
import numpy as np
from PIL import Image, ImageDraw
from pycocotools import mask
from skimage.draw import polygon2mask

corners = [4, 4, 14, 4, 14, 14, 4, 14]
points = np.array(corners).reshape(-1, 2)
coco = mask.decode(mask.frPyObjects([corners], 20, 20))[..., 0]
opencv = cv2.fillPoly(np.zeros((20, 20), np.uint8), [points], 1)
pillow = Image.new('L', (20, 20))
ImageDraw.Draw(pillow).polygon(corners, fill=1)
skimage = polygon2mask((20, 20), points[:, ::-1])
print(*(int(np.asarray(one).sum()) for one in (coco, opencv, pillow, skimage)))")
echo "$seen"
[ "$seen" = "100 121 121 121" ]
