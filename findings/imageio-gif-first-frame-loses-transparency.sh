#!/usr/bin/env bash
# imageio 2.38.1 (Pillow 13.0.0): the first frame of a transparent GIF is read as RGB, the others as RGBA.
#
# imread(index=0) gives (16, 16, 3), black where the GIF is transparent; index=1 gives (16, 16, 4). Reading all frames
# (index=None) of a file that imageio wrote itself fails, since shapes differ. Guess: RGBA for every frame.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check imageio==2.38.1 pillow==13.0.0 numpy==2.3.4 2>/dev/null
cd "$folder"
seen=$("$folder/venv/bin/python" -c "
import imageio.v3 as iio
import numpy as np

frames = np.zeros((2, 16, 16, 4), np.uint8)
frames[0, :, :4] = frames[1, :, 8:12] = (255, 0, 0, 255)
iio.imwrite('moving.gif', frames, duration=100)
print(*(iio.imread('moving.gif', index=k).shape for k in range(2)))
print(iio.imread('moving.gif', index=0)[0, 15].tolist())
try:
    print(iio.imread('moving.gif', index=None).shape)
except ValueError as error:
    print(error)")
echo "$seen"
[ "$seen" = "(16, 16, 3) (16, 16, 4)
[0, 0, 0]
all input arrays must have the same shape" ]
