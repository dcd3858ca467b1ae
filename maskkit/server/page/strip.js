// Several photos in a row, which one recipe is for: { file, hints, asked } each, and what is known once it was opened.

const $ = (id) => document.getElementById(id);
const THUMB = 144;

export const photos = [];
let chose = () => {};

export function onChoice(heard) {
  chose = heard;
}

export function add(files) {
  const news = [...files].map((file) => ({ file, hints: [], asked: null, done: false }));
  photos.push(...news);
  list(null);
  return news;
}

export function remove(photo) {
  if (photos.includes(photo)) photos.splice(photos.indexOf(photo), 1);
}

let seen = null;

// The row as it is now, with the one that is shown, or that was; a single photo needs none.
export function list(shown = seen) {
  seen = shown;
  $("strip").hidden = $("download-all").hidden = photos.length < 2;
  $("strip").replaceChildren(...photos.map((photo) => item(photo, shown)));
  $("download-all").textContent = `Download all ${photos.length}`;
}

function item(photo, shown) {
  photo.button ??= button(photo);
  photo.button.setAttribute("aria-current", photo === shown);
  photo.button.setAttribute("aria-label", photo.done ? `${photo.file.name}, downloaded` : photo.file.name);
  photo.button.classList.toggle("done", photo.done);
  const one = document.createElement("li");
  one.append(photo.button);
  return one;
}

function button(photo) {
  const made = Object.assign(document.createElement("button"), { type: "button", title: photo.file.name });
  made.append(Object.assign(document.createElement("span"), { textContent: photo.file.name }));
  made.addEventListener("click", () => chose(photo));
  thumbnail(photo, made);
  return made;
}

let last = Promise.resolve(); // thumbnails are made one after the other: a photo takes much memory

function thumbnail(photo, made) {
  last = last.then(async () => {
    const { width, height } = await createImageBitmap(photo.file);
    const scale = THUMB / Math.max(width, height);
    const size = { resizeWidth: Math.ceil(width * scale), resizeHeight: Math.ceil(height * scale), resizeQuality: "medium" };
    const bitmap = await createImageBitmap(photo.file, size);
    const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    made.replaceChildren(canvas);
  }).catch(() => {}); // what the browser cannot read keeps its name
}
