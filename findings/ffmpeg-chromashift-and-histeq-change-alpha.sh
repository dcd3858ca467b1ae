#!/usr/bin/env bash
# ffmpeg 9.0.2 (imageio-ffmpeg 0.8.1; 5.1.9 as well): two filters of colour that have alpha among their pixel formats and
# do not leave it alone.
#
# chromashift, even by 0, gives alpha 0 everywhere: an opaque picture is invisible afterwards. histeq writes what looks
# like the brightness of a pixel into its alpha: opaque green gets 181, opaque brown 117. rgbashift, curves and negate
# keep it, as eq, hue and colorbalance do. Guess: alpha stays, or the filter asks for a format without it, as vignette does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check imageio-ffmpeg==0.8.1 numpy==2.4.6 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import subprocess

import imageio_ffmpeg
import numpy as np

frames = np.zeros((3, 16, 16, 4), np.uint8)
frames[..., :8, :] = (0, 255, 0, 255)
frames[..., 8:, :] = (200, 100, 50, 255)
start = [imageio_ffmpeg.get_ffmpeg_exe(), '-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgba', '-s', '16x16', '-i', '-']
for name in 'rgbashift', 'curves=preset=lighter', 'negate', 'chromashift', 'chromashift=cbh=1', 'histeq':
    line = [*start, '-vf', name, '-f', 'rawvideo', '-pix_fmt', 'rgba', '-']
    raw = subprocess.run(line, input=frames.tobytes(), capture_output=True, check=True).stdout
    print(name, np.unique(np.frombuffer(raw, np.uint8)[3::4]))")
echo "$seen"
[ "$seen" = "rgbashift [255]
curves=preset=lighter [255]
negate [255]
chromashift [0]
chromashift=cbh=1 [0]
histeq [117 181]" ]
