// The same picture elsewhere: what the page orders as a command of curl, and as a program in Python.

const NAMES = { background: "backdrop" }; // of the form's fields, where a recipe has another word

// A word of a shell, whatever is in it.
function word(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// A file as curl's --form takes it: in double quotes, which a name may hold too.
function upload(name, file) {
  return word(`${name}=@"${file.name.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`);
}

function given(fields) {
  return Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
}

export function asCurl(door, fields, output, client) {
  const who = client ? [`-H ${word(`x-api-key: ${client}`)}`, '-H "authorization: Bearer $TOKEN"'] : [];
  const said = given(fields).map(([name, value]) =>
    value instanceof File ? `-F ${upload(name, value)}` : `-F ${word(`${name}=${value}`)}`);
  return ["curl -sf", ...who, ...said, word(location.origin + door), `-o ${word(output)}`].join(" ");
}

export function asPython(door, { photo, mask, media_type: _, ...fields }, output) {
  const literal = (value) => JSON.stringify(value instanceof File ? value.name : value);
  const said = [["product", door.slice(1)], ...given(fields)];
  const options = said.map(([name, value]) => `${NAMES[name] ?? name}=${literal(value)}`).join(", ");
  const files = [photo, mask].filter(Boolean).map(literal).join(", ");
  return `import maskkit as mk\n\nrecipe = mk.Recipe(${options})\nmk.write(${literal(output)}, mk.replay(recipe, ${files}))\n`;
}
