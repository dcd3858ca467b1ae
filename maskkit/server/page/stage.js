// The photo while marks are made on it: dark where the mask drops it, the marks over it.

import { brushFor, marking } from "/page/marks.js";

const $ = (id) => document.getElementById(id);
const DARK = 0.72; // of what is dropped

let marks = null;
let waiting = null; // the mask that is to be drawn next

// Begin with a photo: `said(hint)` hears a mark on it.
export function begin(photo, said) {
  const size = [photo.width, photo.height];
  const over = $("over").cloneNode(); // with none of what listened for the last photo
  $("over").replaceWith(over);
  for (const canvas of [over, $("seen")]) {
    Object.assign(canvas, { width: Math.round(size[0] * photo.scale), height: Math.round(size[1] * photo.scale) });
  }
  marks = marking(over, {
    size,
    seen: () => ({ left: 0, top: 0, right: size[0], bottom: size[1], wide: over.width, high: over.height }),
    hints: () => photo.hints,
    said,
  });
  const brush = brushFor(size);
  $("brush").max = 8 * brush;
  $("brush").setAttribute("value", brush);
  $("brush").value = brush;
}

export function use(tool, radius) {
  marks?.brush(radius);
  marks?.use(tool);
}

export function drawMarks() {
  marks?.draw();
}

// The photo with what `mask` drops in the dark; both are files of one size.
export async function draw(small, mask) {
  waiting = mask;
  const [photo, kept] = await Promise.all([createImageBitmap(small), createImageBitmap(mask)]);
  if (waiting !== mask) return;
  const seen = $("seen").getContext("2d");
  seen.drawImage(photo, 0, 0);
  seen.drawImage(darkness(kept), 0, 0);
  drawMarks();
}

function darkness(mask) {
  const canvas = Object.assign(document.createElement("canvas"), { width: mask.width, height: mask.height });
  const context = canvas.getContext("2d");
  context.drawImage(mask, 0, 0);
  const pixels = context.getImageData(0, 0, mask.width, mask.height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    pixels.data[at + 3] = (255 - pixels.data[at]) * DARK;
    pixels.data[at] = pixels.data[at + 1] = pixels.data[at + 2] = 0;
  }
  context.putImageData(pixels, 0, 0);
  return canvas;
}
