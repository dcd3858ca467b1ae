// One photo at a time: estimate its mask once, then edit and composite a small copy until it is right.
// Every pixel is the server's; the page shows what a download will hold.

import { Refused, ask, reduced, signIn } from "/page/doors.js";

const SIDE = 1200;
const $ = (id) => document.getElementById(id);
const form = $("controls");
let work = null; // { file, photo, scale, width, height, mask, ownMask }
let running = null; // AbortController of the request on its way
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
  if (error.name === "AbortError") return;
  if (error instanceof Refused && (error.status === 401 || error.status === 403)) {
    $("sign-in").hidden = false;
    $("account").showModal();
    say("Sign in to go on.", true);
    return;
  }
  say(error.message, true);
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

function chosen(name) {
  return new FormData(form).get(name);
}

async function order(full) {
  const scale = full ? 1 : work.scale;
  const fields = {
    photo: full ? work.file : work.photo,
    mask: full ? work.ownMask : work.mask,
    ...edits(scale),
    media_type: full ? $("media-type").value : "image/png",
  };
  if (chosen("view") === "mask") return ["/mask", fields];
  fields.decontaminate = Number($("decontaminate").value) / 100;
  const backdrop = chosen("backdrop");
  if (backdrop === "") return ["/cutout", fields];
  if (backdrop === "picture") {
    const picture = $("picture").files[0];
    if (!picture) return ["/cutout", fields];
    fields.backdrop = full ? picture : (await reduced(picture, SIDE)).blob;
  } else if (backdrop.startsWith("blur:")) {
    fields.background = `blur:${Math.max(1, Number(backdrop.slice(5)) * Math.max(work.width, work.height) * scale / SIDE)}`;
  } else {
    fields.background = backdrop === "color" ? $("color").value : backdrop;
  }
  return ["/composite", fields];
}

async function render() {
  running?.abort();
  const mine = (running = new AbortController());
  $("busy").hidden = false;
  try {
    const made = await ask(...(await order(false)), mine.signal);
    await show($("after"), made.picture);
    $("after").alt = chosen("view") === "mask" ? "Mask: white is kept" : "Result: the subject on its backdrop";
  } catch (error) {
    complain(error);
  } finally {
    if (running === mine) $("busy").hidden = true;
  }
}

function soon() {
  clearTimeout(timer);
  if (work?.mask) timer = setTimeout(render, 120);
}

function describe(made) {
  const size = `${work.width} × ${work.height} pixels`;
  if (made.source === "given") return `${size}; your own mask.`;
  const trust = made.confidence === null ? "" : `, confidence ${Math.round(made.confidence * 100)} %`;
  const advice = made.confidence !== null && made.confidence < 0.5
    ? " It may be off: look at the edge, or bring a mask of your own." : "";
  return `${size}; mask by ${made.source}${trust}.${advice}`;
}

async function estimate() {
  say("Looking for the subject …");
  $("busy").hidden = false;
  try {
    const given = work.ownMask ? (await reduced(work.ownMask, SIDE)).blob : null;
    const made = await ask("/mask", { photo: work.photo, mask: given });
    work.mask = made.picture;
    form.inert = false;
    await render();
    say(describe(made));
  } catch (error) {
    complain(error);
  } finally {
    $("busy").hidden = true;
  }
}

async function open(file) {
  if (!file) return;
  try {
    const copy = await reduced(file, SIDE);
    work = { file, photo: copy.blob, scale: copy.scale, width: copy.width, height: copy.height };
  } catch {
    say(`This browser cannot open ${file.name}. JPEG, PNG, WebP and AVIF work here.`, true);
    return;
  }
  form.reset();
  form.inert = true;
  $("drop").hidden = true;
  $("compare").hidden = false;
  $("after").removeAttribute("src");
  split(100);
  await show($("before"), work.photo);
  await estimate();
  if (!work?.mask) return;
  split(0);
  if (document.activeElement === document.body) $("split").focus(); // the field that had it is gone
}

function split(percent) {
  $("split").value = percent;
  $("split").dispatchEvent(new Event("input"));
}

async function download() {
  $("download").disabled = true;
  say("Making the picture in full size …");
  try {
    const made = await ask(...(await order(true)));
    const link = document.createElement("a");
    const kind = chosen("view") === "mask" ? "mask" : chosen("backdrop") ? "picture" : "cutout";
    link.download = `${work.file.name.replace(/\.\w+$/, "")}-${kind}.${$("media-type").value.slice(6)}`;
    link.href = URL.createObjectURL(made.picture);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    say(`${link.download} is yours: ${Math.ceil(made.picture.size / 1024).toLocaleString("en")} KB.`);
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
  const what = chosen("view") === "mask" ? "mask" : chosen("backdrop") ? "picture" : "cutout";
  $("download").textContent = `Download ${what}`;
}

function again() {
  running?.abort();
  work = null;
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
$("own-mask").addEventListener("change", (event) => {
  work.ownMask = event.target.files[0] ?? null;
  estimate();
});
form.addEventListener("input", (event) => {
  labels();
  if (!["own-mask", "media-type"].includes(event.target.id)) soon();
});
form.addEventListener("reset", () => setTimeout(() => {
  labels();
  if (work?.ownMask) {
    work.ownMask = null;
    estimate();
  } else soon();
}));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  download();
});
$("sign-in").addEventListener("click", () => $("account").showModal());
$("not-now").addEventListener("click", () => $("account").close());
$("account").addEventListener("close", () => {
  if ($("account").returnValue !== "ok") return;
  signIn($("client-id").value, $("token").value);
  $("token").value = "";
  if (work) estimate();
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
