#!/usr/bin/env bash
# pilgram2 2.0.10 (and pilgram 2.0.0; Pillow 13.0.0), the CSS filters of pilgram2.css on RGBA: four of six make a
# cutout opaque.
#
# hue_rotate, saturate, sepia and grayscale give mode RGBA with alpha 255, so that the hidden colour is seen;
# brightness(1.2) multiplies alpha too, 128 to 154; contrast keeps it. The Instagram filters return RGB. CSS's filters
# of these names leave alpha. Guess: alpha as it was, in all of them, or an error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pilgram2==2.0.10 pillow==13.0.0 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
from PIL import Image
from pilgram2 import clarendon, css

amounts = {'hue_rotate': 90, 'saturate': 2, 'sepia': 1, 'grayscale': 1, 'brightness': 1.2, 'contrast': 1.5}
for name, amount in amounts.items():
    alphas = [getattr(css, name)(Image.new('RGBA', (8, 8), (0, 255, 0, alpha)), amount).getpixel((4, 4))[3]
              for alpha in (0, 128, 255)]
    print(name, *alphas)
print('clarendon', clarendon(Image.new('RGBA', (8, 8), (0, 255, 0, 0))).mode)")
echo "$seen"
[ "$seen" = "hue_rotate 255 255 255
saturate 255 255 255
sepia 255 255 255
grayscale 255 255 255
brightness 0 154 255
contrast 0 128 255
clarendon RGB" ]
