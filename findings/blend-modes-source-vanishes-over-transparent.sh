#!/usr/bin/env bash
# blend-modes 2.2.0 (PyPI): the result of every mode but "normal" has the backdrop's alpha, so that an opaque source over a
# transparent backdrop vanishes.
#
# Opaque red with "multiply" over transparent white gives alpha 0; W3C's formula, Photoshop and "normal" of the same
# package give opaque red. Guess: alpha a + b - ab for every mode, since the package documents RGBA in and RGBA out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check blend-modes==2.2.0 numpy==2.3.4 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import blend_modes
import numpy as np

backdrop = np.array([[[255, 255, 255, 0.0]]])
source = np.array([[[255, 0, 0, 255.0]]])
modes = 'normal multiply screen overlay soft_light darken_only lighten_only difference addition'.split()
for mode in modes:
    print(mode, getattr(blend_modes, mode)(backdrop, source, 1.0)[0, 0, 3])")
echo "$seen"
[ "$(awk '$2 == 0' <<<"$seen" | wc -l)" = 8 ] && [ "$(head -1 <<<"$seen")" = "normal 255.0" ]
