#!/usr/bin/env bash
# imageio 2.38.1 (Pillow 13.0.0): a PNG with a palette and transparency, as optimisers write it, is read as RGB.
#
# imread says (16, 16, 3), and the colour under alpha 0 is shown. OpenCV 5.0.0.93 and matplotlib 3.11.2 give
# four channels; the same picture as an RGBA PNG has four in imageio too. mode="RGBA" helps. Guess: RGBA, since the
# plugin says that it applies the palette, and tRNS is a part of that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check imageio==2.38.1 pillow==13.0.0 matplotlib==3.11.2 \
    opencv-python-headless==5.0.0.93 numpy==2.4.6 2>/dev/null
cd "$folder"
seen=$(venv/bin/python -W ignore -c "
import cv2
import imageio.v3 as iio
import matplotlib.image
from PIL import Image

few = Image.new('P', (16, 16))
few.putpalette([0, 255, 0, 200, 100, 50])
few.paste(1, (4, 4, 12, 12))
few.save('few.png', transparency=bytes([0, 128]))
Image.open('few.png').convert('RGBA').save('many.png')
for name in 'few.png', 'many.png':
    shapes = iio.imread(name).shape, matplotlib.image.imread(name).shape, cv2.imread(name, cv2.IMREAD_UNCHANGED).shape
    print(name, *shapes, iio.imread(name)[0, 0], iio.imread(name, mode='RGBA')[0, 0])")
echo "$seen"
[ "$seen" = "few.png (16, 16, 3) (16, 16, 4) (16, 16, 4) [  0 255   0] [  0 255   0   0]
many.png (16, 16, 4) (16, 16, 4) (16, 16, 4) [  0 255   0   0] [  0 255   0   0]" ]
