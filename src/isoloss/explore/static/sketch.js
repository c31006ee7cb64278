// A figure of lines, bands and points as plain SVG, for the second in which the browser still reads
// Plotly's script: the same places and colours, no hover. What it does not know it leaves to Plotly.

const SPACE = "http://www.w3.org/2000/svg";
const DASHES = { dash: "9,7", dot: "2,5", dashdot: "9,5,2,5", longdash: "15,8" };
let made = 0;

/** Draw a figure into a place; false where it holds something else than lines, bands and points.
 * @param {HTMLElement} place
 * @param {any[]} data as for Plotly
 * @param {any} layout as for Plotly, its axes by `chart.axis`
 */
export function sketch(place, data, layout) {
  const width = place.clientWidth, height = place.clientHeight;
  if (!width || !height || !data.every(simple) || ![layout.xaxis, layout.yaxis].every((axis) => axis?.range && axis.tickvals)) return false;
  const { l, r, t, b } = layout.margin;
  const box = { left: l, right: width - r, top: t, bottom: height - b };
  const x = scale(layout.xaxis, box.left, box.right), y = scale(layout.yaxis, box.bottom, box.top);
  const id = `sketch-${++made}`;
  const picture = element("svg", { class: "sketch", width, height, "aria-hidden": "true" },
    element("clipPath", { id }, element("rect", { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top })),
    element("g", { "clip-path": `url(#${id})` }, ...(layout.shapes ?? []).filter((/** @type {any} */ s) => s.type === "rect").map((/** @type {any} */ s) => area(s, x, y, box))),
    ...grid(layout, x, y, box),
    element("g", { "clip-path": `url(#${id})` }, ...data.filter((trace) => trace.mode.includes("lines")).map((trace) => path(trace, x, y))),
    element("g", {}, ...data.filter((trace) => trace.mode.includes("markers")).flatMap((trace) => marks(trace, x, y))));
  place.replaceChildren(picture);
  return true;
}

/** @param {any} trace */
function simple(trace) {
  return trace.type === "scatter" && /^(lines|markers|lines\+markers)$/.test(trace.mode ?? "") && !trace.error_x && !trace.error_y && !trace.xaxis && !trace.yaxis;
}

/** Where a value of an axis is, in pixels.
 * @param {any} axis
 * @param {number} from
 * @param {number} to
 */
function scale(axis, from, to) {
  const [low, high] = axis.range;
  const log = axis.type === "log";
  return (/** @type {number} */ value) => from + (((log ? Math.log10(value) : value) - low) / (high - low)) * (to - from);
}

/** @param {string} name @param {Record<string, any>} attributes @param {...Element} inside */
function element(name, attributes, ...inside) {
  const node = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...inside);
  return node;
}

/** @typedef {{left: number, right: number, top: number, bottom: number}} Box */
/** @typedef {(value: number) => number} Place */

/** @param {any} shape @param {Place} x @param {Place} y @param {Box} box */
function area(shape, x, y, box) {
  const along = (/** @type {string} */ ref, /** @type {Place} */ place, /** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ value) => (ref === "paper" ? from + value * (to - from) : place(value));
  const [a, c] = [shape.x0, shape.x1].map((v) => along(shape.xref, x, box.left, box.right, v));
  const [d, e] = [shape.y0, shape.y1].map((v) => along(shape.yref, y, box.bottom, box.top, v));
  return element("rect", { x: Math.min(a, c), y: Math.min(d, e), width: Math.abs(c - a), height: Math.abs(e - d), fill: shape.fillcolor ?? "none" });
}

/** @param {any} layout @param {Place} x @param {Place} y @param {Box} box */
function grid(layout, x, y, box) {
  const { xaxis, yaxis } = layout;
  const line = (/** @type {string} */ d) => element("path", { class: "grid", d });
  const word = (/** @type {string} */ text, /** @type {number} */ at, /** @type {number} */ down, /** @type {string} */ anchor) => {
    const node = element("text", { x: at, y: down, "text-anchor": anchor });
    node.textContent = text;
    return node;
  };
  return [
    ...xaxis.tickvals.flatMap((/** @type {number} */ v, /** @type {number} */ i) => [line(`M${x(v)} ${box.top}V${box.bottom}`), word(xaxis.ticktext?.[i] ?? String(v), x(v), box.bottom + 16, "middle")]),
    ...yaxis.tickvals.flatMap((/** @type {number} */ v, /** @type {number} */ i) => [line(`M${box.left} ${y(v)}H${box.right}`), word(yaxis.ticktext?.[i] ?? String(v), box.left - 4, y(v) + 4, "end")]),
  ];
}

/** @param {any} trace @param {Place} x @param {Place} y */
function path(trace, x, y) {
  let d = "", open = false;
  for (let i = 0; i < trace.x.length; i++) {
    const at = x(trace.x[i]), down = y(trace.y[i]);
    if (!Number.isFinite(at) || !Number.isFinite(down)) { open = false; continue; }
    d += `${open ? "L" : "M"}${at.toFixed(1)} ${down.toFixed(1)}`;
    open = true;
  }
  const { color = "none", width = 2, dash = "solid" } = trace.line ?? {};
  return element("path", {
    class: "curve", d, fill: trace.fill === "toself" ? trace.fillcolor : "none", stroke: width ? color : "none", "stroke-width": width,
    ...(dash in DASHES ? { "stroke-dasharray": DASHES[/** @type {keyof typeof DASHES} */ (dash)] } : {}),
  });
}

/** @param {any} trace @param {Place} x @param {Place} y */
function marks(trace, x, y) {
  const { color, size = 8, symbol = "circle" } = trace.marker ?? {};
  return Array.from(trace.x, (value, i) => {
    const at = x(value), down = y(trace.y[i]), fill = Array.isArray(color) ? color[i] : color;
    const half = (Array.isArray(size) ? size[i] : size) / 2;
    if (!Number.isFinite(at) || !Number.isFinite(down)) return element("g", {});
    const shape = String(Array.isArray(symbol) ? symbol[i] : symbol);
    if (shape.startsWith("diamond")) return element("path", { d: `M${at} ${down - 1.3 * half}l${1.3 * half} ${1.3 * half}l${-1.3 * half} ${1.3 * half}l${-1.3 * half} ${-1.3 * half}Z`, fill });
    if (shape.startsWith("square")) return element("rect", { x: at - half, y: down - half, width: 2 * half, height: 2 * half, fill });
    return element("circle", { cx: at, cy: down, r: half, ...(shape.endsWith("-open") ? { fill: "none", stroke: fill } : { fill }) });
  });
}
