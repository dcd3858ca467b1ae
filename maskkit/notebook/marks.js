// Marks on a photo, made by pointer and by keyboard: a box, points, strokes. The notebook's editor and the
// server's page draw them by this module.

export const TOOLS = [
  ["keep", "Keep point"], ["drop", "Drop point"], ["paint keep", "Paint keep"], ["paint drop", "Paint drop"],
  ["box", "Box"],
];
const KEPT = "#00c853", DROPPED = "#ff1744", BOXED = "#00b0ff";

// A brush that suits a photo of this size: its radius in the photo's pixels.
export function brushFor(size) {
  return Math.max(2, Math.round(Math.max(...size) / 80));
}

function crossed(context, [x, y], ratio) {
  for (const [style, width] of [["#000", 3], ["#fff", 1]]) {
    Object.assign(context, { strokeStyle: style, lineWidth: width * ratio });
    context.beginPath();
    context.moveTo(x - 12 * ratio, y);
    context.lineTo(x + 12 * ratio, y);
    context.moveTo(x, y - 12 * ratio);
    context.lineTo(x, y + 12 * ratio);
    context.stroke();
  }
}

function boxed(context, first, last, ratio) {
  context.setLineDash([6 * ratio, 4 * ratio]);
  context.strokeStyle = BOXED;
  context.strokeRect(first[0], first[1], last[0] - first[0], last[1] - first[1]);
  context.setLineDash([]);
}

function stroked(context, points, width) {
  context.lineWidth = Math.max(1, width);
  context.lineCap = context.lineJoin = "round";
  context.beginPath();
  context.moveTo(...points[0]);
  for (const point of points.length > 1 ? points.slice(1) : points) context.lineTo(...point);
  context.stroke();
}

function dotted(context, [x, y], kept, ratio) {
  context.beginPath();
  context.arc(x, y, 5 * ratio, 0, 2 * Math.PI);
  context.fill();
  context.strokeStyle = context.fillStyle = "#fff";
  context.stroke();
  context.fillRect(x - 3 * ratio, y - ratio / 2, 6 * ratio, ratio);
  if (kept) context.fillRect(x - ratio / 2, y - 3 * ratio, ratio, 6 * ratio);
}

// The painted strokes as two masks of a size: RGBA of white on black, or nothing where none is painted; `scale`
// is that size over the photo's. Later strokes lie over earlier ones.
export function painted(hints, width, height, scale) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  for (const { kind, points, radius } of hints.filter((one) => one.kind.startsWith("paint"))) {
    context.strokeStyle = kind === "paint keep" ? "#0f0" : "#f00";
    stroked(context, points.map(([x, y]) => [(x + 0.5) * scale, (y + 0.5) * scale]), 2 * radius * scale);
  }
  const paint = context.getImageData(0, 0, width, height).data;
  return { keep: mask(paint, 1, 0, width, height), drop: mask(paint, 0, 1, width, height) };
}

// White where one of the two paints covers a pixel by half, and more than the other does.
function mask(paint, one, other, width, height) {
  const made = new ImageData(width, height);
  let any = false;
  for (let at = 0; at < paint.length; at += 4) {
    const white = paint[at + 3] >= 128 && paint[at + one] > paint[at + other];
    made.data.fill(white ? 255 : 0, at, at + 3);
    made.data[at + 3] = 255;
    any ||= white;
  }
  return any ? made : null;
}

