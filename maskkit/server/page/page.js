// One photo at a time: estimate its mask once, then edit and composite a small copy until it is right.
// Every pixel is the server's; the page shows what a download will hold.

import { Refused, ask, opened, reduced, signIn, signedIn } from "/page/doors.js";
import { asCurl, asPython } from "/page/elsewhere.js";

const SIDE = 1200;
const $ = (id) => document.getElementById(id);
const form = $("controls");
let work = null; // { file, photo, scale, width, height, asked, made }; its mask: what was asked for, what came
let opening = null; // the file that was brought last
let running = null; // AbortController of what is on its way
let stale = false; // whether the controls moved since that began
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

// What the controls say, with pixels of the photo scaled to those of the picture that is sent.
function edits(scale) {
  const number = (id) => Number($(id).value);
  return {
    threshold: number("threshold") > 0 ? number("threshold") / 100 : null,
    grow: number("grow") * scale,
    feather: number("feather") * scale,
  };
}

// What the server would refuse at the download is refused before.
function fits(file) {
  const most = Number(document.body.dataset.maxBytes);
  if (file.size > most) {
    throw new Error(`${file.name} has ${Math.ceil(file.size / 1e5) / 10} MB, the server takes ${most / 1e6}.`);
  }
}

// A mask as the preview needs it; at the download it goes with the photo, so it must have the photo's size.
async function fitted(given) {
  fits(given);
  const mask = await reduced(given, SIDE);
  if (mask.width !== work.width || mask.height !== work.height) {
    throw new Error(`The mask has ${mask.width} × ${mask.height} pixels, the photo ${work.width} × ${work.height}.`);
  }
  return mask.blob;
}

function chosen(name) {
  return new FormData(form).get(name);
}

async function order(full) {
  const scale = full ? 1 : work.scale;
  const fields = {
    photo: full ? work.file : work.photo,
    mask: full ? work.made.given : work.made.picture,
    ...edits(scale),
    media_type: full ? $("media-type").value : "image/png",
  };
  if (chosen("view") === "mask") return ["/mask", fields];
  // A mask of one's own is taken as it is unless the slider says otherwise: the library's default.
  if (!work.asked || $("decontaminate").dataset.touched) {
    fields.decontaminate = Number($("decontaminate").value) / 100;
  }
  fields.shadow = $("shadow").value || null;
  fields.outline = Number($("outline").value) * scale || null;
  const backdrop = chosen("backdrop");
  if (backdrop === "") return ["/cutout", fields];
  if (backdrop === "picture") {
    const picture = $("picture").files[0];
    if (!picture) return ["/cutout", fields];
    fits(picture);
    fields.backdrop = full ? picture : (await reduced(picture, SIDE)).blob;
  } else if (backdrop.startsWith("blur:")) {
    fields.background = `blur:${Math.max(1, Number(backdrop.slice(5)) * Math.max(work.width, work.height) * scale / SIDE)}`;
  } else {
    fields.background = backdrop === "color" ? $("color").value : backdrop;
  }
  return ["/composite", fields];
}

async function draw(signal) {
  const alt = chosen("view") === "mask" ? "Mask: white is kept" : "Result: the subject on its backdrop";
  const made = await ask(...(await order(false)), signal);
  await show($("after"), made.picture);
  $("after").alt = alt;
  say(describe(work.made));
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(preview, 120);
}

// The server makes to its end what is no longer waited for: another preview is asked for when that is through.
function preview() {
  if (running) stale = true;
  else if (work?.made) alone(draw);
}

function describe(made) {
  const size = `${work.width} × ${work.height} pixels`;
  if (made.source === "given") return `${size}; your own mask.`;
  const trust = made.confidence === null ? "" : `, confidence ${Math.round(made.confidence * 100)} %`;
  const advice = made.confidence !== null && made.confidence < 0.5
    ? " It may be off: look at the edge, or bring a mask of your own." : "";
  return `${size}; mask by ${made.source}${trust}.${advice}`;
}

function estimate(given = null) {
  const mine = work;
  mine.asked = given;
  say("Looking for the subject …");
  return alone(async (signal) => {
    const mask = given && (await fitted(given));
    mine.made = { given, ...(await ask("/mask", { photo: mine.photo, mask }, signal)) };
    form.inert = false;
    stale = false;
    await draw(signal);
  });
}

