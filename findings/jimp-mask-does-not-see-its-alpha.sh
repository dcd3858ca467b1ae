#!/usr/bin/env bash
# jimp 1.6.1 (npm): mask() takes the mean of the mask's red, green and blue; its alpha counts for nothing.
#
# White whose alpha is the mask, the form that CSS and SVG take, hides nothing: even white of alpha 0 keeps the
# picture opaque. Opaque grey works. The mean is no luminance either: green and blue both leave 85 of 255. Guess:
# luminance times alpha, as in an SVG mask.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent jimp@1.6.1 >/dev/null
seen=$(node -e '
const { Jimp } = require("jimp");
const plain = (...colour) => {
  const picture = new Jimp({ width: 8, height: 8, color: 0 });
  for (let i = 0; i < 64; i++) picture.bitmap.data.set(colour, 4 * i);
  return picture;
};
const masks = {
  "white, alpha 0": [255, 255, 255, 0],
  "white, alpha 128": [255, 255, 255, 128],
  "black, alpha 255": [0, 0, 0, 255],
  "grey, opaque": [128, 128, 128, 255],
  "green, opaque": [0, 255, 0, 255],
  "blue, opaque": [0, 0, 255, 255],
};
for (const [name, colour] of Object.entries(masks)) {
  console.log(`${name}:`, ...plain(200, 100, 50, 255).mask(plain(...colour)).bitmap.data.slice(0, 4));
}')
echo "$seen"
[ "$seen" = "white, alpha 0: 200 100 50 255
white, alpha 128: 200 100 50 255
black, alpha 255: 200 100 50 0
grey, opaque: 200 100 50 128
green, opaque: 200 100 50 85
blue, opaque: 200 100 50 85" ]
