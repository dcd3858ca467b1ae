#!/usr/bin/env bash
# raylib 6.2.0.0 (PyPI; its Image functions run on the CPU, without a window): what becomes of a cutout's alpha.
#
# ImageColorGrayscale makes it opaque, and the hidden colour is seen, in grey; brightness, contrast and invert of the
# same family keep alpha. ImageAlphaMask replaces alpha instead of lowering it, so that a grey mask brings back what
# was transparent. A picture of alpha 128 that is drawn on a blank one has 129. Guess: grey with alpha (raylib has that
# format), alpha times mask, and 128.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check raylib==6.2.0.0 pillow==13.0.0 2>/dev/null
seen=$(venv/bin/python -c "
import raylib
from PIL import Image
from raylib import ffi

raylib.SetTraceLogLevel(raylib.LOG_NONE)


def picture(*colour):
    Image.new('RGBA', (32, 32), colour).save('picture.png')
    return ffi.new('Image *', raylib.LoadImage(b'picture.png'))


def told(image):
    colour = raylib.GetImageColor(image[0], 16, 16)
    return colour.r, colour.g, colour.b, colour.a


def changed(function, *words, colour=(0, 255, 0, 0)):
    image = picture(*colour)
    function(image, *words)
    return told(image)


white = ffi.new('Color *', [255, 255, 255, 255])[0]
print('grayscale', changed(raylib.ImageColorGrayscale), changed(raylib.ImageColorGrayscale, colour=(200, 100, 50, 128)))
print('brightness', changed(raylib.ImageColorBrightness, 30))
print('invert', changed(raylib.ImageColorInvert))
print('mask', changed(raylib.ImageAlphaMask, picture(128, 128, 128, 255)[0]))
print('drawn', changed(raylib.ImageDrawImage, picture(200, 100, 50, 128)[0], 0, 0, white, colour=(0, 0, 0, 0)))" |
    grep -v LOADED)
echo "$seen"
[ "$seen" = "grayscale (149, 149, 149, 255) (124, 124, 124, 255)
brightness (30, 255, 30, 0)
invert (255, 0, 255, 0)
mask (0, 255, 0, 128)
drawn (200, 100, 50, 129)" ]
