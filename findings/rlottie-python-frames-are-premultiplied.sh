#!/usr/bin/env bash
# rlottie-python 1.3.8 (Pillow 13.0.0): a Lottie animation's frames as Pillow pictures, and the PNG, APNG and WebP files
# that are saved of them, hold colour multiplied by alpha, and say RGBA.
#
# A solid of (200, 100, 50) at 50% opacity comes out as (99, 49, 24, 127), so each soft edge and fade has a dark rim on
# anything but black. Guess: (200, 100, 50, 127), since mode RGBA of Pillow, PNG and WebP are all straight.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check rlottie-python==1.3.8 pillow==13.0.0 2>/dev/null
cd "$folder"
seen=$(venv/bin/python -c "
import json

from PIL import Image
from rlottie_python import LottieAnimation

still = {key: {'a': 0, 'k': value} for key, value in dict(o=50, r=0, p=[8, 8, 0], a=[8, 8, 0], s=[100, 100, 100]).items()}
layer = {'ty': 1, 'sc': '#c86432', 'sw': 16, 'sh': 16, 'ip': 0, 'op': 2, 'st': 0, 'ks': still}
file = {'v': '5.5.7', 'fr': 10, 'ip': 0, 'op': 2, 'w': 16, 'h': 16, 'layers': [layer]}
moving = LottieAnimation.from_data(json.dumps(file))
frame = moving.render_pillow_frame(0)
print(frame.mode, frame.getpixel((8, 8)))
moving.save_frame('frame.png', 0)
moving.save_animation('moving.apng')
moving.save_animation('moving.webp', lossless=True)
for name in 'frame.png', 'moving.apng', 'moving.webp':
    print(name, Image.open(name).convert('RGBA').getpixel((8, 8)))")
echo "$seen"
[ "$seen" = "RGBA (99, 49, 24, 127)
frame.png (99, 49, 24, 127)
moving.apng (99, 49, 24, 127)
moving.webp (99, 49, 24, 127)" ]
