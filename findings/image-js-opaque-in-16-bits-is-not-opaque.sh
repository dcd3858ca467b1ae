#!/usr/bin/env bash
# image-js 1.7.0 (npm): convertBitDepth(16) moves samples by 8 bits, so that white and opaque become 65280 of 65535.
#
# The way back to 8 bits is exact, which hides it. A PNG saved in between has no white and no opaque pixel, though: alpha
# is 65280 everywhere in a cutout, as sharp 0.35.5 reads it, and what asks for alpha 65535 finds none. Guess: times 257,
# so that the largest value stays the largest.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent image-js@1.7.0 sharp@0.35.5 >/dev/null
seen=$(node -e '
const sharp = require("sharp");
import("image-js").then(async ({ Image, encodePng }) => {
  for (const colour of [[255, 255, 255, 255], [200, 100, 50, 128]]) {
    const picture = new Image(1, 1, { colorModel: "RGBA", data: Uint8Array.from(colour) });
    const deep = picture.convertBitDepth(16);
    const read = (file) => sharp(file).toColourspace("rgb16").raw({ depth: "ushort" }).toBuffer();
    const samples = (bytes) => [...new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + 8))].join(" ");
    console.log(deep.getPixel(0, 0).join(" "), "|", samples(await read(Buffer.from(encodePng(deep)))));
  }
});')
echo "$seen"
[ "$seen" = "65280 65280 65280 65280 | 65280 65280 65280 65280
51200 25600 12800 32768 | 51200 25600 12800 32768" ]
