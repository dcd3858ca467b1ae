#!/usr/bin/env bash
# pilkit 3.0 (the processors of django-imagekit) and agentbrush 0.3.1, Pillow 13.0.0: a translucent picture over an
# opaque one makes it translucent.
#
# (200, 100, 50, 128): MakeOpaque() of pilkit gives alpha 191 on white, which is not opaque, and agentbrush's
# composite() the same on opaque blue, though its documentation says alpha-composite; on a transparent canvas,
# paste_centered() gives (100, 50, 25, 64). Both paste the picture into RGBA with itself as the mask, which mixes alpha
# as if it were a colour. Guess: alpha 255 on what is opaque, and the picture unchanged on what is transparent
# (alpha_composite of Pillow).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check pilkit==3.0 agentbrush==0.3.1 pillow==13.0.0 2>/dev/null
seen=$(venv/bin/python -c "
import agentbrush
from PIL import Image
from pilkit.processors import MakeOpaque

top = Image.new('RGBA', (32, 32), (200, 100, 50, 128))
top.save('top.png')
Image.new('RGBA', (32, 32), (0, 0, 255, 255)).save('base.png')
agentbrush.composite('base.png', 'top.png', 'composite.png')
agentbrush.paste_centered(32, 32, 'top.png', 'centred.png')
print('MakeOpaque', MakeOpaque().process(top).getpixel((5, 5)))
print('composite', Image.open('composite.png').getpixel((5, 5)))
print('paste_centered', Image.open('centred.png').getpixel((5, 5)))
print('Pillow', Image.alpha_composite(Image.open('base.png'), top).getpixel((5, 5)))")
echo "$seen"
[ "$seen" = "MakeOpaque (227, 177, 152, 191)
composite (100, 50, 152, 191)
paste_centered (100, 50, 25, 64)
Pillow (100, 50, 152, 255)" ]
