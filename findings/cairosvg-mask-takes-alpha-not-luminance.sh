#!/usr/bin/env bash
# CairoSVG 2.9.1: an SVG <mask> counts by its alpha; its luminance, which SVG's default is, does nothing.
#
# A grey mask of 50% hides nothing, and so does a black one; white of 50% opacity masks as it should. resvg (resvg-py
# 0.5.0) and browsers give half and nothing for the first two. Guess: luminance, the initial value of mask-type.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check CairoSVG==2.9.1 resvg-py==0.5.0 pillow==13.0.0 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import io

import cairosvg
import resvg_py
from PIL import Image

for fill in ('#808080', '#000', '#fff\" fill-opacity=\".5'):
    svg = f'''<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\">
    <mask id=\"m\"><rect width=\"8\" height=\"8\" fill=\"{fill}\"/></mask>
    <rect width=\"8\" height=\"8\" fill=\"red\" mask=\"url(#m)\"/></svg>'''
    pngs = cairosvg.svg2png(svg.encode()), bytes(resvg_py.svg_to_bytes(svg_string=svg))
    print(*(Image.open(io.BytesIO(png)).convert('RGBA').getpixel((4, 4))[3] for png in pngs))")
echo "$seen"
[ "$seen" = "255 128
255 0
128 128" ]
