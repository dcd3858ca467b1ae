// The server's direct doors, and who we are to them.

export class Refused extends Error {
  constructor(status, message, code) {
    super(message);
    this.asksWho = status === 401 || code === "403003"; // other refusals with 403 are of the place, not of us
  }
}

export function signIn(client, token) {
  sessionStorage.setItem("maskkit", JSON.stringify({ client, token }));
}

function remembered() {
  return JSON.parse(sessionStorage.getItem("maskkit") ?? "null");
}

// The client's id, or nothing.
export function signedIn() {
  return remembered()?.client;
}

function credentials() {
  const known = remembered();
  return known ? { "x-api-key": known.client, authorization: `Bearer ${known.token}` } : {};
}

// POST a form to /mask, /cutout or /composite; the picture that comes back, with who made its mask.
export async function ask(door, fields, signal) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value !== null && value !== undefined) form.append(name, value);
  }
  let answer;
  try {
    answer = await fetch(door, { method: "POST", body: form, headers: credentials(), signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, "The server cannot be reached.");
  }
  if (!answer.ok) {
    const said = await answer.json().catch(() => ({}));
    throw new Refused(answer.status, said.message ?? `The server answered ${answer.status}.`, said.error_code);
  }
  const confidence = answer.headers.get("x-mask-confidence");
  return {
    picture: await answer.blob(),
    source: answer.headers.get("x-mask-source"),
    confidence: confidence === null ? null : Number(confidence),
    warning: answer.headers.get("x-maskkit-warning"),
  };
}

// The same of a photo that the browser cannot read, HEIC or TIFF: the server's own picture of it, over itself.
export async function opened(file, side) {
  try {
    return await reduced(file, side);
  } catch {
    const fields = { photo: file, backdrop: file, decontaminate: 0, media_type: "image/jpeg" };
    return reduced((await ask("/composite", fields)).picture, side);
  }
}

// A copy small enough to edit live: at most `side` pixels, upright. `scale` is its size over the photo's.
export async function reduced(file, side) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const size = { width: bitmap.width, height: bitmap.height };
  bitmap.close();
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  return { blob, scale, ...size };
}
