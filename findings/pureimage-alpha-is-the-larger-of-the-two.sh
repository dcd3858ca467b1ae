#!/usr/bin/env bash
# pureimage 0.4.20 (npm, a canvas in plain JavaScript): what is drawn over a transparent or translucent canvas has the
# wrong alpha, and globalAlpha does not make it see-through.
#
# Half-opaque blue over half-opaque red keeps alpha 127, the larger of the two, where other canvases give 192; a
# picture drawn with globalAlpha 0.25 on a cleared canvas has its whole alpha, 255. Over an opaque canvas both are
# right. Guess: source over, as its README promises "standard globalAlpha and rgba() alpha compositing".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent pureimage@0.4.20 @napi-rs/canvas@1.1.1 >/dev/null
cat >draw.mjs <<'END_OF_SCRIPT'
import { createCanvas } from "@napi-rs/canvas";
import * as pureimage from "pureimage";

const makers = { pureimage: () => pureimage.make(32, 32), canvas: () => createCanvas(32, 32) };
for (const [name, make] of Object.entries(makers)) {
  const drawn = (steps) => {
    const context = make().getContext("2d");
    context.clearRect(0, 0, 32, 32);
    steps(context);
    return context.getImageData(0, 0, 32, 32).data[4 * (16 * 32 + 16) + 3];
  };
  const fill = (context, colour) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 32, 32);
  };
  const picture = make();
  fill(picture.getContext("2d"), "#c86432");
  const halves = (context) => ["rgba(255,0,0,0.5)", "rgba(0,0,255,0.5)"].forEach((colour) => fill(context, colour));
  console.log(name, "two halves", drawn(halves));
  const quarter = (context) => {
    context.globalAlpha = 0.25;
    context.drawImage(picture, 0, 0, 32, 32);
  };
  console.log(name, "a quarter", drawn(quarter));
}
END_OF_SCRIPT
seen=$(node draw.mjs)
echo "$seen"
[ "$seen" = "pureimage two halves 127
pureimage a quarter 255
canvas two halves 192
canvas a quarter 64" ]
