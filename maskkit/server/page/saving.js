// What is taken along of a photo: its picture at full size, as a file, and how that is called.

import { ask, opened } from "/page/doors.js";
import { SIDE, chosen, fields, fits, isBehind, order } from "/page/ordering.js";

const $ = (id) => document.getElementById(id);

// The small copy of a photo, made when it is first needed.
export async function readied(photo) {
  fits(photo.file);
  if (photo.small) return;
  const { blob, ...size } = await opened(photo.file, SIDE);
  Object.assign(photo, size, { small: blob });
}

// What a download holds, as it is called.
export function kind() {
  return chosen("view") === "mask" ? "mask" : isBehind() ? "picture" : "cutout";
}

export const stem = (photo) => photo.file.name.replace(/\.\w+$/, "");

export function outputName(photo) {
  return `${stem(photo)}-${kind()}.${$("media-type").selectedOptions[0].dataset.suffix}`;
}

export function save(name, blob) {
  const href = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { download: name, href }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

// The finished picture of a photo, at full size; what is to be said of it.
export async function made(photo, signal) {
  await readied(photo);
  const asked = await order(photo, true);
  const { picture } = await ask(asked.door, fields(asked), signal);
  const name = outputName(photo);
  save(name, picture);
  photo.done = true;
  return `${name} is yours: ${Math.ceil(picture.size / 1024).toLocaleString("en")} KB.`;
}
