#!/usr/bin/env bash
# vl-convert-python 1.9.0.post1 (it saves the charts of Altair), PNG: no channel of a translucent pixel is larger than
# its alpha.
#
# An SVG of (200, 100, 50) with opacity 0.5 comes as (128, 100, 50, 128), with 0.25 as (64, 64, 52, 64), and the smooth
# edge of a white disc is grey, (16, 16, 16, 16) to (240, 240, 240, 240): a dark fringe on any ground. A Vega-Lite
# chart with a transparent background does the same. resvg-py 0.5.0, of the same renderer, gives (199, 100, 50, 128)
# and white. Guess: that colour, give or take a level.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check vl-convert-python==1.9.0.post1 resvg-py==0.5.0 \
    pillow==13.0.0 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import io

import resvg_py
import vl_convert
from PIL import Image

SVG = '<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"64\" height=\"64\">{}</svg>'
makers = {
    'vl-convert': vl_convert.svg_to_png,
    'resvg-py': lambda svg: bytes(resvg_py.svg_to_bytes(svg_string=svg)),
}


def told(png):
    picture = Image.open(io.BytesIO(png)).convert('RGBA')
    return picture.getpixel((picture.width // 2, picture.height // 2))


for name, make in makers.items():
    square = '<rect width=\"64\" height=\"64\" fill=\"#c86432\" fill-opacity=\"{}\" />'
    print(name, *(told(make(SVG.format(square.format(opacity)))) for opacity in (1, 0.5, 0.25)))
    circle = '<circle cx=\"32\" cy=\"32\" r=\"20\" fill=\"white\" />'
    disc = Image.open(io.BytesIO(make(SVG.format(circle)))).convert('RGBA')
    row = [disc.getpixel((x, y)) for x in range(64) for y in range(64)]
    edge = sorted({pixel for pixel in row if 0 < pixel[3] < 255})
    print(name, 'edge of white from', edge[0], 'to', edge[-1])
chart = {
    'background': None,
    'data': {'values': [{}]},
    'mark': {'type': 'rect', 'color': '#c86432', 'opacity': 0.5, 'width': 60, 'height': 60},
}
print('chart', told(vl_convert.vegalite_to_png(chart, vl_version='5.20')))")
echo "$seen"
[ "$seen" = "vl-convert (200, 100, 50, 255) (128, 100, 50, 128) (64, 64, 52, 64)
vl-convert edge of white from (16, 16, 16, 16) to (240, 240, 240, 240)
resvg-py (200, 100, 50, 255) (199, 100, 50, 128) (199, 100, 52, 64)
resvg-py edge of white from (255, 255, 255, 16) to (255, 255, 255, 240)
chart (128, 100, 50, 128)" ]
