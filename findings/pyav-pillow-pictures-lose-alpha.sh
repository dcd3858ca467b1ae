#!/usr/bin/env bash
# PyAV 18.1.0 (Pillow 13.0.0): VideoFrame.from_image() and to_image() drop alpha, where from_ndarray() and to_ndarray()
# of the same class keep it.
#
# from_image of an RGBA picture is a frame in rgb24: a colour that was hidden under alpha 0 is what the video shows,
# also with a codec and a pixel format that hold alpha. to_image of a frame in rgba is a picture in RGB. Neither raises
# or warns, and a mask of 16 bits (I;16) is white from 255 of 65535 on. Guess: rgba to and fro, since the frame has
# that format.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check av==18.1.0 pillow==13.0.0 numpy==2.4.6 2>/dev/null
seen=$(venv/bin/python -W error -c "
import av
import numpy as np
from PIL import Image

picture = Image.new('RGBA', (32, 32), (0, 255, 0, 0))


def saved(frame):
    with av.open('x.mov', 'w') as file:
        stream = file.add_stream('png', rate=25, width=32, height=32, pix_fmt='rgba')
        file.mux(stream.encode(frame))
        file.mux(stream.encode())
    with av.open('x.mov') as file:
        return next(file.decode(video=0))


for name, frame in {
    'from_image': av.VideoFrame.from_image(picture),
    'from_ndarray': av.VideoFrame.from_ndarray(np.asarray(picture), format='rgba'),
}.items():
    back = saved(frame)
    print(name, frame.format.name, back.format.name, back.to_ndarray(format='rgba')[5, 5], back.to_image().mode)
mask = Image.fromarray(np.full((32, 32), 300, np.uint16))
print(mask.mode, av.VideoFrame.from_image(mask).to_ndarray(format='gray')[5, 5])")
echo "$seen"
[ "$seen" = "from_image rgb24 rgba [  0 255   0 255] RGB
from_ndarray rgba rgba [  0 255   0   0] RGB
I;16 255" ]
