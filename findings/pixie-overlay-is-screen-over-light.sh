#!/usr/bin/env bash
# pixie-python 4.3.0: OVERLAY_BLEND is the screen mode wherever the backdrop is 128 or more, and jumps there.
#
# Mid-grey, which overlay leaves alone, turns a backdrop of 127 into 127 and one of 128 into 192, so that a smooth
# picture gets a hard step; black over 192 gives 192 where the W3C formula has 129. The doubling of the upper half is
# missing: the rows of overlay and of screen are the same from 128 on. Hard light breaks in the same way at a source
# of 128 (64 under 127 is 63, under 128 it's 160). Multiply, screen, darken and difference are right to two levels,
# also over translucent backdrops. Guess: the W3C formula, give or take the two levels of premultiplied bytes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pixie-python==4.3.0 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import pixie


def plain(level):
    picture = pixie.Image(8, 8)
    picture.fill(pixie.Color(level / 255, level / 255, level / 255, 1))
    return picture


def blended(backdrop, source, mode):
    picture = plain(backdrop)
    picture.draw(plain(source), pixie.Matrix3(), mode)
    return round(picture.get_color(4, 4).r * 255)


for name, mode in (('overlay', pixie.OVERLAY_BLEND), ('screen', pixie.SCREEN_BLEND)):
    for backdrop in (127, 128, 192):
        print(name, backdrop, *(blended(backdrop, source, mode) for source in (0, 64, 128, 192, 255)))
for source in (127, 128):
    print('hard light', source, *(blended(backdrop, source, pixie.HARD_LIGHT_BLEND) for backdrop in (0, 64, 192, 255)))")
echo "$seen"
[ "$seen" = "overlay 127 0 63 127 191 254
overlay 128 128 160 192 224 255
overlay 192 192 208 224 240 255
screen 127 127 160 192 224 255
screen 128 128 160 192 224 255
screen 192 192 208 224 240 255
hard light 127 0 63 191 254
hard light 128 128 160 224 255" ]
