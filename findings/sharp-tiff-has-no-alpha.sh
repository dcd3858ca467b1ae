#!/usr/bin/env bash
# sharp 0.35.5 (npm, libvips 8.18.7): toFile("x.tif") of a translucent picture has no alpha and is blended with black.
#
# A TIFF is compressed as JPEG unless told otherwise, and with that the alpha channel goes, without an error: (200, 100,
# 50) at half opacity is read back as (100, 50, 25). With compression lzw, deflate or none it is RGBA and exact; so is
# toFile("x.webp"), lossy as well. Guess: RGBA, since TIFF has alpha, and even JPEG-in-TIFF has a fourth sample.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent sharp@0.35.5 >/dev/null
seen=$(node -e '
const sharp = require("sharp");
const background = { r: 200, g: 100, b: 50, alpha: 0.5 };
(async () => {
  for (const compression of [undefined, "jpeg", "lzw", "deflate", "none"]) {
    const picture = sharp({ create: { width: 32, height: 32, channels: 4, background } });
    await (compression ? picture.tiff({ compression }) : picture).toFile("x.tif");
    const { data, info } = await sharp("x.tif").raw().toBuffer({ resolveWithObject: true });
    console.log(compression ?? "as it comes", info.channels, data.subarray(0, info.channels).join(" "));
  }
})();')
echo "$seen"
[ "$seen" = "as it comes 3 100 50 25
jpeg 3 100 50 25
lzw 4 200 100 50 128
deflate 4 200 100 50 128
none 4 200 100 50 128" ]
