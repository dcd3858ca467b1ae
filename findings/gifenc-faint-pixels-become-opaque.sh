#!/usr/bin/env bash
# gifenc 1.0.3 (npm), quantize(rgba, 256, { format: "rgba4444", oneBitAlpha: true }) and applyPalette(rgba, palette,
# "rgba4444"), the way to a transparent GIF: which alphas become opaque depends on the colour.
#
# The palette's alphas are cut at 127, as said; the pixels are then matched to it by distance in RGBA, where what is
# transparent is black: white is opaque even where its alpha is 0, orange from alpha 32 on, black from 128 on. A cutout
# whose hidden colour is white gets its whole ground back; clearAlpha: false, which leaves the palette's transparent
# entries their colour, is right. Guess: opaque from 128 on, in every colour.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent gifenc@1.0.3 >/dev/null
seen=$(node -e '
const { quantize, applyPalette } = require("gifenc");
const edge = (colour) => {
  const rgba = new Uint8Array(256 * 4);
  for (let alpha = 0; alpha < 256; alpha++) rgba.set([...colour, alpha], 4 * alpha);
  return rgba;
};
for (const [name, colour] of Object.entries({ white: [255, 255, 255], orange: [200, 100, 50], black: [0, 0, 0] })) {
  const opaqueFrom = (words) => {
    const palette = quantize(edge(colour), 256, { format: "rgba4444", oneBitAlpha: true, ...words });
    return [...applyPalette(edge(colour), palette, "rgba4444")].findIndex((at) => palette[at][3] === 255);
  };
  console.log(name, "opaque from", opaqueFrom({}), "and", opaqueFrom({ clearAlpha: false }));
}')
echo "$seen"
[ "$seen" = "white opaque from 0 and 128
orange opaque from 32 and 128
black opaque from 128 and 128" ]
