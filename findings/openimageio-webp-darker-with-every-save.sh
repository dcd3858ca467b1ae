#!/usr/bin/env bash
# OpenImageIO 3.2.2.0 (PyPI): a translucent WebP that is read and written again comes out darker, each time more.
#
# Pixels are premultiplied in memory, so readers multiply and writers divide. For PNG and TIFF the two undo each other
# (TGA loses two levels a time, cut and not rounded). WebP's reader multiplies the stored samples, as PNG's does, and its
# writer divides less, as if in linear light: of 200 with alpha 128 there are left 138, 93 and 64 after one, two and three
# lossless saves. A PNG saved as WebP gets 138 as well. Guess: the picture that was read, within a level, as with PNG.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check OpenImageIO==3.2.2.0 pillow==13.0.0 numpy==2.4.6 2>/dev/null
cd "$folder"
seen=$(venv/bin/python -c "
import OpenImageIO as oiio
from PIL import Image


def saved(source, target):
    picture = oiio.ImageBuf(source)
    picture.specmod().attribute('Compression', 'lossless' if target.endswith('webp') else 'lzw')
    picture.write(target)
    return Image.open(target).getpixel((8, 8))


for kind in 'png', 'tif', 'tga', 'webp':
    Image.new('RGBA', (16, 16), (200, 100, 50, 128)).save(f'0.{kind}', lossless=True)
    print(kind, *(saved(f'{k}.{kind}', f'{k + 1}.{kind}') for k in range(3)))
print('png as webp', saved('0.png', 'other.webp'))")
echo "$seen"
[ "$seen" = "png (199, 100, 50, 128) (199, 100, 50, 128) (199, 100, 50, 128)
tif (199, 99, 49, 128) (199, 99, 49, 128) (199, 99, 49, 128)
tga (199, 99, 49, 128) (197, 97, 47, 128) (195, 95, 45, 128)
webp (138, 68, 39, 128) (93, 46, 28, 128) (64, 28, 0, 128)
png as webp (138, 68, 39, 128)" ]
