#!/usr/bin/env bash
# sharp 0.35.5 (npm, libvips 8.18.7), rotate(45, { background }) and affine(matrix, { background }): the colour of a
# translucent background is divided by its alpha.
#
# (200, 100, 50) at half opacity fills the corners with (255, 199, 99, 128), at a quarter with (255, 255, 199, 64). The
# same background in extend() and resize({ fit: "contain" }) of the same library is right. Guess: the colour that was
# asked for, in each of the four.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent sharp@0.35.5 >/dev/null
seen=$(node -e '
const sharp = require("sharp");
const draw = async (alpha) => {
  const background = { r: 200, g: 100, b: 50, alpha };
  const picture = () => sharp({ create: { width: 32, height: 32, channels: 4, background: "#0000ff" } });
  const ways = {
    rotate: picture().rotate(45, { background }),
    affine: picture().affine([[1, 0.3], [0, 1]], { background }),
    extend: picture().extend({ left: 8, background }),
    contain: picture().resize({ width: 64, height: 32, fit: "contain", background }),
  };
  for (const [name, way] of Object.entries(ways)) {
    const { data, info } = await way.raw().toBuffer({ resolveWithObject: true });
    const at = 4 * info.width * (info.height - 1);
    console.log(alpha, name, data.subarray(at, at + 4).join(" "));
  }
};
draw(1).then(() => draw(0.5)).then(() => draw(0.25));')
echo "$seen"
[ "$seen" = "1 rotate 200 100 50 255
1 affine 200 100 50 255
1 extend 200 100 50 255
1 contain 200 100 50 255
0.5 rotate 255 199 99 128
0.5 affine 255 199 99 128
0.5 extend 200 100 50 128
0.5 contain 200 100 50 128
0.25 rotate 255 255 199 64
0.25 affine 255 255 199 64
0.25 extend 200 100 50 64
0.25 contain 200 100 50 64" ]
