#!/usr/bin/env bash
# ffmpeg 9.0.2 (imageio-ffmpeg 0.8.1; 5.1.9 as well): colorkey and chromakey set alpha, where lumakey lowers it.
#
# A key of green and then one of magenta leave green opaque again: the last key alone counts. A picture's own alpha goes
# the same way: half of it, or none, becomes 255 wherever the key doesn't match, and hidden colour is shown. lumakey leaves
# it (129 for 128 is from the way to YUV). Guess: a key takes away and gives nothing back, as lumakey does.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check imageio-ffmpeg==0.8.1 numpy==2.4.6 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import subprocess

import imageio_ffmpeg
import numpy as np

frame = np.zeros((16, 64, 4), np.uint8)
for k, colour in enumerate([(0, 255, 0, 255), (255, 0, 255, 255), (200, 100, 50, 128), (200, 100, 50, 0)]):
    frame[:, 16 * k : 16 * k + 16] = colour
start = [imageio_ffmpeg.get_ffmpeg_exe(), '-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgba', '-s', '64x16', '-i', '-']
green, magenta = '0x00ff00:0.1', '0xff00ff:0.1'
keys = [f'{keyer}={colours}' for keyer in ('colorkey', 'chromakey') for colours in (green, magenta)]
for chain in keys[0], ','.join(keys[:2]), keys[2], ','.join(keys[2:]), 'lumakey=1:0.01':
    line = [*start, '-vf', chain, '-f', 'rawvideo', '-pix_fmt', 'rgba', '-']
    raw = subprocess.run(line, input=frame.tobytes(), capture_output=True, check=True).stdout
    print(chain, np.frombuffer(raw, np.uint8).reshape(16, 64, 4)[8, 8::16, 3])")
echo "$seen"
[ "$seen" = "colorkey=0x00ff00:0.1 [  0 255 255 255]
colorkey=0x00ff00:0.1,colorkey=0xff00ff:0.1 [255   0 255 255]
chromakey=0x00ff00:0.1 [  0 255 255 255]
chromakey=0x00ff00:0.1,chromakey=0xff00ff:0.1 [255   0 255 255]
lumakey=1:0.01 [255 255 129   0]" ]
