#!/usr/bin/env bash
# culori 4.0.2 (npm): blend(..., "overlay") is right over dark backdrops and wrong over light ones, where it darkens.
#
# White over white is black, and mid-grey over a backdrop of 192, which has to leave it alone, is black too: from the
# middle up culori falls as the source rises, from 129 to 0, where the W3C formula (color-blend 4.0.0, printed behind
# each stroke) rises from 129 to 255. Up to 127 the two agree, and so do multiply, screen, difference and
# translucency, which hides it. Guess: the W3C formula throughout, give or take one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent culori@4.0.2 color-blend@4.0.0 >/dev/null
seen=$(node -e '
const { overlay } = require("color-blend");
import("culori").then(({ blend }) => {
  for (const backdrop of [64, 127, 128, 192, 255]) {
    const row = [0, 64, 128, 192, 255].map((source) => {
      const grey = (level) => ({ mode: "rgb", r: level / 255, g: level / 255, b: level / 255 });
      const plain = (level) => ({ r: level, g: level, b: level, a: 1 });
      const one = Math.round(255 * blend([grey(backdrop), grey(source)], "overlay").r);
      return `${one}/${overlay(plain(backdrop), plain(source)).r}`;
    });
    console.log(backdrop, ...row);
  }
});')
echo "$seen"
[ "$seen" = "64 0/0 32/32 64/64 96/96 128/128
127 0/0 64/64 127/127 191/191 254/254
128 1/1 0/65 0/128 0/192 0/255
192 129/129 33/161 0/192 0/224 0/255
255 255/255 127/255 0/255 0/255 0/255" ]
