// The page: photos in, a mask estimated once for each, corrected by hand, then edited live, and written at full
// size. Every pixel of a result is the server's; the page shows what a download will hold.

import { labels } from "/page/controls.js";
import { Refused, ask, reduced, signIn } from "/page/doors.js";
import { asCurl, asPython } from "/page/elsewhere.js";
import { SIDE, chosen, edits, fields, fits, isPlaced, order, spoken, strokes } from "/page/ordering.js";
import { readied } from "/page/saving.js";
import * as stage from "/page/stage.js";
import { complain, say } from "/page/status.js";
import * as strip from "/page/strip.js";
import { copy, download, downloadAll, saveRecipe, stopSaving } from "/page/taking.js";

const $ = (id) => document.getElementById(id);
const form = $("controls");
let work = null; // the photo that is shown: one of the strip's, opened: { file, small, scale, width, height, … }
let opening = null; // the one that was chosen last
let running = null; // AbortController of what is on its way
let stale = false; // whether the controls moved since that began
let timer = 0;

function show(image, blob) {
  if (image.src) URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
  return image.decode().catch(() => {});
}

function stop() {
  clearTimeout(timer);
  running?.abort();
  running = null;
  $("busy").hidden = true;
}

// One thing at a time for the picture that is shown: the next one ends it, and nothing more is heard of it.
async function alone(deed) {
  stop();
  const mine = (running = new AbortController());
  stale = false;
  $("busy").hidden = false;
  try {
    await deed(mine.signal);
  } catch (error) {
    if (running === mine) complain(error);
  } finally {
    if (running === mine) {
      stop();
      if (stale) preview();
    }
  }
}

const isMarking = () => chosen("tool") !== "look";

// ---- the mask of a photo

// A mask as the preview needs it; at the download it goes with the photo, so it must have the photo's size.
async function fitted(given, photo) {
  fits(given);
  const mask = await reduced(given, SIDE);
  if (mask.width !== photo.width || mask.height !== photo.height) {
    throw new Error(`The mask has ${mask.width} × ${mask.height} pixels, the photo ${photo.width} × ${photo.height}.`);
  }
  return mask.blob;
}

// The mask of the small copy, with what was said by hand. What the server refuses of that is taken back.
async function estimated(photo, given, signal) {
  const hints = photo.hints;
  const mask = given && (await fitted(given, photo));
  const refine = $("refine").value || null;
  const files = { photo: photo.small, mask, ...(await strokes(hints, photo, photo.scale)) };
  try {
    photo.made = { given, hints, ...(await ask("/mask", fields({ files, options: { ...spoken(hints, photo, photo.scale), refine } }), signal)) };
    photo.refine = refine;
  } catch (error) {
    if (error instanceof Refused && photo.hints === hints) photo.hints = photo.made?.hints ?? [];
    throw error;
  }
}

function estimate(given = null) {
  const mine = work;
  mine.asked = given;
  say(mine.hints.length ? "Correcting the mask …" : "Looking for the subject …");
  return alone(async (signal) => {
    try {
      await estimated(mine, given, signal);
      form.inert = false;
      stale = false;
      await draw(signal);
    } finally {
      if (work === mine) marked();
    }
  });
}

// A mark is kept with those before it; the mask follows.
function mark(hint) {
  work.hints = [...work.hints, hint];
  marked();
  estimate(work.asked);
}

function marked() {
  $("undo").disabled = $("clear").disabled = !work?.hints.length;
  $("marks-row").hidden = !isMarking() && !work?.hints.length;
  stage.drawMarks();
}

function takeBack(hints) {
  work.hints = hints;
  marked();
  estimate(work.asked);
}

// ---- what is shown

async function drawResult(signal) {
  const isMask = chosen("view") === "mask";
  const asked = await order(work, false);
  const made = await ask(asked.door, fields(asked), signal);
  await show($("after"), made.picture);
  $("after").alt = isMask ? "Mask: white is kept" : "Result: the subject on its backdrop";
}

async function drawPhoto(signal) {
  const mine = work;
  const options = edits(mine.scale);
  const files = { photo: mine.small, mask: mine.made.picture };
  const isEdited = Object.values(options).some(Boolean);
  const mask = isEdited ? (await ask("/mask", fields({ files, options }), signal)).picture : mine.made.picture;
  if (work === mine) await stage.draw(mine.small, mask);
}

async function draw(signal) {
  await (isMarking() ? drawPhoto : drawResult)(signal);
  layout();
  stage.drawMarks();
  say(describe(work.made));
}

