#!/usr/bin/env bash
# ome-zarr 0.18.0: the smaller levels of a mask written by write_labels() lie up and left of the picture's own.
#
# A disc centred on 32 of 64 pixels, as picture and as label. At every level of the picture the disc's middle, in
# pixels of the full size, is 32. Labels take the first pixel of each block, so theirs is 31.58, 30.99, 28: four
# pixels off at an eighth. The stored translation (0.5, 1.5, 3.5: the middle of a block) is the same for both, which
# is true of the picture alone; a viewer that obeys the file draws the mask beside its subject. Guess: both shrink
# around the same centres, as written into the file.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check ome-zarr==0.18.0 dask==2026.8.0 2>/dev/null
seen=$("$folder/venv/bin/python" -W ignore -c "
import sys

import numpy as np
import zarr
from ome_zarr.writer import write_image, write_labels

y, x = np.mgrid[:64, :64] - 31.5
disc = np.where(y**2 + x**2 < 20**2, 255, 0).astype(np.uint8)
group = zarr.open_group(sys.argv[1], mode='w')
write_image(disc, group, axes='yx')
write_labels(disc, group, 'mask', axes='yx')


def middle(level):
    block = 64 // level.shape[0]
    return [round(float(places.mean() + 0.5) * block, 2) for places in np.nonzero(level[:] >= 128)]


def shift(at, name):
    levels = at.attrs['ome']['multiscales'][0]['datasets']
    return [level['coordinateTransformations'][1]['translation'][0] for level in levels if level['path'] == name][0]


for name in ('s0', 's1', 's2', 's3'):
    mask = group['labels/mask']
    print(name, *middle(group[name]), shift(group, name), *middle(mask[name]), shift(mask, name))" "$folder/picture.zarr" \
    2>/dev/null)
echo "$seen"
[ "$seen" = "s0 32.0 32.0 0.0 32.0 32.0 0.0
s1 32.0 32.0 0.5 31.58 31.58 0.5
s2 32.0 32.0 1.5 30.99 30.99 1.5
s3 32.0 32.0 3.5 28.0 28.0 3.5" ]
