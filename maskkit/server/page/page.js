// The page: photos in, a mask estimated once for each, corrected by hand, then edited live, and written at full
// size. Every pixel of a result is the server's; the page shows what a download will hold.

import { Refused, ask, reduced, signIn, signedIn } from "/page/doors.js";
import { asCurl, asPython, asRecipe } from "/page/elsewhere.js";
import { TOOLS } from "/page/marks.js";
import { SIDE, chosen, edits, fields, fits, isPlaced, order, spoken, strokes } from "/page/ordering.js";
import { kind, made, outputName, readied, save, stem } from "/page/saving.js";
import * as stage from "/page/stage.js";
import * as strip from "/page/strip.js";

const $ = (id) => document.getElementById(id);
const form = $("controls");
let work = null; // the photo that is shown: one of the strip's, opened: { file, small, scale, width, height, … }
let opening = null; // the one that was chosen last
let running = null; // AbortController of what is on its way
let stale = false; // whether the controls moved since that began
let saving = null; // AbortController of the downloads that are on their way
let timer = 0;

function say(text, bad = false) {
  $("status").textContent = text;
  $("status").classList.toggle("bad", bad);
}

function show(image, blob) {
  if (image.src) URL.revokeObjectURL(image.src);
  image.src = URL.createObjectURL(blob);
  return image.decode().catch(() => {});
}

function complain(error) {
  if (error instanceof Refused && error.asksWho) {
    $("sign-in").hidden = false;
    say("Sign in to go on.", true);
    askWho();
    return;
  }
  say(error.message, true);
}

function askWho() {
  $("account").returnValue = ""; // Esc leaves what the last sign-in said
  $("account").showModal();
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
  if (made.source === "given") return `${size}; your own mask.`;
  const trust = made.confidence === null ? "" : `, confidence ${Math.round(made.confidence * 100)} %`;
  const advice = made.confidence !== null && made.confidence < 0.5
    ? " It may be off: look at the edge, correct it, or bring a mask of your own." : "";
  return `${size}; mask by ${made.source}${trust}.${advice}`;
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
  saving?.abort();
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

// ---- what is taken along

// The text stands on the page, too: a page of another host's may not write to the clipboard.
async function copy(written, words) {
  let text;
  const asked = await order(work, true).catch(complain);
  if (!asked) return;
  text = written(asked, outputName(work), signedIn());
  Object.assign($("elsewhere"), { value: text, hidden: false }).select();
  const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  const painted = [asked.files.keep_mask, asked.files.drop_mask].filter(Boolean);
  for (const file of painted) save(file.name, file);
  const beside = painted.length ? ` It needs ${painted.map((file) => file.name).join(" and ")}, which you have now.` : "";
  say(`${copied ? `Copied: ${words}.` : "Copy the text that is marked."}${beside}`);
}

async function saveRecipe() {
  try {
    const text = await asRecipe(await order(work, true));
    save(`${stem(work)}-recipe.json`, new Blob([text], { type: "application/json" }));
    say(`${stem(work)}-recipe.json is yours: maskkit replay makes the same of it again.`);
  } catch (error) {
    complain(error);
  }
}

async function download() {
  $("download").disabled = true;
  say("Making the picture in full size …");
  try {
    say(await made(work));
    strip.list(work);
  } catch (error) {
    complain(error);
  } finally {
    $("download").disabled = false;
  }
}

// All photos in turn, by one recipe and each with its own marks; one that fails does not stop the others.
async function downloadAll() {
  if (saving) return saving.abort();
  const mine = (saving = new AbortController());
  const all = [...strip.photos], failed = [];
  $("download-all").textContent = "Stop";
  $("download").disabled = true;
  let count = 0;
  for (const photo of all) {
    if (mine.signal.aborted) break;
    say(`${count + failed.length + 1} of ${all.length}: ${photo.file.name} …`);
    try {
      await made(photo, mine.signal);
      count++;
      strip.list(work);
    } catch (error) {
      if (error.asksWho) complain(error);
      if (!mine.signal.aborted) failed.push(`${photo.file.name}: ${error.message}`);
    }
    if (!mine.signal.aborted) $("download-all").textContent = "Stop";
  }
  saving = null;
  $("download").disabled = false;
  strip.list(work);
  if (strip.photos.length) say(`${count} of ${all.length} are yours. ${failed.join(" ")}`, failed.length > 0);
}

// ---- the controls

for (const [value, text] of TOOLS) {
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "tool", value });
  const label = document.createElement("label");
  label.append(input, Object.assign(document.createElement("span"), { textContent: text }));
  $("tools").append(label);
}

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

function labels() {
  for (const output of form.querySelectorAll("output")) {
    const input = $(output.htmlFor.value);
    const { unit, zero } = input.dataset;
    output.textContent = zero && Number(input.value) === 0 ? zero : `${input.value}${unit}`;
    input.setAttribute("aria-valuetext", output.textContent);
  }
  $("color-row").hidden = chosen("backdrop") !== "color";
  $("picture-row").hidden = chosen("backdrop") !== "picture";
  $("download").textContent = `Download ${kind()}`;
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
  download();
});
// some drivers and assistive tools fire nothing else
for (const id of ["shadow", "refine", "preset"]) $(id).addEventListener("change", () => {
  labels();
  soon();
});
$("download-all").addEventListener("click", downloadAll);
$("as-curl").addEventListener("click", () => copy(asCurl, "a command of curl"));
$("as-python").addEventListener("click", () => copy(asPython, "a program in Python"));
$("as-recipe").addEventListener("click", saveRecipe);
$("sign-in").addEventListener("click", askWho);
$("not-now").addEventListener("click", () => $("account").close());
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
