#!/usr/bin/env bash
# @silvia-odwyer/photon-node 0.3.4 (npm): what filters do to alpha, without a word in their names.
#
# adjust_contrast and oil set alpha to 255: a cutout is a full picture again, with its hidden colour. gaussian_blur leaves
# alpha as hard as it was and blurs colour, hidden colour with it, so that a green that was hidden shows inside the edge;
# box_blur of the same package blurs alpha too. inc_brightness, sepia and grayscale keep it. Guess: a filter of tone
# leaves alpha, and a blur blurs it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent @silvia-odwyer/photon-node@0.3.4 >/dev/null
seen=$(node -e '
const photon = require("@silvia-odwyer/photon-node");
const picture = (at) => {
  const data = new Uint8Array(32 * 32 * 4);
  for (let i = 0; i < 32 * 32; i++) data.set(at(i % 32), 4 * i);
  return new photon.PhotonImage(data, 32, 32);
};
const pixel = (image, x) => image.get_raw_pixels().slice(4 * (16 * 32 + x), 4 * (16 * 32 + x) + 4).join(" ");
const filters = { adjust_contrast: [30], oil: [2, 50], inc_brightness: [10], sepia: [], grayscale: [] };
for (const [name, words] of Object.entries(filters)) {
  const told = [0, 128].map((alpha) => {
    const image = picture(() => [200, 100, 50, alpha]);
    photon[name](image, ...words);
    return image.get_raw_pixels()[3];
  });
  console.log(name, told.join(" "));
}
for (const [name, words] of Object.entries({ gaussian_blur: [3], box_blur: [] })) {
  const image = picture((x) => (x < 17 ? [200, 100, 50, 255] : [0, 255, 0, 0]));
  photon[name](image, ...words);
  console.log(name, [16, 17].map((x) => pixel(image, x)).join(" | "));
}')
echo "$seen"
[ "$seen" = "adjust_contrast 255 255
oil 255 255
inc_brightness 0 128
sepia 0 128
grayscale 0 128
gaussian_blur 109 168 27 255 | 88 185 21 0
box_blur 133 151 33 170 | 66 203 16 85" ]
