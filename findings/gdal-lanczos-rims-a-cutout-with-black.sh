#!/usr/bin/env bash
# rasterio 1.4.4 (GDAL in its wheel): reading an RGBA GeoTIFF at another size by lanczos puts black around a cutout.
#
# One plain colour (200, 100, 50), opaque in a disc and hidden green outside. Colour is weighed by alpha,
# so that bilinear, average and the smooth cubic spline give that colour alone. The negative lobes of lanczos, and a
# little of cubic, leave pixels with alpha, up to 19 of 255, and the colour (0, 0, 0): a ring of 576 of the 1724
# translucent pixels at twice the size; and of a straight edge brought to half its size, the edge itself is (0, 0, 0,
# 130), where cubic gives (200, 100, 50, 129). Guess: the hidden green bleeds in, or the colour is kept; not a colour
# that is nowhere in the file, nor from one filter only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check rasterio==1.4.4 numpy==2.3.4 2>/dev/null
seen=$("$folder/venv/bin/python" -W ignore -c "
import sys

import numpy as np
import rasterio
from rasterio.enums import Resampling


def stored(name, shape, inside):
    picture = np.zeros((4, *shape), np.uint8)
    picture[:, inside] = np.array((200, 100, 50, 255))[:, None]
    picture[:, ~inside] = np.array((0, 255, 0, 0))[:, None]
    form = {'driver': 'GTiff', 'height': shape[0], 'width': shape[1], 'count': 4, 'dtype': 'uint8'}
    with rasterio.open(name, 'w', **form, photometric='RGB', alpha='yes') as file:
        file.write(picture)
    return name


def resized(name, size, method):
    with rasterio.open(name) as file:
        return file.read(out_shape=(4, size, size), resampling=getattr(Resampling, method)).astype(int)


y, x = np.mgrid[:64, :64] - 31.5
disc = stored(sys.argv[1] + '/disc.tif', (64, 64), y**2 + x**2 < 24**2)
edge = stored(sys.argv[1] + '/edge.tif', (8, 8), np.mgrid[:8, :8][1] < 3)
for method in ('bilinear', 'average', 'cubic_spline', 'cubic', 'lanczos'):
    picture = resized(disc, 128, method)
    black = (picture[3] > 0) & (picture[:3].max(axis=0) == 0)
    soft = (picture[3] > 0) & (picture[3] < 255)
    print(method, black.sum(), soft.sum(), picture[3][black].max(initial=0), *resized(edge, 4, method)[:, 0, 1])" "$folder")
echo "$seen"
[ "$seen" = "bilinear 0 768 0 200 100 50 128
average 0 0 0 200 100 50 128
cubic_spline 0 1784 0 200 100 50 127
cubic 60 848 1 200 100 50 129
lanczos 576 1724 19 0 0 0 130" ]
