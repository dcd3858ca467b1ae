#!/usr/bin/env bash
# Pillow 13.0.0: a quantized cutout (mode P, has_transparency_data True) is saved transparent by some writers and opaque
# by others, and a copy by pickle is opaque.
#
# quantize() of RGBA keeps alpha in the palette and puts nothing into info["transparency"], which parts of Pillow ask.
# PNG, WebP, AVIF and TGA keep the ground transparent. GIF and ICO, which could, make it black, and so does pickle, by
# which worker processes hand pictures on; pillow_heif 1.8.1 and fpdf2 2.8.9 do as well. Nothing warns. Guess: what
# convert("RGBA") of the picture shows, wherever there is room for it, as copy() gives it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pillow==13.0.0 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import io
import pickle

from PIL import Image

cutout = Image.new('RGBA', (16, 16))
cutout.paste((200, 100, 50, 255), (4, 4, 12, 12))
few = cutout.quantize(8)


def saved(kind):
    file = io.BytesIO()
    few.save(file, kind)
    return Image.open(file)


print(few.mode, few.has_transparency_data, few.info)
pictures = {'itself': few, 'copy': few.copy(), 'pickle': pickle.loads(pickle.dumps(few))}
pictures |= {kind: saved(kind) for kind in ('PNG', 'WEBP', 'AVIF', 'TGA', 'GIF', 'ICO')}
for name, picture in pictures.items():
    print(name, *(picture.convert('RGBA').getpixel(place)[3] for place in ((0, 0), (8, 8))))")
echo "$seen"
[ "$seen" = "P True {}
itself 0 255
copy 0 255
pickle 255 255
PNG 0 255
WEBP 0 255
AVIF 0 255
TGA 0 255
GIF 255 255
ICO 255 255" ]
