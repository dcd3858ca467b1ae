// The same picture elsewhere: what the page orders as a command of curl, a program in Python, and a recipe.

import { reduced } from "/page/doors.js";
import { fields, given } from "/page/ordering.js";

const LAYERED = ["image/vnd.adobe.photoshop", "image/openraster"];

// A word of a shell, whatever is in it.
function word(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// A file as curl's --form takes it: in double quotes, which a name may hold too.
function upload(name, file) {
  return word(`${name}=@"${file.name.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`);
}

export function asCurl(order, output, client) {
  const who = client ? [`-H ${word(`x-api-key: ${client}`)}`, '-H "authorization: Bearer $TOKEN"'] : [];
  const said = Object.entries(fields(order)).map(([name, value]) =>
    value instanceof File ? `-F ${upload(name, value)}` : `-F ${word(`${name}=${value}`)}`);
  return ["curl -sf", ...who, ...said, word(location.origin + order.door), `-o ${word(output)}`].join(" ");
}

export function asPython({ door, files: { photo, mask, ...others }, options, media }, output) {
  const literal = (value) => JSON.stringify(value instanceof File ? value.name : value);
  const said = Object.entries(given({ product: door.slice(1), ...options, ...others }));
  const words = said.map(([name, value]) => `${name}=${literal(value)}`).join(", ");
  const inputs = [photo, mask].filter(Boolean).map(literal).join(", ");
  const recipe = `recipe = mk.Recipe(${words})\n`;
  if (LAYERED.includes(media.media_type)) {
    const made = `layers_of(mk.cutout(${inputs}, recipe=recipe), recipe)`;
    const names = "from maskkit.codec.layers import write_layers\nfrom maskkit.cutouts import layers_of\n";
    return `import maskkit as mk\n${names}\n${recipe}write_layers(${literal(output)}, ${made})\n`;
  }
  return `import maskkit as mk\n\n${recipe}mk.write(${literal(output)}, mk.replay(recipe, ${inputs}))\n`;
}

async function pixels(file) {
  let text = "";
  for (const byte of new Uint8Array(await file.arrayBuffer())) text += String.fromCharCode(byte);
  return { png: btoa(text) };
}

// The recipe as JSON, which `maskkit replay` takes; strokes and a picture behind lie in it as PNG.
export async function asRecipe({ door, files: { photo: _, mask: __, ...others }, options }) {
  const kept = {};
  for (const [name, file] of Object.entries(given(others))) {
    kept[name] = await pixels(name === "backdrop" ? (await reduced(file, Infinity)).blob : file);
  }
  return JSON.stringify({ recipe: 1, product: door.slice(1), ...given(options), ...kept });
}
