#!/usr/bin/env bash
# Pillow 13.0.0 (Python 3.11): a PSD's layer that has both alpha and a layer mask is left out of `PsdImageFile.layers`.
#
# Its list skips every layer of more than four channels, and the layer mask counts as one. So of four layers, written
# here by PhotoshopAPI 0.9.0, three are listed; one with a mask and no alpha has lost its name. Nothing is raised or
# warned. Guess: `layers` lists the layers of the file, masked ones among them, with their names.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pillow==13.0.0 photoshopapi==0.9.0 numpy==2.4.6 2>/dev/null
cd "$folder"
seen=$(venv/bin/python -c "
import numpy as np, photoshopapi as psd
from PIL import Image

file = psd.LayeredFile_8bit(psd.enum.ColorMode.rgb, 60, 50)
for name, channels, masked in (('rgb', 3, 0), ('rgb, mask', 3, 1), ('rgba', 4, 0), ('rgba, mask', 4, 1)):
    mask = {'layer_mask': np.full((20, 30), 200, np.uint8)} if masked else {}
    pixels = np.full((channels, 20, 30), 90, np.uint8)
    file.add_layer(psd.ImageLayer_8bit(pixels, name, width=30, height=20, pos_x=20, pos_y=15, **mask))
file.write('four.psd')
print([layer.name for layer in psd.LayeredFile.read('four.psd').flat_layers])
print([layer[0] for layer in Image.open('four.psd').layers])" | grep '^\[')
echo "$seen"
[ "$seen" = "['rgb', 'rgb, mask', 'rgba', 'rgba, mask']
['rgba', '', 'rgb']" ]
