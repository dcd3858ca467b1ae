#!/usr/bin/env bash
# image-js 1.7.0 (npm): blur() and gaussianBlur() of a picture with alpha give an opaque one, blended with black.
#
# One plain (200, 100, 50, 128) becomes (100, 50, 25, 255), still named RGBA. medianFilter, invert and resize of the
# package keep alpha at 128. Guess: a plain picture stays as it is when blurred.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent image-js@1.7.0 >/dev/null
cat >plain.mjs <<'END'
import { Image } from "image-js";
const plain = new Image(9, 9, { colorModel: "RGBA" }).fill([200, 100, 50, 128]);
const told = (name, image) => console.log(name, image.colorModel, image.getPixel(4, 4).join(" "));
told("blur", plain.blur({ width: 3, height: 3 }));
told("gaussianBlur", plain.gaussianBlur({ sigma: 1 }));
told("medianFilter", plain.medianFilter({ cellSize: 3, borderType: "reflect101", borderValue: 0 }));
told("invert", plain.invert());
told("resize", plain.resize({ width: 18, height: 18 }));
END
seen=$(node plain.mjs)
echo "$seen"
[ "$seen" = "blur RGBA 100 50 25 255
gaussianBlur RGBA 100 50 25 255
medianFilter RGBA 200 100 50 128
invert RGBA 55 155 205 128
resize RGBA 200 100 50 128" ]
