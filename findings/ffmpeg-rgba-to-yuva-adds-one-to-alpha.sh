#!/usr/bin/env bash
# ffmpeg 9.0.2 (imageio-ffmpeg 0.8.1, PyAV 18.1.0; ffmpeg 5.1.9 as well): RGBA to YUVA makes half of all soft alphas one
# level larger, before any codec has seen them.
#
# Alpha is 8 bits on both sides and has no part in the change of colour space, so the guess is that it is copied. Every
# value from 128 to 254 becomes the next one; the way back is exact. So "lossless" VP9 with alpha, and ProRes 4444,
# which the same conversion leads into, give 129 for 128. -sws_flags accurate_rnd, full_chroma_int and neighbor change
# nothing. RGBA to planar RGB (gbrap) is exact in 9.0.2, and has the same fault in 5.1.9.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check imageio-ffmpeg==0.8.1 av==18.1.0 numpy==2.3.4 2>/dev/null
seen=$("$folder/venv/bin/python" -c "
import subprocess

import av
import imageio_ffmpeg
import numpy as np

alpha = np.arange(256)
picture = np.full((16, 256, 4), 100, np.uint8)
picture[..., 3] = alpha


def told(name, planes):
    changed = alpha[planes != alpha]
    print(name, len(changed), 'changed:', changed.min(), 'to', changed.max(), 'by', set((planes - alpha)[changed].tolist()))


program = imageio_ffmpeg.get_ffmpeg_exe()
line = [program, '-v', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgba', '-s', '256x16', '-i', '-']
line += ['-f', 'rawvideo', '-pix_fmt', 'yuva444p', '-']
raw = subprocess.run(line, input=picture.tobytes(), capture_output=True, check=True).stdout
told('ffmpeg', np.frombuffer(raw, np.uint8).reshape(4, 16, 256)[3, 0].astype(int))

frame = av.VideoFrame.from_ndarray(picture, format='rgba').reformat(format='yuva444p')
told('PyAV', np.frombuffer(frame.planes[3], np.uint8).reshape(16, -1)[0, :256].astype(int))")
echo "$seen"
[ "$seen" = "ffmpeg 127 changed: 128 to 254 by {1}
PyAV 127 changed: 128 to 254 by {1}" ]
