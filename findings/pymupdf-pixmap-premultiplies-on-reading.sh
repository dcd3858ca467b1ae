#!/usr/bin/env bash
# PyMuPDF 2.0: Pixmap("cutout.png") holds colour that is multiplied by alpha, and saving it gives another picture.
#
# pixel() of a file's (200, 100, 50, 128) says (100, 50, 25, 128). The PNG that the pixmap saves is divided again: colours
# of faint pixels come back far off (alpha 3: 170, 85, 85) and those under alpha 0 are black. Guess: what a PNG holds,
# straight colour, since the class reads, shows and writes PNG, and its alpha can be set apart.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pymupdf==2.0 pillow==13.0.0 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import io

import pymupdf
from PIL import Image

picture = Image.new('RGBA', (3, 1), (200, 100, 50, 128))
picture.putpixel((1, 0), (200, 100, 50, 3))
picture.putpixel((2, 0), (200, 100, 50, 0))
file = io.BytesIO()
picture.save(file, 'PNG')
pixmap = pymupdf.Pixmap(file.getvalue())
saved = Image.open(io.BytesIO(pixmap.tobytes('png')))
print(*(pixmap.pixel(x, 0) for x in range(3)))
print(*(saved.getpixel((x, 0)) for x in range(3)))")
echo "$seen"
[ "$seen" = "(100, 50, 25, 128) (2, 1, 1, 3) (0, 0, 0, 0)
(199, 100, 50, 128) (170, 85, 85, 3) (0, 0, 0, 0)" ]
