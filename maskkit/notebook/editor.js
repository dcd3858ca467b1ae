// The editor of a mask. Every pixel is Python's: a step goes there, the picture of the part that is seen comes back.
// One step is on its way at a time; what was moved meanwhile goes with the next. A draft is made whole when
// nothing moves for a while.

import { TOOLS, brushFor, marking } from "./marks.js";

const SILENCE = 6000; // ms without an answer, after which that is said
const REST = 500; // ms without a step, after which a draft is made whole
const TALLEST = 560;
const GROUNDS = [
  ["checker", "checkers"], ["#ffffff", "white"], ["#000000", "black"], ["#808080", "grey"], ["#ff00ff", "magenta"],
  ["photo", "photo, the rest dark"], ["mask", "mask"], ["colour", "a colour …"],
];
const SLIDERS = [
  ["feather", "Feather", 0, 30, 0.5], ["grow", "Grow", -20, 20, 0.5], ["decontaminate", "Decontaminate", 0, 100, 5],
];
const REFINE = [["", "as suits the mask"], ["none", "none"], ["edge", "edge"], ["hair", "hair"], ["soft", "soft"]];

function element(name, properties = {}, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
}

function choice(name, label, options) {
  const select = element("select", { name }, ...options.map(([value, text]) => element("option", { value }, text)));
  return [element("label", {}, label, select), select];
}

// Where the browser is on the photo: `zoom` is device pixels for one of the photo's, 0 for all of it.
function part(size, at, zoom, canvas) {
  if (!zoom) return { left: 0, top: 0, right: size[0], bottom: size[1] };
  const wide = Math.min(size[0], Math.ceil(canvas.width / zoom)), high = Math.min(size[1], Math.ceil(canvas.height / zoom));
  const left = Math.round(Math.min(Math.max(at[0] - wide / 2, 0), size[0] - wide));
  const top = Math.round(Math.min(Math.max(at[1] - high / 2, 0), size[1] - high));
  return { left, top, right: left + wide, bottom: top + high };
}

