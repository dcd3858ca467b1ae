#!/usr/bin/env bash
# upng-js 2.1.0 (npm), UPNG.encode([rgba], w, h, 0), lossless: a small picture with many colours is written as a PNG that
# stops within its last chunks; no error is raised, and upng-js itself can't decode it afterwards.
#
# The file's room seems to be set by the raw pixels (100 x 4 bytes and a little), while a palette with its transparency
# takes up to 1 KB: a strip of 100 colours in 100 pixels has no IEND, a strip of 50 colours and 64 x 64 pixels of 250
# colours have one. Guess: a whole file at any size.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent upng-js@2.1.0 >/dev/null
seen=$(node -e '
const UPNG = require("upng-js");
for (const [width, height, colours] of [[100, 1, 100], [100, 1, 50], [64, 64, 250]]) {
  const pixels = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at++) pixels.set([at % colours, 100, 50, 255], 4 * at);
  const file = Buffer.from(UPNG.encode([pixels.buffer], width, height, 0));
  console.log(width, height, colours, file.includes("IEND"));
}')
echo "$seen"
[ "$seen" = "100 1 100 false
100 1 50 true
64 64 250 true" ]
