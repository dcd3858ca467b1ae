// The controls: those that are made of lists, and what each of them says.

import { TOOLS } from "/page/marks.js";
import { chosen } from "/page/ordering.js";
import { kind } from "/page/saving.js";

const $ = (id) => document.getElementById(id);
const form = $("controls");

for (const [value, text] of TOOLS) {
  const input = Object.assign(document.createElement("input"), { type: "radio", name: "tool", value });
  const label = document.createElement("label");
  label.append(input, Object.assign(document.createElement("span"), { textContent: text }));
  $("tools").append(label);
}

// What the controls say of themselves: their values, and what is of use now.
export function labels() {
  for (const output of form.querySelectorAll("output")) {
    const input = $(output.htmlFor.value);
    const { unit, zero } = input.dataset;
    output.textContent = zero && Number(input.value) === 0 ? zero : `${input.value}${unit}`;
    input.setAttribute("aria-valuetext", output.textContent);
  }
  $("color-row").hidden = chosen("backdrop") !== "color";
  $("picture-row").hidden = chosen("backdrop") !== "picture";
  for (const id of ["outline", "glow"]) $(`${id}-color-row`).hidden = Number($(id).value) === 0;
  formats();
  $("download").textContent = `Download ${kind()}`;
}

// A mask is no file of layers, and a JPEG has no alpha: what cannot be had is not chosen.
function formats() {
  const media = $("media-type");
  for (const one of media.options) one.disabled = !(one.dataset.for ?? kind()).split(" ").includes(kind());
  if (media.selectedOptions[0].disabled) media.value = "image/png";
}
