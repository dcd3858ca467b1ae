#!/usr/bin/env bash
# psd-tools 1.26.0, composite() of a clipped layer (files of ag-psd 31.0.2): the fainter its base, the more it covers.
#
# Red at half opacity, clipped to green, is half and half where green is opaque: (128, 127, 0). Where green's alpha is 128
# it's (170, 84, 0), at 64 (204, 50, 0): red is laid over green as if beside nothing, and cut to green's alpha afterwards.
# So a soft edge takes on the colour of what is clipped to it. Guess: source-atop, that is half and half at any alpha.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'psd-tools[composite]==1.26.0' pillow==13.0.0 2>/dev/null
cd "$folder"
npm init -y >/dev/null
npm install --silent ag-psd@31.0.2 >/dev/null
node -e '
const fs = require("fs"), { initializeCanvas, writePsdBuffer } = require("ag-psd");
const empty = (width, height) => ({ width, height, data: new Uint8ClampedArray(4 * width * height) });
initializeCanvas(() => { throw new Error("no canvas"); }, empty);
const plain = (...colour) => {
  const picture = empty(16, 16);
  for (let at = 0; at < picture.data.length; at += 4) picture.data.set(colour, at);
  return picture;
};
for (const alpha of [255, 128, 64]) {
  const base = { name: "base", imageData: plain(0, 255, 0, alpha) };
  const clipped = { name: "clipped", imageData: plain(255, 0, 0, 255), clipping: true, opacity: 0.5 };
  fs.writeFileSync(`${alpha}.psd`, writePsdBuffer({ width: 16, height: 16, children: [base, clipped] }));
}'
seen=$(venv/bin/python -c "
from psd_tools import PSDImage

for alpha in 255, 128, 64:
    print(alpha, PSDImage.open(f'{alpha}.psd').composite(force=True).convert('RGBA').getpixel((8, 8)))")
echo "$seen"
[ "$seen" = "255 (128, 127, 0, 255)
128 (170, 84, 0, 128)
64 (204, 50, 0, 64)" ]
