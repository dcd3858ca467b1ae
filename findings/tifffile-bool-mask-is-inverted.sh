#!/usr/bin/env bash
# tifffile 2026.3.3, imwrite("mask.tif", mask) of a bool array: readers that heed the file's tags show True as black.
#
# A bool array is stored as one bit a pixel, its bits as they are, and tagged WhiteIsZero: so True is 0 and False is 255 in
# Pillow, OpenCV and libvips, and the mask removes what it should keep. imageio 2.38.1 writes a bool array to .tif the same
# way, and to .png right. tifffile and imageio don't heed the tag and read True again, so their round trip hides it. As
# uint8, or with photometric="minisblack", True is white everywhere. Guess: True is white, or 1 of 255 and next to black.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check tifffile==2026.3.3 imageio==2.38.1 pillow==13.0.0 \
    opencv-python-headless==5.0.0.93 pyvips==3.2.0 pyvips-binary==8.18.7 numpy==2.3.4 2>/dev/null
cd "$folder"
seen=$("$folder/venv/bin/python" -c "
import cv2
import imageio.v3 as imageio
import numpy as np
import pyvips
import tifffile
from PIL import Image

mask = np.zeros((16, 16), bool)
mask[4:12, 4:12] = True
tifffile.imwrite('bool.tif', mask)
tifffile.imwrite('minisblack.tif', mask, photometric='minisblack')
tifffile.imwrite('uint8.tif', mask.astype(np.uint8) * 255)
imageio.imwrite('imageio.tif', mask)
imageio.imwrite('imageio.png', mask)
for name in ('bool.tif', 'minisblack.tif', 'uint8.tif', 'imageio.tif', 'imageio.png'):
    pillow = np.asarray(Image.open(name).convert('L'))
    opencv = cv2.imread(name, cv2.IMREAD_UNCHANGED)
    vips = pyvips.Image.new_from_file(name).numpy()
    print(name, *(int(one[8, 8]) for one in (pillow, opencv, vips)))
print(tifffile.imread('bool.tif')[8, 8], imageio.imread('bool.tif')[8, 8])")
echo "$seen"
[ "$seen" = "bool.tif 0 0 0
minisblack.tif 255 255 255
uint8.tif 255 255 255
imageio.tif 0 0 0
imageio.png 255 255 255
True True" ]