async function open(file) {
  if (!file) return;
  opening = file;
  let copy;
  try {
    fits(file);
    say(`Opening ${file.name} …`);
    copy = await opened(file, SIDE);
  } catch (error) {
    if (opening !== file) return;
    complain(error.asksWho ? error : new Error(`The server cannot open ${file.name}: ${error.message}`));
    return;
  }
  if (opening !== file) return;
  stop();
  const mine = (work = { file, photo: copy.blob, ...copy });
  form.reset();
  form.inert = true;
  $("drop").hidden = true;
  $("compare").hidden = false;
  $("after").removeAttribute("src");
  split(100);
  show($("before"), mine.photo);
  await estimate();
  if (work !== mine || !mine.made) return;
  split(0);
  if (document.activeElement === document.body) $("split").focus(); // the field that had it is gone
}

function split(percent) {
  $("split").value = percent;
  $("split").dispatchEvent(new Event("input"));
}

// What a download holds, as it is called.
function kind() {
  return chosen("view") === "mask" ? "mask" : chosen("backdrop") ? "picture" : "cutout";
}

function outputName() {
  return `${work.file.name.replace(/\.\w+$/, "")}-${kind()}.${$("media-type").value.slice(6)}`;
}

// The text stands on the page, too: a page of another host's may not write to the clipboard.
async function copy(written, words) {
  let text;
  try {
    text = written(...(await order(true)), outputName(), signedIn());
  } catch (error) {
    complain(error);
    return;
  }
  Object.assign($("elsewhere"), { value: text, hidden: false }).select();
  const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  say(copied ? `Copied: ${words}.` : "Copy the text that is marked.");
}

async function download() {
  const name = outputName();
  $("download").disabled = true;
  say("Making the picture in full size …");
  try {
    const { picture } = await ask(...(await order(true)));
    const href = URL.createObjectURL(picture);
    Object.assign(document.createElement("a"), { download: name, href }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
    say(`${name} is yours: ${Math.ceil(picture.size / 1024).toLocaleString("en")} KB.`);
  } catch (error) {
    complain(error);
  } finally {
    $("download").disabled = false;
  }
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

function again() {
  stop();
  work = opening = null;
  form.inert = true;
  $("compare").hidden = true;
  $("drop").hidden = false;
  $("photo").value = "";
  say("");
  $("photo").focus();
}

$("photo").addEventListener("change", (event) => open(event.target.files[0]));
$("another").addEventListener("click", again);
$("split").addEventListener("input", (event) => {
  $("compare").querySelector(".frame").style.setProperty("--split", event.target.value);
});
$("own-mask").addEventListener("change", async ({ target }) => {
  const given = target.files[0] ?? null;
  await estimate(given);
  if (target.files[0] === given && work?.made?.given !== given) target.value = ""; // it was refused
});
form.addEventListener("input", (event) => {
  event.target.dataset.touched = "yes";
  labels();
  if (!["own-mask", "media-type"].includes(event.target.id)) soon();
});
form.addEventListener("reset", () => setTimeout(() => {
  $("elsewhere").hidden = true;
  for (const input of form.querySelectorAll("[data-touched]")) delete input.dataset.touched;
  labels();
  if (work?.asked) estimate();
  else soon();
}));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  download();
});
$("shadow").addEventListener("change", soon); // some drivers and assistive tools fire nothing else
$("as-curl").addEventListener("click", () => copy(asCurl, "a command of curl"));
$("as-python").addEventListener("click", () => copy(asPython, "a program in Python"));
$("sign-in").addEventListener("click", askWho);
$("not-now").addEventListener("click", () => $("account").close());
$("account").addEventListener("close", () => {
  if ($("account").returnValue !== "ok") return;
  signIn($("client-id").value, $("token").value);
  $("token").value = "";
  if (work) estimate(work.asked);
});
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.toggle("over", kind === "dragover");
    if (kind === "drop") open(event.dataTransfer.files[0]);
  });
}
document.addEventListener("paste", (event) => open(event.clipboardData.files[0]));
labels();
