#!/usr/bin/env bash
# coloraide 8.13.1, Color.layer(colors, blend=...): a blend mode counts in full over a translucent backdrop, and not at
# all over one of alpha 0.
#
# W3C mixes the blended colour with the source's own by the backdrop's alpha. Half-opaque red with "multiply" over blue
# of alpha 0.01 is (0, 0, 3) here and (250, 0, 3) by the formula, where alpha 0 gives (255, 0, 0): red turns black at
# once. "screen" jumps likewise. "normal", and every mode over an opaque backdrop, are right. Guess: W3C's numbers at
# any alpha.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check coloraide==8.13.1 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
from coloraide import Color

RED, BLUE = (1, 0, 0), (0, 0, 1)
MODES = {'normal': lambda b, s: s, 'multiply': lambda b, s: b * s, 'screen': lambda b, s: b + s - b * s}


def layered(mode, alpha):
    red, blue = Color('srgb', RED, 0.5), Color('srgb', BLUE, alpha)
    return Color.layer([red, blue], blend=mode, space='srgb')[:-1]


def w3c(mode, alpha):
    mixed = [(1 - alpha) * s + alpha * MODES[mode](b, s) for b, s in zip(BLUE, RED)]
    return [(0.5 * s + 0.5 * alpha * b) / (0.5 + 0.5 * alpha) for b, s in zip(BLUE, mixed)]


for mode in MODES:
    for alpha in (1, 0.5, 0.01, 0):
        print(mode, alpha, *(tuple(round(255 * value) for value in by(mode, alpha)) for by in (layered, w3c)))")
echo "$seen"
[ "$seen" = "normal 1 (128, 0, 128) (128, 0, 128)
normal 0.5 (170, 0, 85) (170, 0, 85)
normal 0.01 (252, 0, 3) (252, 0, 3)
normal 0 (255, 0, 0) (255, 0, 0)
multiply 1 (0, 0, 128) (0, 0, 128)
multiply 0.5 (0, 0, 85) (85, 0, 85)
multiply 0.01 (0, 0, 3) (250, 0, 3)
multiply 0 (255, 0, 0) (255, 0, 0)
screen 1 (128, 0, 255) (128, 0, 255)
screen 0.5 (170, 0, 255) (170, 0, 170)
screen 0.01 (252, 0, 255) (252, 0, 5)
screen 0 (255, 0, 0) (255, 0, 0)" ]
