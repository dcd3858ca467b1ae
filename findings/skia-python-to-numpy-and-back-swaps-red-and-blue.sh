#!/usr/bin/env bash
# skia-python 144.1: a picture that goes to NumPy and back by the defaults has red and blue swapped.
#
# Image.open decodes to BGRA on x86-64, ImageInfo.MakeN32Premul names that N32, and toarray() gives the samples as they
# lie. fromarray() takes kN32_ColorType by default, and that constant is RGBA. An array of Pillow's goes in and out
# right, so the fault shows only with pictures that skia has opened or drawn; 138.0 does the same. Guess: N32 is one
# order throughout, as in Skia, so that fromarray(picture.toarray()) is the same picture.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check skia-python==144.1 pillow==13.0.0 numpy==2.4.6 2>/dev/null
cd "$folder"
seen=$(venv/bin/python -c "
import numpy as np
import skia
from PIL import Image

Image.new('RGBA', (4, 4), (200, 100, 50, 255)).save('x.png')
opened = skia.Image.open('x.png')
skia.Image.fromarray(opened.toarray()).save('back.png')
print(Image.open('x.png').getpixel((0, 0)), Image.open('back.png').getpixel((0, 0)))
print(skia.kN32_ColorType.name, skia.ImageInfo.MakeN32Premul(4, 4).colorType().name, opened.colorType().name)
print(skia.Image.fromarray(np.asarray(Image.open('x.png'))).toarray()[0, 0])")
echo "$seen"
[ "$seen" = "(200, 100, 50, 255) (50, 100, 200, 255)
kRGBA_8888_ColorType kBGRA_8888_ColorType kBGRA_8888_ColorType
[200 100  50 255]" ]
