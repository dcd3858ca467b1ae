#!/usr/bin/env bash
# stackblur-canvas 3.0.1 (npm): imageDataRGBA divides colour by alpha that it has never multiplied.
#
# One plain (200, 100, 50, 128), which a blur has to leave alone, becomes (255, 255, 199, 128), and the blurred edge of an
# opaque cutout runs to yellow and white: (255, 255, 83, 153), then (255, 255, 209, 61). A black shadow is right, and so are
# opaque pictures, which hides it; konva 10.9.1's blur keeps the flat colour. Guess: a flat colour stays, give or take
# one; at worst the hidden colour is mixed into the edge, as by blurs that do not weigh by alpha at all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent stackblur-canvas@3.0.1 konva@10.9.1 >/dev/null
seen=$(node -e '
const { imageDataRGBA } = require("stackblur-canvas");
const picture = (at) => {
  const data = new Uint8ClampedArray(32 * 32 * 4);
  for (let i = 0; i < 32 * 32; i++) data.set(at(i % 32), 4 * i);
  return { data, width: 32, height: 32 };
};
const row = ({ data }, ...places) => places.map((x) => data.slice(4 * (16 * 32 + x), 4 * (16 * 32 + x) + 4).join(" ")).join(" | ");
const flat = () => picture(() => [200, 100, 50, 128]);
const edge = () => picture((x) => (x < 17 ? [200, 100, 50, 255] : [0, 255, 0, 0]));
const shadow = () => picture((x) => (x < 17 ? [0, 0, 0, 255] : [0, 0, 0, 0]));
import("konva").then(({ default: { Filters } }) => {
  console.log("flat", row(imageDataRGBA(flat(), 0, 0, 32, 32, 4), 16));
  console.log("edge", row(imageDataRGBA(edge(), 0, 0, 32, 32, 4), 8, 16, 18));
  console.log("shadow", row(imageDataRGBA(shadow(), 0, 0, 32, 32, 4), 8, 16, 18));
  const blurred = flat();
  Filters.Blur.call({ blurRadius: () => 4 }, blurred);
  console.log("konva", row(blurred, 16));
});')
echo "$seen"
[ "$seen" = "flat 255 255 199 128
edge 200 100 50 255 | 255 255 83 153 | 255 255 209 61
shadow 0 0 0 255 | 0 0 0 153 | 0 0 0 61
konva 199 100 50 128" ]
