#!/usr/bin/env bash
# utif2 4.1.0 (npm; jimp 1.6.1 writes TIFF by it): a TIFF of straight RGBA is tagged as premultiplied.
#
# encodeImage stores the samples as they came and writes ExtraSamples 1, associated alpha, where 2 is meant. Readers that
# know the tag divide: (200, 100, 50, 128) is (255, 199, 99, 128) in Pillow and libvips. utif2 doesn't divide on reading,
# so its own round trip looks right, and associated files of others come out dark. Guess: 2, as the input is straight.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check pillow==13.0.0 'pyvips[binary]==3.2.0' \
    pyvips-binary==8.18.7 tifffile==2026.3.3 numpy==2.4.6 2>/dev/null
cd "$folder"
npm init -y >/dev/null
npm install --silent utif2@4.1.0 jimp@1.6.1 pngjs@7.0.0 >/dev/null
node -e '
const fs = require("fs"), UTIF = require("utif2"), { PNG } = require("pngjs"), { Jimp } = require("jimp");
const picture = new PNG({ width: 8, height: 8 });
for (let at = 0; at < 256; at += 4) picture.data.set([200, 100, 50, 128], at);
fs.writeFileSync("utif2.tif", Buffer.from(UTIF.encodeImage(new Uint8Array(picture.data), 8, 8)));
Jimp.read(PNG.sync.write(picture)).then(async (same) => fs.writeFileSync("jimp.tif", await same.getBuffer("image/tiff")));'
venv/bin/python -c "
import numpy as np, tifffile
premultiplied = np.full((8, 8, 4), (100, 50, 25, 128), np.uint8)
tifffile.imwrite('other.tif', premultiplied, photometric='rgb', extrasamples=['assocalpha'])"
seen=$(venv/bin/python -c "
import pyvips, tifffile
from PIL import Image

for name in 'utif2.tif', 'jimp.tif', 'other.tif':
    tag = tifffile.TiffFile(name).pages[0].extrasamples[0].name
    print(name, tag, Image.open(name).getpixel((4, 4)), [int(sample) for sample in pyvips.Image.new_from_file(name)(4, 4)])"
node -e '
const file = require("fs").readFileSync("other.tif"), UTIF = require("utif2"), [page] = UTIF.decode(file);
UTIF.decodeImage(file, page);
console.log("other.tif in utif2", UTIF.toRGBA8(page).slice(0, 4).join(" "));')
echo "$seen"
[ "$seen" = "utif2.tif ASSOCALPHA (255, 199, 99, 128) [255, 199, 99, 128]
jimp.tif ASSOCALPHA (255, 199, 99, 128) [255, 199, 99, 128]
other.tif ASSOCALPHA (199, 99, 49, 128) [199, 99, 49, 128]
other.tif in utif2 100 50 25 128" ]
