// What is taken along: downloads, and the same picture as a command, a program or a recipe.

import { signedIn } from "/page/doors.js";
import { asRecipe } from "/page/elsewhere.js";
import { order } from "/page/ordering.js";
import { made, outputName, save, stem } from "/page/saving.js";
import { complain, say } from "/page/status.js";
import * as strip from "/page/strip.js";

const $ = (id) => document.getElementById(id);
let saving = null; // AbortController of the downloads that are on their way

export function stopSaving() {
  saving?.abort();
}

// The text stands on the page, too: a page of another host's may not write to the clipboard.
export async function copy(photo, written, words) {
  let text;
  const asked = await order(photo, true).catch(complain);
  if (!asked) return;
  text = written(asked, outputName(photo), signedIn());
  Object.assign($("elsewhere"), { value: text, hidden: false }).select();
  const copied = await navigator.clipboard?.writeText(text).then(() => true, () => false);
  const painted = [asked.files.keep_mask, asked.files.drop_mask].filter(Boolean);
  for (const file of painted) save(file.name, file);
  const beside = painted.length ? ` It needs ${painted.map((file) => file.name).join(" and ")}, which you have now.` : "";
  say(`${copied ? `Copied: ${words}.` : "Copy the text that is marked."}${beside}`);
}

export async function saveRecipe(photo) {
  try {
    const text = await asRecipe(await order(photo, true));
    save(`${stem(photo)}-recipe.json`, new Blob([text], { type: "application/json" }));
    say(`${stem(photo)}-recipe.json is yours: maskkit replay makes the same of it again.`);
  } catch (error) {
    complain(error);
  }
}

export async function download(photo) {
  $("download").disabled = true;
  say("Making the picture in full size …");
  try {
    say(await made(photo));
    strip.list();
  } catch (error) {
    complain(error);
  } finally {
    $("download").disabled = false;
  }
}

// All photos in turn, by one recipe and each with its own marks; one that fails does not stop the others.
export async function downloadAll() {
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
      strip.list();
    } catch (error) {
      if (error.asksWho) complain(error);
      if (!mine.signal.aborted) failed.push(`${photo.file.name}: ${error.message}`);
    }
    if (!mine.signal.aborted) $("download-all").textContent = "Stop";
  }
  saving = null;
  $("download").disabled = false;
  strip.list();
  if (strip.photos.length) say(`${count} of ${all.length} are yours. ${failed.join(" ")}`, failed.length > 0);
}
