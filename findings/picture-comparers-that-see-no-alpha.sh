#!/usr/bin/env bash
# Four packages of npm that compare pictures for tests: is an opaque picture the same as one that is fully transparent?
#
# looks-same 10.0.1 and ssim.js 3.5.0 don't look at alpha: opaque black, white or red is the same as none at all, so a cutout
# equals its photo. odiff-bin 4.5.0 lays both on white: white and none are the same, and so are grey and half of black.
# pixelmatch 8.0.0 tells all of them apart. Guess: each sees a difference, since each takes RGBA PNGs or RGBA samples.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent looks-same@10.0.1 odiff-bin@4.5.0 pixelmatch@8.0.0 pngjs@7.0.0 ssim.js@3.5.0 >/dev/null
cat >compare.mjs <<'END'
import fs from "fs";
import looksSame from "looks-same";
import { compare } from "odiff-bin";
import pixelmatch from "pixelmatch";
import { PNG } from "pngjs";
import { ssim } from "ssim.js";

const plain = (...colour) => {
  const picture = new PNG({ width: 64, height: 64 });
  for (let at = 0; at < picture.data.length; at += 4) picture.data.set(colour, at);
  return picture;
};
const pairs = {
  "black and none": [plain(0, 0, 0, 255), plain(0, 0, 0, 0)],
  "white and none": [plain(255, 255, 255, 255), plain(255, 255, 255, 0)],
  "red and none": [plain(255, 0, 0, 255), plain(255, 0, 0, 0)],
  "grey and half of black": [plain(127, 127, 127, 255), plain(0, 0, 0, 128)],
};
for (const [name, pair] of Object.entries(pairs)) {
  pair.forEach((picture, k) => fs.writeFileSync(`${k}.png`, PNG.sync.write(picture)));
  const same = {
    "looks-same": (await looksSame("0.png", "1.png")).equal,
    "ssim.js": ssim(...pair.map((picture) => ({ data: picture.data, width: 64, height: 64 }))).mssim === 1,
    odiff: (await compare("0.png", "1.png", "difference.png")).match,
    pixelmatch: pixelmatch(pair[0].data, pair[1].data, null, 64, 64) === 0,
  };
  console.log(name + ":", Object.entries(same).map(([by, is]) => `${by} ${is ? "same" : "differ"}`).join(", "));
}
END
seen=$(node compare.mjs)
echo "$seen"
[ "$seen" = "black and none: looks-same same, ssim.js same, odiff differ, pixelmatch differ
white and none: looks-same same, ssim.js same, odiff same, pixelmatch differ
red and none: looks-same same, ssim.js same, odiff differ, pixelmatch differ
grey and half of black: looks-same differ, ssim.js differ, odiff same, pixelmatch differ" ]
