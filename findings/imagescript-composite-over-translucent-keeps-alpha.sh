#!/usr/bin/env bash
# imagescript 1.3.1 (npm), composite(): alpha of the result is the larger of the two, and colour is mixed as if the lower
# picture were opaque.
#
# (200, 100, 50, 128) over nothing is (100, 50, 25, 128), so each soft edge gets the dark rim of a premultiplied picture, or
# one of the hidden colour: over transparent green it is (100, 177, 25, 128). Two halves stay half: alpha 128, not 191. Over
# an opaque picture it is right, which is how it is mostly looked at. Guess: the over of every canvas, whose alpha is 191
# for two halves, and whose colour is the upper one's where there is nothing below.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent imagescript@1.3.1 >/dev/null
seen=$(node -e '
const { Image } = require("imagescript");
const plain = (colour) => new Image(8, 8).fill(colour);
for (const below of [0x0000ffff, 0x00000000, 0x00ff0000, 0x6496c880]) {
  const result = plain(below).composite(plain(0xc8643280), 0, 0);
  console.log(below.toString(16).padStart(8, "0"), Image.colorToRGBA(result.getPixelAt(4, 4)).join(" "));
}')
echo "$seen"
[ "$seen" = "0000ffff 100 50 152 255
00000000 100 50 25 128
00ff0000 100 177 25 128
6496c880 150 125 125 128" ]
