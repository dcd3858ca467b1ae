#!/usr/bin/env bash
# PySide6-Essentials 6.12.0 (Qt 6.12), QImage.save("x.jpg") of one translucent grey, 200 with alpha 128, in four pixel
# formats. JPEG has no alpha, and three of the formats drop it: 200 (199 after rounding). ARGB32_Premultiplied, the
# format that QPainter is at its best on, is written as its stored samples: 100, as if over black. BMP and PPM of the
# same picture give 199. Guess: one picture, one JPEG, whichever way its pixels are kept; RGBA8888_Premultiplied, which
# differs by the order of its bytes only, bears the guess out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check PySide6-Essentials==6.12.0 2>/dev/null
seen=$(QT_QPA_PLATFORM=offscreen "$folder/venv/bin/python" -c "
from PySide6.QtGui import QColor, QImage

for name in ('ARGB32', 'RGBA8888', 'RGBA8888_Premultiplied', 'ARGB32_Premultiplied'):
    picture = QImage(8, 8, getattr(QImage.Format, 'Format_' + name))
    picture.fill(QColor(200, 200, 200, 128))
    told = [name]
    for suffix in ('jpg', 'bmp', 'ppm'):
        assert picture.save('$folder/x.' + suffix)
        told.append(suffix + ' ' + str(QImage('$folder/x.' + suffix).pixelColor(3, 3).red()))
    print(*told, sep=', ')")
echo "$seen"
[ "$seen" = "ARGB32, jpg 200, bmp 200, ppm 200
RGBA8888, jpg 200, bmp 200, ppm 200
RGBA8888_Premultiplied, jpg 199, bmp 199, ppm 199
ARGB32_Premultiplied, jpg 100, bmp 199, ppm 199" ]
