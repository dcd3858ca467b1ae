#!/usr/bin/env bash
# @webtoon/psd 0.4.0 (npm), files of ag-psd 31.0.2: composite() gives colours that are mixed with white, and alpha
# beside them.
#
# A file's merged picture of (200, 100, 50, 128) comes as (227, 177, 152, 128): the format stores it blended with
# white, and ag-psd takes that out again when it reads, while @webtoon/psd does not, so that soft edges are pale over
# any other ground. A layer's composite() leaves its mask out (that is userMask(), apart): one that a black mask hides
# is returned opaque. Guess: the picture's own colour, as the samples are handed out beside an alpha.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent @webtoon/psd@0.4.0 ag-psd@31.0.2 @napi-rs/canvas@1.1.1 >/dev/null
cat >read.mjs <<'END_OF_SCRIPT'
import agPsd from "ag-psd";
import { createCanvas } from "@napi-rs/canvas";
import webtoon from "@webtoon/psd";

agPsd.initializeCanvas(createCanvas);
const samples = (colour) => new Uint8ClampedArray(32 * 32 * 4).map((_, i) => colour[i % 4]);
const plain = (colour) => ({ width: 32, height: 32, data: samples(colour) });
const mask = { left: 0, top: 0, right: 32, bottom: 32, defaultColor: 0, imageData: plain([0, 0, 0, 255]) };
const layer = { name: "layer", imageData: plain([255, 0, 0, 255]), mask };
const file = agPsd.writePsd({ width: 32, height: 32, imageData: plain([200, 100, 50, 128]), children: [layer] });
const told = (data) => data.slice(0, 4).join(" ");
const psd = (webtoon.default ?? webtoon).parse(file);
console.log("ag-psd", told(agPsd.readPsd(file, { useImageData: true }).imageData.data));
console.log("@webtoon/psd", told(await psd.composite()), "| layer", told(await psd.layers[0].composite()));
END_OF_SCRIPT
seen=$(node read.mjs)
echo "$seen"
[ "$seen" = "ag-psd 199 100 50 128
@webtoon/psd 227 177 152 128 | layer 255 0 0 255" ]
