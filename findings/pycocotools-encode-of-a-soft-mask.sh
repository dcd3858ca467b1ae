#!/usr/bin/env bash
# pycocotools 2.0.11: encode() of a grey mask starts a run at every change of value, so that a soft edge becomes stripes.
#
# 0 64 128 255 255 128 64 0 comes back as 0 1 0 1 1 0 1 0, without an error, and area() counts 4. Guess: what is not 0 is
# object (6 pixels), or an error for values above 1; a mask of 0 and 255 alone comes back right, which hides it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pycocotools==2.0.11 numpy==2.3.4 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import numpy as np
from pycocotools import mask

for row in ([0, 64, 128, 255, 255, 128, 64, 0], [0, 0, 255, 255, 255, 255, 0, 0]):
    code = mask.encode(np.asfortranarray([row], np.uint8))
    print(mask.decode(code)[0].tolist(), mask.area(code))")
echo "$seen"
[ "$seen" = "[0, 1, 0, 1, 1, 0, 1, 0] 4
[0, 0, 1, 1, 1, 1, 0, 0] 4" ]
