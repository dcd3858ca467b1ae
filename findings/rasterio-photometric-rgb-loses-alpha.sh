#!/usr/bin/env bash
# rasterio 1.4.4, four bands of uint8 as GeoTIFF: photometric="RGB", which says what is so anyway, takes alpha away.
#
# Without the word the fourth band is alpha, straight, for rasterio, tifffile and Pillow 13.0.0. With it, and nothing
# else changed, the fourth band is an undefined sample: Pillow opens RGB and shows the hidden colour, and rasterio's
# dataset_mask() says that all is valid. alpha="yes" has to be added to get it back. Guess: the same file.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check rasterio==1.4.4 pillow==13.0.0 numpy==2.4.6 2>/dev/null
seen=$(venv/bin/python -W ignore -c "
import numpy as np
import rasterio
from PIL import Image

bands = np.empty((4, 32, 32), np.uint8)
bands[:] = np.reshape((0, 255, 0, 0), (4, 1, 1))
for words in ({}, {'photometric': 'RGB'}, {'photometric': 'RGB', 'alpha': 'yes'}):
    with rasterio.open('x.tif', 'w', driver='GTiff', width=32, height=32, count=4, dtype='uint8', **words) as file:
        file.write(bands)
    with rasterio.open('x.tif') as file:
        read = file.colorinterp[3].name, int(file.dataset_mask()[5, 5])
    picture = Image.open('x.tif')
    print(*words, *read, picture.mode, picture.getpixel((5, 5)))")
echo "$seen"
[ "$seen" = "alpha 0 RGBA (0, 255, 0, 0)
photometric undefined 255 RGB (0, 255, 0)
photometric alpha alpha 0 RGBA (0, 255, 0, 0)" ]
