#!/usr/bin/env bash
# opencv-python-headless 5.0.0.93, cv2.imwriteanimation("x.webp"): frames whose alpha is only 0 or 255 are saved opaque.
#
# A red square that moves on a transparent ground comes back as mode RGB, red on black; with one pixel of alpha 254 in it,
# all transparency is kept. Lossless (quality 101) does the same where the hidden colour is black, and keeps alpha where
# it's white. PNG and GIF by the same call, and imwrite of one frame as WebP, keep it. Guess: alpha is kept whatever its
# values: stickers and cutouts without soft edges are just the ones that animated WebP is used for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check opencv-python-headless==5.0.0.93 pillow==13.0.0 \
    numpy==2.4.6 2>/dev/null
cd "$folder"
seen=$(venv/bin/python -c "
import cv2
import numpy as np
from PIL import Image


def frame(left, hidden, softest):
    picture = np.full((32, 32, 4), (hidden, hidden, hidden, 0), np.uint8)
    picture[8:24, left : left + 16] = (0, 0, 255, 255)
    picture[8, left, 3] = softest
    return picture


def told(kind, hidden=0, softest=255, quality=80):
    moving = cv2.Animation()
    moving.frames = [frame(left, hidden, softest) for left in (0, 16)]
    moving.durations = [100, 100]
    cv2.imwriteanimation(f'x.{kind}', moving, [cv2.IMWRITE_WEBP_QUALITY, quality])
    file = Image.open(f'x.{kind}')
    file.seek(1)
    print(kind, hidden, softest, quality, [file.convert('RGBA').getpixel((x, 16))[3] for x in (4, 20)])


told('png')
told('gif')
told('webp')
told('webp', softest=254)
told('webp', quality=101)
told('webp', quality=101, hidden=255)
cv2.imwrite('still.webp', frame(16, 0, 255))
print('still', [Image.open('still.webp').convert('RGBA').getpixel((x, 16))[3] for x in (4, 20)])")
echo "$seen"
[ "$seen" = "png 0 255 80 [0, 255]
gif 0 255 80 [0, 255]
webp 0 255 80 [255, 255]
webp 0 254 80 [0, 255]
webp 0 255 101 [255, 255]
webp 255 255 101 [0, 255]
still [0, 255]" ]
