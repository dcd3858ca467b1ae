#!/usr/bin/env bash
# OpenImageIO 3.2.2.0 (PyPI): one translucent picture, stored straight in six formats, is three pictures in memory.
#
# PNG, TIFF, TGA and WebP arrive multiplied by alpha (200 with alpha 128 is 100), as the library says of all. JPEG 2000 is
# multiplied by alpha to the power of 2.2: 43, far too dark. DDS is not multiplied at all: 200, and
# oiio:UnassociatedAlpha, which would say so, isn't set (ICO sets it). Pillow reads the same straight colour from all of
# them. Guess: 100 for each, since `over` takes all of them without a question and counts on that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check OpenImageIO==3.2.2.0 pillow==13.0.0 numpy==2.4.6 2>/dev/null
cd "$folder"
seen=$(venv/bin/python -c "
import OpenImageIO as oiio
from PIL import Image

for kind in 'png', 'tif', 'tga', 'webp', 'jp2', 'dds':
    Image.new('RGBA', (16, 16), (200, 100, 50, 128)).save(f'x.{kind}', lossless=True)
    read = oiio.ImageBuf(f'x.{kind}')
    flag = read.spec().get_int_attribute('oiio:UnassociatedAlpha', 0)
    print(kind, Image.open(f'x.{kind}').getpixel((8, 8)), read.get_pixels(oiio.UINT8)[8, 8], flag)")
echo "$seen"
[ "$seen" = "png (200, 100, 50, 128) [100  50  25 128] 0
tif (200, 100, 50, 128) [100  50  25 128] 0
tga (200, 100, 50, 128) [100  50  25 128] 0
webp (200, 100, 50, 128) [100  50  25 128] 0
jp2 (200, 100, 50, 128) [ 43  21  10 128] 0
dds (200, 100, 50, 128) [200 100  50 128] 0" ]