function render({ model, el }) {
  const size = model.get("size");
  const me = Math.random().toString(36).slice(2);
  let state = model.get("state");
  let zoom = 0, at = [size[0] / 2, size[1] / 2];
  let seen = { left: 0, top: 0, right: size[0], bottom: size[1] }; // the part that the picture shows
  let count = 0, waiting = null, next = null, rest = 0, silence = 0, dead = false;

  // ---- what there is on the page
  const picture = element("canvas", { className: "picture" });
  const over = element("canvas", { className: "over" });
  const stage = element("div", { className: "stage" }, picture, over);
  const status = element("p", { className: "status" });
  status.setAttribute("role", "status");
  const tools = element("fieldset", {}, element("legend", {}, "Tool"), 
    ...[...TOOLS, ["move", "Move the view"]].map(([value, text]) =>
      element("label", {}, element("input", { type: "radio", name: `tool-${me}`, value, checked: value === "keep" }), text)));
  const [zoomLabel, zoomed] = choice("zoom", "Zoom", [["0", "all of it"], ["1", "100%"], ["4", "400%"]]);
  const [groundLabel, ground] = choice("ground", "On", GROUNDS);
  const colour = element("input", { type: "color", value: "#3366cc", hidden: true, ariaLabel: "Colour of the ground" });
  const brush = element("input", { type: "range", name: "brush", min: 1, max: 100, value: brushFor(size) });
  const undo = element("button", { type: "button" }, "Undo");
  const clear = element("button", { type: "button" }, "Take all marks back");
  const [refineLabel, refine] = choice("refine", "Refine", REFINE);
  const sliders = Object.fromEntries(SLIDERS.map(([name, label, min, max, step]) => {
    const input = element("input", { type: "range", name, min, max, step });
    const output = element("output");
    return [name, { input, output, label: element("label", {}, label, input, output) }];
  }));
  const root = element("div", { className: "maskkit-edit" },
    element("div", { className: "row" }, tools, element("label", {}, "Brush", brush), undo, clear),
    stage,
    element("div", { className: "row" }, zoomLabel, groundLabel, colour, refineLabel),
    element("div", { className: "row" }, ...Object.values(sliders).map(({ label }) => label)),
    status);
  // JupyterLab has uses of its own for keys, and leaves them to an element that says so itself.
  for (const one of root.querySelectorAll("input, select, button, .over")) one.dataset.lmSuppressShortcuts = "true";
  el.append(root);

  // In marimo the editor stands in a shadow tree, which has a focus of its own.
  const focused = () => root.getRootNode().activeElement;

  // ---- asking Python
  function view() {
    const wanted = part(size, at, zoom, picture);
    const chosen = ground.value === "colour" ? colour.value : ground.value;
    return { ...wanted, width: picture.width, height: picture.height, ground: chosen };
  }

  function ask(deed = {}) {
    clearTimeout(rest);
    if (waiting) {
      next = merged(next, deed);
      return;
    }
    send(deed);
  }

  // Sliders of several steps become one; marks are sent each by itself.
  function merged(before, deed) {
    const queue = before ?? [];
    const last = queue.at(-1);
    if (last && isMove(last) && isMove(deed)) queue[queue.length - 1] = { change: { ...last.change, ...deed.change } };
    else queue.push(deed);
    return queue;
  }

  const isMove = (deed) => !deed.hint && !deed.undo && !deed.clear && !deed.settle;

  function send(deed) {
    const id = `${me}:${++count}`;
    waiting = id;
    clearTimeout(silence);
    silence = setTimeout(gone, deed.settle ? 10 * SILENCE : SILENCE);
    root.dataset.asked = performance.now();
    try {
      Promise.resolve(model.send({ id, view: view(), ...deed })).catch(gone);
    } catch {
      gone();
    }
  }

  function gone() {
    dead = true;
    waiting = next = null;
    root.dataset.dead = "yes";
    say("Python does not answer: the kernel has died, is busy with another cell, or is not there, as in an exported"
      + " page. This is the last picture it made; run the cell again to go on.", true);
  }

  async function heard(answer, buffers) {
    if (!String(answer.id).startsWith(`${me}:`)) return;
    if (answer.id !== waiting && !(answer.id === `${me}:${count}`)) return;
    clearTimeout(silence);
    dead = false;
    delete root.dataset.dead;
    state = answer.state;
    follow();
    if (answer.refused) say(answer.refused, true);
    else await draw(answer, buffers);
    waiting = null;
    if (next?.length) {
      const deed = next.shift();
      send(deed);
    } else if (!answer.refused && !answer.exact) {
      rest = setTimeout(() => settle(), REST);
    }
  }

  // A draft is made whole beside what goes on: nothing waits for it.
  function settle() {
    send({ settle: true });
    waiting = null;
  }

  async function draw(answer, buffers) {
    const wanted = view();
    const bitmap = await createImageBitmap(new Blob([buffers[0]], { type: "image/png" }));
    seen = wanted;
    paint(bitmap);
    root.dataset.exact = answer.exact ? "yes" : "no";
    root.dataset.took = performance.now() - Number(root.dataset.asked);
    root.dataset.drawn = Number(root.dataset.drawn ?? 0) + 1;
    const told = state.said ? `. ${state.said}` : "";
    say(answer.exact ? `${size[0]} × ${size[1]} pixels, ${state.source}${told}` : "A draft; the exact cutout follows …");
  }

  function paint(bitmap) {
    const context = picture.getContext("2d");
    context.imageSmoothingEnabled = zoom < 1;
    context.clearRect(0, 0, picture.width, picture.height);
    const [wide, high] = shownSize();
    context.drawImage(bitmap, 0, 0, wide, high);
    marks.draw();
  }

  // Device pixels that the part takes: all of the stage, or less where the photo is small.
  function shownSize() {
    const scale = zoom || Math.min(picture.width / size[0], picture.height / size[1]);
    return [(seen.right - seen.left) * scale, (seen.bottom - seen.top) * scale];
  }

  function say(text, bad = false) {
    status.textContent = text;
    status.classList.toggle("bad", bad);
  }

  // ---- marks over the picture
  const marks = marking(over, {
    size,
    seen() {
      const [wide, high] = shownSize();
      return { ...seen, wide, high };
    },
    hints: () => state.hints,
    said: (hint) => ask({ hint }),
    moved(by, to) {
      at = to ?? [at[0] + by[0], at[1] + by[1]];
      ask();
    },
    zoomed(way, to) {
      const steps = ["0", "1", "4"];
      zoomed.value = steps[Math.min(Math.max(steps.indexOf(zoomed.value) + way, 0), 2)];
      at = [...to];
      lookAgain();
    },
  });

  // ---- what people do
  tools.addEventListener("change", ({ target }) => {
    stage.dataset.tool = target.value;
    marks.use(target.value);
  });
  const stroke = () => marks.brush(Number(brush.value));
  brush.addEventListener("input", stroke);
  stroke();
  undo.addEventListener("click", () => ask({ undo: true }));
  clear.addEventListener("click", () => ask({ clear: true }));
  function lookAgain() {
    zoom = Number(zoomed.value);
    colour.hidden = ground.value !== "colour";
    ask();
  }
  for (const one of [zoomed, ground]) one.addEventListener("change", lookAgain);
  colour.addEventListener("input", lookAgain);
  refine.addEventListener("change", () => ask({ change: { refine: refine.value || null } }));
  for (const [name, { input }] of Object.entries(sliders)) {
    input.addEventListener("input", () => {
      const value = Number(input.value);
      label(name);
      ask({ change: { [name]: name === "decontaminate" ? value / 100 : value } });
    });
  }

  // ---- the controls as Python has them
  function label(name) {
    const { input, output } = sliders[name];
    const unset = name === "decontaminate" && state.decontaminate === null && input !== focused();
    output.textContent = unset ? "as suits" : `${input.value}${name === "decontaminate" ? "%" : " px"}`;
    input.setAttribute("aria-valuetext", output.textContent);
  }

  function follow() {
    for (const [name, { input }] of Object.entries(sliders)) {
      const value = state[name] ?? 1;
      if (input !== focused()) input.value = name === "decontaminate" ? value * 100 : value;
      label(name);
    }
    refine.value = state.refine ?? "";
    undo.disabled = clear.disabled = !state.hints.length;
  }

  function fit() {
    stage.style.maxWidth = `${Math.max(480, Math.round(TALLEST * size[0] / size[1]))}px`;
    const wide = stage.clientWidth || 720, ratio = devicePixelRatio || 1;
    const high = Math.min(TALLEST, Math.round(wide * size[1] / size[0]));
    stage.style.height = `${high}px`;
    for (const canvas of [picture, over]) Object.assign(canvas, { width: Math.round(wide * ratio), height: Math.round(high * ratio) });
  }

  // ---- beginning: the last picture at once, then what Python has now
  stage.dataset.tool = "keep";
  fit();
  follow();
  const still = model.get("still");
  createImageBitmap(new Blob([still], { type: "image/png" })).then((bitmap) => {
    if (!root.dataset.drawn) paint(bitmap);
  });
  model.on("msg:custom", heard);
  let width = stage.clientWidth;
  const resized = new ResizeObserver(() => {
    if (stage.clientWidth === width || !stage.clientWidth) return;
    width = stage.clientWidth;
    fit();
    ask();
  });
  resized.observe(stage);
  ask();
  return () => {
    model.off("msg:custom", heard);
    resized.disconnect();
    clearTimeout(rest);
    clearTimeout(silence);
  };
}

export default { render };
