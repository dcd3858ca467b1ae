#!/usr/bin/env bash
# @jsquash/resize 2.1.1 (npm, Squoosh's resizer): "premultiply", on by default, does nothing with the magicKernel
# methods.
#
# An orange subject with green hidden under alpha 0, halved: with lanczos3 and triangle the edge is (200, 100, 50,
# 128), with magicKernel and its sharp versions (100, 177, 25, 127), just as lanczos3 is without premultiply. No
# warning, and the types take the option. Guess: the same colour by every method.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent @jsquash/resize@2.1.1 >/dev/null
cat >resize.mjs <<'END_OF_SCRIPT'
import fs from "fs";
import resize, { initMagicKernel, initResize } from "@jsquash/resize";

globalThis.ImageData = class {
  constructor(data, width, height) {
    Object.assign(this, { data, width, height });
  }
};
const core = (path) => new WebAssembly.Module(fs.readFileSync(`node_modules/@jsquash/resize/lib/${path}`));
await initResize(core("resize/pkg/squoosh_resize_bg.wasm"));
await initMagicKernel(core("magic-kernel/pkg/jsquash_magic_kernel_bg.wasm"));
const data = new Uint8ClampedArray(32 * 32 * 4);
for (let i = 0; i < 32 * 32; i++) data.set(i % 32 < 17 ? [200, 100, 50, 255] : [0, 255, 0, 0], 4 * i);
const told = async (words) => {
  const half = await resize(new ImageData(data.slice(), 32, 32), { width: 16, height: 16, linearRGB: false, ...words });
  return half.data.slice(4 * (8 * 16 + 8), 4 * (8 * 16 + 8) + 4).join(" ");
};
for (const method of ["lanczos3", "triangle", "magicKernel", "magicKernelSharp2013", "magicKernelSharp2021"]) {
  console.log(method, await told({ method }), "|", await told({ method, premultiply: false }));
}
END_OF_SCRIPT
seen=$(node resize.mjs 2>/dev/null)
echo "$seen"
[ "$seen" = "lanczos3 199 99 49 128 | 100 177 25 128
triangle 200 100 50 128 | 100 178 25 128
magicKernel 100 177 25 127 | 100 177 25 127
magicKernelSharp2013 100 177 25 127 | 100 177 25 127
magicKernelSharp2021 99 177 24 127 | 99 177 24 127" ]