// Compare the result with the photo, or mark the photo; a result on a canvas has nothing to compare with.
function layout() {
  const marking = isMarking();
  const placed = work && chosen("view") === "cutout" && isPlaced(work);
  for (const id of ["seen", "over"]) $(id).hidden = !marking;
  $("after").hidden = marking;
  for (const one of [$("before"), $("split"), $("sides"), $("compare").querySelector(".handle")]) {
    one.hidden = marking || placed;
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(preview, 120);
}

// The server makes to its end what is no longer waited for: another preview is asked for when that is through.
function preview() {
  if (running) stale = true;
  else if (work?.made && work.refine !== ($("refine").value || null)) estimate(work.asked);
  else if (work?.made) alone(draw);
}

function describe(made) {
  const size = `${work.width} × ${work.height} pixels`;
  const warned = made.warning ? ` The server warns: ${made.warning}.` : "";
  if (made.source === "given") return `${size}; your own mask.${warned}`;
  const trust = made.confidence === null ? "" : `, confidence ${Math.round(made.confidence * 100)} %`;
  const advice = made.confidence !== null && made.confidence < 0.5
    ? " It may be off: look at the edge, correct it, or bring a mask of your own." : "";
  return `${size}; mask by ${made.source}${trust}.${advice}${warned}`;
}

// ---- photos

function bring(files) {
  if (!files.length) return;
  if (!strip.photos.length) form.reset();
  select(strip.add(files)[0]);
}

async function select(photo) {
  opening = photo;
  strip.list(photo);
  say(`Opening ${photo.file.name} …`);
  try {
    await readied(photo);
  } catch (error) {
    strip.remove(photo);
    strip.list(opening === photo ? work : opening);
    if (opening !== photo) return;
    complain(error.asksWho ? error : new Error(`The server cannot open ${photo.file.name}: ${error.message}`));
    return;
  }
  if (opening !== photo) return;
  await shown(photo);
}

async function shown(photo) {
  stop();
  work = photo;
  stage.begin(photo, mark);
  choose("look");
  layout();
  $("own-mask").value = "";
  form.inert = !photo.made;
  $("drop").hidden = true;
  $("compare").hidden = false;
  $("after").removeAttribute("src");
  split(100);
  show($("before"), photo.small);
  if (photo.made) await alone(draw);
  else await estimate(photo.asked);
  if (work !== photo || !photo.made) return;
  split(0);
  if (document.activeElement === document.body) $("split").focus(); // the field that had it is gone
}

function again() {
  stop();
  stopSaving();
  work = opening = null;
  strip.photos.length = 0;
  strip.list(null);
  form.inert = true;
  $("compare").hidden = true;
  $("drop").hidden = false;
  $("photo").value = "";
  say("");
  $("photo").focus();
}

function split(percent) {
  $("split").value = percent;
  $("split").dispatchEvent(new Event("input"));
}

// ---- the controls

// Take a tool; the picture changes with it between the result and the photo.
function choose(tool) {
  for (const one of form.elements.tool) one.checked = one.value === tool;
  toolChosen();
}

function toolChosen() {
  stage.use(chosen("tool"), Number($("brush").value));
  $("brush-row").hidden = !chosen("tool").startsWith("paint");
  marked();
}

$("photo").addEventListener("change", (event) => bring(event.target.files));
$("more").addEventListener("click", () => {
  $("photo").value = "";
  $("photo").click();
});
$("another").addEventListener("click", again);
strip.onChoice((photo) => photo !== work && select(photo));
$("split").addEventListener("input", (event) => {
  $("compare").querySelector(".frame").style.setProperty("--split", event.target.value);
});
$("own-mask").addEventListener("change", async ({ target }) => {
  const given = target.files[0] ?? null;
  await estimate(given);
  if (target.files[0] === given && work?.made?.given !== given) target.value = ""; // it was refused
});
$("undo").addEventListener("click", () => takeBack(work.hints.slice(0, -1)));
$("clear").addEventListener("click", () => takeBack([]));
const QUIET = ["own-mask", "media-type", "brush"]; // what does not change the picture
form.addEventListener("input", ({ target }) => {
  target.dataset.touched = "yes";
  labels();
  if (target.name === "tool" || target.id === "brush") toolChosen();
  if (!QUIET.includes(target.id)) soon();
});
form.addEventListener("reset", () => setTimeout(() => {
  $("elsewhere").hidden = true;
  for (const input of form.querySelectorAll("[data-touched]")) delete input.dataset.touched;
  labels();
  toolChosen();
  if (!work) return;
  const again = work.asked || work.hints.length;
  work.hints = [];
  if (again) estimate();
  else soon();
}));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  download(work);
});
// some drivers and assistive tools fire nothing else
for (const id of ["shadow", "refine", "preset"]) $(id).addEventListener("change", () => {
  labels();
  soon();
});
$("download-all").addEventListener("click", downloadAll);
$("as-curl").addEventListener("click", () => copy(work, asCurl, "a command of curl"));
$("as-python").addEventListener("click", () => copy(work, asPython, "a program in Python"));
$("as-recipe").addEventListener("click", () => saveRecipe(work));
$("account").addEventListener("close", () => {
  if ($("account").returnValue !== "ok") return;
  signIn($("client-id").value, $("token").value);
  $("token").value = "";
  if (work) estimate(work.asked);
});
for (const way of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(way, (event) => {
    event.preventDefault();
    document.body.classList.toggle("over", way === "dragover");
    if (way === "drop") bring(event.dataTransfer.files);
  });
}
document.addEventListener("paste", (event) => bring(event.clipboardData.files));
labels();
