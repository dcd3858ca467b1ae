#!/usr/bin/env bash
# ITK 5.4.7 and SimpleITK 2.5.7, a picture with alpha read into one channel: grey is multiplied by alpha, and whether alpha
# is divided by its maximum afterwards depends on the type that was asked for.
#
# RGBA of grey 200 and alpha 128 is 100 as uint8 and 25600 as float; opaque, it is 200 as uint8 and 51000 as float. Grey
# with alpha divides whole numbers: every alpha below 255 gives 0 as uint8, so that a soft mask turns hard, and 25600 as
# float. itk.imread without a type takes uint8 there, and SimpleITK refuses the file. RGB gives 200 in both. Guess:
# luminance without alpha; who knows of the multiplication expects 100, or 200 where opaque, in every type.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check itk-io==5.4.7 SimpleITK==2.5.7 pillow==13.0.0 numpy==2.3.4 \
    2>/dev/null
cd "$folder"
seen=$("$folder/venv/bin/python" -c "
import itk
import SimpleITK
from PIL import Image

for mode in ('RGB', 'RGBA', 'LA'):
    for alpha in (255, 254, 128):
        Image.new('RGBA', (8, 8), (200, 200, 200, alpha)).convert(mode).save('picture.png')
        told = [float(itk.imread('picture.png', kind)[4, 4]) for kind in (itk.UC, itk.F)]
        if mode == 'LA':
            told.append(float(itk.imread('picture.png')[4, 4]))
        else:
            kinds = SimpleITK.sitkUInt8, SimpleITK.sitkFloat32
            told += [float(SimpleITK.ReadImage('picture.png', kind)[4, 4]) for kind in kinds]
        print(mode, alpha, *told)")
echo "$seen"
[ "$seen" = "RGB 255 200.0 200.0 200.0 200.0
RGB 254 200.0 200.0 200.0 200.0
RGB 128 200.0 200.0 200.0 200.0
RGBA 255 200.0 51000.0 200.0 51000.0
RGBA 254 199.0 50800.0 199.0 50800.0
RGBA 128 100.0 25600.0 100.0 25600.0
LA 255 200.0 51000.0 200.0
LA 254 0.0 50800.0 0.0
LA 128 0.0 25600.0 0.0" ]
