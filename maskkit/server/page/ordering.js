// From what the controls say, and what was marked on a photo, to what the server is asked for.

import { reduced } from "/page/doors.js";
import { painted } from "/page/marks.js";

const $ = (id) => document.getElementById(id);

export const SIDE = 1200; // pixels of the long side of what is looked at

export function chosen(name) {
  return new FormData($("controls")).get(name);
}

const number = (id) => Number($(id).value);

// ---- the photo's own: what was said of it by hand

// Boxes and points as a recipe has them, on a picture `scale` times the photo's size.
export function spoken(hints, photo, scale) {
  const sides = [photo.width, photo.height];
  const ratios = sides.map((side) => Math.max(1, Math.round(side * scale)) / side);
  const at = (point) => point.map((value, axis) => value * ratios[axis]);
  const points = (kind) => hints.filter((one) => one.kind === kind).map((one) => at(one.points[0]));
  const corners = hints.filter((one) => one.kind === "box").at(-1)?.points;
  const side = (most, grown) => at([0, 1].map((axis) => most(...corners.map((point) => point[axis])) + grown));
  const box = corners && [[...side(Math.min, 0), ...side(Math.max, 1)]];
  return { box, keep: points("keep"), drop: points("drop") };
}

// The painted strokes as files.
export async function strokes(hints, { file, width, height }, scale) {
  if (!hints.some((one) => one.kind.startsWith("paint"))) return {};
  const size = [width, height].map((side) => Math.max(1, Math.round(side * scale)));
  const made = painted(hints, ...size, scale);
  const stem = file.name.replace(/\.\w+$/, "");
  const files = {};
  for (const name of ["keep", "drop"]) {
    if (made[name]) files[`${name}_mask`] = new File([await png(made[name])], `${stem}-${name}.png`);
  }
  return files;
}

