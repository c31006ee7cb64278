// What moves with a slider, as shapes of the layout: the traces of a figure stay as they are, and the
// browser draws only the shapes anew.

const HALF = 7;
/** Outlines in pixels around the place, up is positive. @type {Record<string, (r: number) => string>} */
const PATHS = {
  circle: (r) => around(r, 20, 0),
  square: (r) => `M ${-0.85 * r} ${-0.85 * r} L ${0.85 * r} ${-0.85 * r} L ${0.85 * r} ${0.85 * r} L ${-0.85 * r} ${0.85 * r} Z`,
  diamond: (r) => around(1.15 * r, 4, 0),
  "triangle-up": (r) => around(1.2 * r, 3, Math.PI / 2),
};

/** @param {number} r @param {number} corners @param {number} turn */
function around(r, corners, turn) {
  const at = Array.from({ length: corners }, (_, i) => turn + (2 * Math.PI * i) / corners).map((a) => `${(r * Math.cos(a)).toFixed(2)} ${(r * Math.sin(a)).toFixed(2)}`);
  return `M ${at.join(" L ")} Z`;
}

/** A symbol at a place of both axes.
 * @param {string} symbol
 * @param {number} x @param {number} y
 * @param {string} colour
 * @param {number} [half] pixels
 */
export function mark(symbol, x, y, colour, half = HALF) {
  const path = (PATHS[symbol] ?? PATHS.circle)(half);
  return { type: "path", path, xsizemode: "pixel", ysizemode: "pixel", xanchor: x, yanchor: y, xref: "x", yref: "y", fillcolor: colour, line: { width: 0 } };
}

/** A line between two places.
 * @param {[number, number]} from @param {[number, number]} to
 * @param {string} colour @param {number} width @param {string} [dash]
 */
export function stroke(from, to, colour, width, dash = "solid") {
  return { type: "line", xref: "x", yref: "y", x0: from[0], y0: from[1], x1: to[0], y1: to[1], line: { color: colour, width, dash } };
}

/** A line over the whole height. @param {number} x @param {string} colour */
export function upright(x, colour) {
  return { type: "line", xref: "x", yref: "paper", x0: x, x1: x, y0: 0, y1: 1, layer: "below", line: { color: colour, width: 1, dash: "dot" } };
}