// Marks drawn on the canvas `over`, which lies over a picture of a photo of this size.
// `seen()` says what it shows: { left, top, right, bottom } of the photo, and how many of the canvas's own
// pixels that takes, `wide` and `high`. `hints()` are the marks that there are. `said(hint)` hears a new one.
// Where the picture can show another part: `moved(at)` and `zoomed(way, at)` hear that it should.
export function marking(over, { size, seen, hints, said, moved = null, zoomed = null }) {
  const radiusOf = { now: brushFor(size) };
  let tool = "keep", drawing = null, cross = size.map((side) => Math.floor(side / 2));

  over.tabIndex = 0;
  over.setAttribute("role", "application");
  const keys = "Arrow keys move the cross, Enter uses the tool there";
  over.setAttribute("aria-label", `Photo. ${keys}${zoomed ? ", + and - zoom" : ""}.`);
  // In marimo the editor stands in a shadow tree, which has a focus of its own.
  const isFocused = () => over.getRootNode().activeElement === over;

  function draw() {
    const context = over.getContext("2d");
    const { left, top, right, wide } = seen();
    const scale = wide / (right - left), ratio = over.clientWidth ? over.width / over.clientWidth : 1;
    const place = ([x, y]) => [(x - left + 0.5) * scale, (y - top + 0.5) * scale];
    context.clearRect(0, 0, over.width, over.height);
    for (const mark of drawing ? [...hints(), drawing] : hints()) {
      const points = mark.points.map(place);
      const kept = !mark.kind.endsWith("drop");
      context.strokeStyle = context.fillStyle = kept ? KEPT : DROPPED;
      context.lineWidth = 2 * ratio;
      if (mark.kind === "box") boxed(context, points[0], points.at(-1), ratio);
      else if (mark.kind.startsWith("paint")) {
        context.globalAlpha = 0.5;
        stroked(context, points, 2 * mark.radius * scale);
        context.globalAlpha = 1;
      } else if (mark.kind !== "move") dotted(context, points[0], kept, ratio);
    }
    if (isFocused()) crossed(context, place(cross), ratio);
  }

  const inside = (point) => point.map((value, axis) => Math.min(Math.max(Math.floor(value), 0), size[axis] - 1));

  function where(event) {
    const box = over.getBoundingClientRect();
    const { left, top, right, bottom, wide, high } = seen();
    const x = (event.clientX - box.left) / box.width * over.width / wide * (right - left) + left;
    const y = (event.clientY - box.top) / box.height * over.height / high * (bottom - top) + top;
    return inside([x, y]);
  }

  function begin(point) {
    if (tool === "keep" || tool === "drop") said({ kind: tool, points: [point] });
    else drawing = { kind: tool, points: [point], radius: radiusOf.now };
  }

  function extend(point) {
    if (drawing.kind === "box") drawing.points = [drawing.points[0], point];
    else drawing.points.push(point);
    draw();
  }

  function end() {
    const hint = drawing;
    drawing = null;
    if (!hint || hint.kind === "move") return;
    if (hint.kind === "box" && hint.points.length < 2) draw();
    else said(hint);
  }

  over.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    over.setPointerCapture(event.pointerId);
    cross = where(event);
    begin(cross);
  });
  over.addEventListener("pointermove", (event) => {
    if (!drawing) return;
    const point = where(event);
    if (drawing.kind !== "move") return extend(point);
    const from = drawing.points[0];
    moved?.([from[0] - point[0], from[1] - point[1]]);
  });
  over.addEventListener("pointerup", end);
  over.addEventListener("pointercancel", end);

  function step(way) {
    const { left, top, right, bottom } = seen();
    cross = inside([cross[0] + way[0], cross[1] + way[1]]);
    const out = cross[0] < left || cross[0] >= right || cross[1] < top || cross[1] >= bottom;
    if (drawing) extend(cross);
    else draw();
    if (out || tool === "move") moved?.(null, cross);
  }

  over.addEventListener("keydown", (event) => {
    const { left, right } = seen();
    const far = (event.shiftKey ? 20 : 4) * Math.max(1, Math.round((right - left) / 400));
    const way = { ArrowLeft: [-far, 0], ArrowRight: [far, 0], ArrowUp: [0, -far], ArrowDown: [0, far] }[event.key];
    if (way) step(way);
    else if (event.key === "Enter" || event.key === " ") drawing ? end() : begin(cross);
    else if (event.key === "Escape") stop();
    else if (zoomed && (event.key === "+" || event.key === "-")) zoomed(event.key === "+" ? 1 : -1, cross);
    else return;
    event.preventDefault();
    event.stopPropagation(); // the notebook has keys of its own
  });
  for (const event of ["focus", "blur"]) over.addEventListener(event, draw);

  function stop() {
    drawing = null;
    draw();
  }

  return {
    draw,
    use(name) {
      tool = name;
      stop();
    },
    brush(radius) {
      radiusOf.now = radius;
    },
  };
}
