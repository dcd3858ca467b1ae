#!/usr/bin/env bash
# utif2 4.1.0 (npm; jimp 1.6.1 reads TIFF by it): three valid TIFFs of one translucent picture that are read as other
# pictures, without an error.
#
# (200, 100, 50, 128): in separate planes (PlanarConfiguration 2) the red plane alone is spread over all samples, alpha
# as well, so that four pixels of red are one pixel. Grey with alpha, (200, 128), comes opaque. Premultiplied alpha
# (ExtraSamples 1) is handed out as straight, (100, 50, 25, 128). Straight RGBA in one plane is right. Guess: the
# picture, or an error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check tifffile==2026.3.3 numpy==2.4.6 2>/dev/null
npm init -y >/dev/null
npm install --silent utif2@4.1.0 jimp@1.6.1 >/dev/null
venv/bin/python -c "
import numpy as np
import tifffile


def save(name, colour, alpha, **words):
    picture = np.tile(np.uint8(colour), (32, 32, 1))
    if 'planarconfig' in words:
        picture = np.moveaxis(picture, -1, 0).copy()
    tifffile.imwrite(f'{name}.tif', picture, extrasamples=[alpha], **words)


save('straight', (200, 100, 50, 128), 'unassalpha', photometric='rgb')
save('planes', (200, 100, 50, 128), 'unassalpha', photometric='rgb', planarconfig='separate')
save('premultiplied', (100, 50, 25, 128), 'assocalpha', photometric='rgb')
save('grey', (200, 128), 'unassalpha', photometric='minisblack')"
cat >read.mjs <<'END_OF_SCRIPT'
import fs from "fs";
import { Jimp } from "jimp";
import UTIF from "utif2";

for (const name of ["straight", "planes", "premultiplied", "grey"]) {
  const bytes = Uint8Array.from(fs.readFileSync(`${name}.tif`)).buffer;
  const [page] = UTIF.decode(bytes);
  UTIF.decodeImage(bytes, page);
  const jimp = (await Jimp.read(`${name}.tif`)).bitmap.data;
  console.log(name, UTIF.toRGBA8(page).slice(0, 4).join(" "), "| jimp", [...jimp.slice(0, 4)].join(" "));
}
END_OF_SCRIPT
seen=$(node read.mjs)
echo "$seen"
[ "$seen" = "straight 200 100 50 128 | jimp 200 100 50 128
planes 200 200 200 200 | jimp 200 200 200 200
premultiplied 100 50 25 128 | jimp 100 50 25 128
grey 200 200 200 255 | jimp 200 200 200 255" ]