function png(pixels) {
  const canvas = Object.assign(document.createElement("canvas"), { width: pixels.width, height: pixels.height });
  canvas.getContext("2d").putImageData(pixels, 0, 0);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// ---- the same for every photo

// Edits of the mask, with lengths scaled to those of the picture that is sent.
export function edits(scale) {
  return {
    threshold: number("threshold") > 0 ? number("threshold") / 100 : null,
    grow: number("grow") * scale,
    feather: number("feather") * scale,
  };
}

function effects(scale) {
  const pixels = (id) => number(id) * scale || null;
  const share = (id) => number(id) / 100 || null;
  const tinted = (id) => {
    const color = $(`${id}-color`);
    return pixels(id) && color.value !== color.defaultValue ? `${pixels(id)},color=${color.value}` : pixels(id);
  };
  return {
    shadow: $("shadow").value || null,
    outline: tinted("outline"),
    glow: tinted("glow"),
    reflection: share("reflection"),
    tint_match: share("tint_match"),
    light_wrap: share("light_wrap"),
  };
}

function lengths(text, scale) {
  return text.trim().split(/\s+/).map((word) => {
    const found = /^(\d+\.?\d*|\.\d+)(px)?$/.exec(word);
    return found ? `${Number(found[1]) * scale}` : word;
  }).join(" ");
}

// Where the subject stands: for a look, on a canvas that is smaller, too. `shrunk` is that canvas over the
// one that is meant, with which every length of the finished picture goes.
function placement(photo, scale, full) {
  const preset = $("preset").selectedOptions[0];
  const said = [number("canvas-width"), number("canvas-height")];
  const own = said.some(Boolean) || number("scale");
  const meant = own ? said.map((side, axis) => side || [photo.width, photo.height][axis])
    : preset.value ? preset.dataset.canvas.split("x").map(Number) : null;
  const shrunk = full ? 1 : meant ? Math.min(1, SIDE / Math.max(...meant)) : scale;
  const sized = meant?.map((side) => Math.max(1, Math.round(side * shrunk)));
  const options = {
    preset: preset.value || null,
    canvas: full && !own ? null : sized,
    margin: $("margin").value.trim() && lengths($("margin").value, shrunk),
    fill: number("fill") / 100 || null,
    scale: number("scale") ? number("scale") * shrunk / scale : null,
  };
  const placed = Object.values(options).some((value) => value);
  if (placed) options.position = chosen("position").split(",").map(Number);
  return { options, shrunk, placed };
}

export function isPlaced(photo) {
  return placement(photo, 1, true).placed;
}

// What a server would refuse at the download is refused before.
export function fits(file) {
  const most = Number(document.body.dataset.maxBytes);
  if (file.size > most) {
    throw new Error(`${file.name} has ${Math.ceil(file.size / 1e5) / 10} MB, the server takes ${most / 1e6}.`);
  }
}

// Whether anything is behind the subject; a picture is once its file is there.
export function isBehind() {
  const words = chosen("backdrop");
  return words === "picture" ? $("picture").files.length > 0 : Boolean(words || $("preset").value);
}

async function backdrop(photo, shrunk, full) {
  const words = chosen("backdrop");
  if (words === "color") return $("color").value;
  if (words.startsWith("blur:") || words.startsWith("lens:")) {
    const [name, radius] = words.split(":");
    return `${name}:${Math.max(1, Number(radius) * Math.max(photo.width, photo.height) * shrunk / SIDE)}`;
  }
  if (words !== "picture") return words || null;
  const picture = $("picture").files[0];
  if (!picture) return null;
  fits(picture);
  return full ? picture : (await reduced(picture, SIDE)).blob;
}

// What is asked for a photo: the door, the files that go in, and the options of its recipe. A look is at the
// small copy with the mask that was made of it; the whole picture is made of the file itself.
export async function order(photo, full) {
  const scale = full ? 1 : photo.scale;
  const { given, hints, picture } = photo.made ?? { given: photo.asked, hints: photo.hints };
  const files = { photo: full ? photo.file : photo.small, mask: full ? given : picture };
  const said = full ? { ...spoken(hints, photo, 1), refine: $("refine").value || null } : {};
  if (full) Object.assign(files, await strokes(hints, photo, 1));
  const media = { media_type: full ? $("media-type").value : "image/png" };
  const mask = { ...said, ...edits(scale) };
  if (chosen("view") === "mask") return { door: "/mask", files, options: mask, media };
  const { options: where, shrunk } = placement(photo, scale, full);
  const options = { ...mask, ...effects(shrunk), ...where };
  // A mask of one's own is taken as it is unless the slider or a mark says otherwise: the library's default.
  if (!given || hints.length || $("decontaminate").dataset.touched) {
    options.decontaminate = number("decontaminate") / 100;
  }
  const behind = await backdrop(photo, shrunk, full);
  const needed = behind ?? ($("preset").value && chosen("backdrop") === "" ? $("preset").selectedOptions[0].dataset.backdrop : null);
  if (needed === null) return { door: "/cutout", files, options, media };
  options.lens_blur = number("lens_blur") * shrunk || null;
  if (needed instanceof Blob) files.backdrop = needed;
  else options.backdrop = needed;
  return { door: "/composite", files, options, media };
}

const isSaid = ([, value]) => value !== null && value !== undefined && value !== "" && value?.length !== 0;

// Only what is said.
export function given(members) {
  return Object.fromEntries(Object.entries(members).filter(isSaid));
}

// A value as a form has it: numbers parted by commas, several of them by semicolons.
function typed(value) {
  if (!Array.isArray(value)) return value;
  return value.map((one) => (Array.isArray(one) ? one.join(",") : one)).join(Array.isArray(value[0]) ? ";" : ",");
}

// The fields of the form that says an order.
export function fields({ files, options: { backdrop: background, ...options }, media }) {
  const said = Object.entries(given({ ...options, background })).map(([name, value]) => [name, typed(value)]);
  return { ...given(files), ...Object.fromEntries(said), ...media };
}
