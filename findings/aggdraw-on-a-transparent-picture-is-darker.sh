#!/usr/bin/env bash
# aggdraw 1.4.1 (Pillow 13.0.0): drawing into an RGBA picture mixes premultiplied and straight colour.
#
# A brush of (200, 100, 50) with opacity 128 on an empty picture leaves (99, 49, 24, 127), which Pillow and PNG take as
# straight: half as bright. The smooth edge of an opaque disc is a dark rim for the same reason: its faintest pixels are
# (3, 1, 0, 4). Guess: (200, 100, 50, 128), and one colour throughout the edge; on an opaque picture it is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check aggdraw==1.4.1 pillow==13.0.0 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import aggdraw
from PIL import Image


def drawn(ground, shape, opacity):
    picture = Image.new('RGBA', (16, 16), ground)
    draw = aggdraw.Draw(picture)
    getattr(draw, shape)((2, 2, 14, 14), None, aggdraw.Brush((200, 100, 50), opacity))
    draw.flush()
    return picture


print(drawn((0, 0, 0, 0), 'rectangle', 128).getpixel((8, 8)), drawn((0, 0, 255, 255), 'rectangle', 128).getpixel((8, 8)))
edge = sorted((colour for _, colour in drawn((0, 0, 0, 0), 'ellipse', 255).getcolors() if colour[3]), key=lambda c: c[3])
print(edge[0], edge[len(edge) // 2], edge[-1])")
echo "$seen"
[ "$seen" = "(99, 49, 24, 127) (99, 49, 152, 255)
(3, 1, 0, 4) (128, 64, 32, 164) (200, 100, 50, 255)" ]
