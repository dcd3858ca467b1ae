#!/usr/bin/env bash
# geotiff 3.0.5 (npm), readRGB(): in a grey TIFF with PhotometricInterpretation 0 (WhiteIsZero) white is black.
#
# The ramp is computed as 256 - value * 256 / (max + 1) and kept in bytes, so that stored 0, which is white, wraps
# round to 0, while stored 1 is 255: a mask whose samples are 0 and 255 is read as 0 and 1, black throughout. 16 bits
# are the same. In TIFFs with BlackIsZero the ramp is right, but for a float picture in 0 to 1, which is black.
# image-js's tiff 7.1.3 reads them all as they are meant. Guess: white, and mid grey for 0.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check tifffile==2026.3.3 numpy==2.4.6 2>/dev/null
npm init -y >/dev/null
npm install --silent geotiff@3.0.5 tiff@7.1.3 >/dev/null
venv/bin/python -c "
import numpy as np
import tifffile

ramp = np.repeat([[0, 1, 128, 255]], 4, 0)
tifffile.imwrite('white-is-zero-8.tif', ramp.astype(np.uint8), photometric='miniswhite')
tifffile.imwrite('white-is-zero-16.tif', (ramp * 257).astype(np.uint16), photometric='miniswhite')
tifffile.imwrite('black-is-zero-8.tif', ramp.astype(np.uint8), photometric='minisblack')
tifffile.imwrite('black-is-zero-float.tif', (ramp / 255).astype(np.float32), photometric='minisblack')"
cat >read.mjs <<'END_OF_SCRIPT'
import fs from "fs";
import { fromArrayBuffer } from "geotiff";
import { decode } from "tiff";

for (const name of ["white-is-zero-8", "white-is-zero-16", "black-is-zero-8", "black-is-zero-float"]) {
  const bytes = Uint8Array.from(fs.readFileSync(`${name}.tif`));
  const rgb = await (await (await fromArrayBuffer(bytes.buffer)).getImage()).readRGB({ interleave: true });
  const samples = [...decode(bytes)[0].data.slice(0, 4)].map((value) => +value.toFixed(2));
  console.log(name, [0, 3, 6, 9].map((at) => rgb[at]).join(" "), "| tiff", samples.join(" "));
}
END_OF_SCRIPT
seen=$(node read.mjs)
echo "$seen"
[ "$seen" = "white-is-zero-8 0 255 128 1 | tiff 255 254 127 0
white-is-zero-16 0 254 127 0 | tiff 65535 65278 32639 0
black-is-zero-8 0 1 128 255 | tiff 0 1 128 255
black-is-zero-float 0 0 0 0 | tiff 0 0 0.5 1" ]
