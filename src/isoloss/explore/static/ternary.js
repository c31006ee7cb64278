// Three parts of one whole as a triangle: contours over a lattice of it, regions, grid and corners.
// Parts are [top, left, right] and add up to one. Plotly's own ternary plots have neither contours
// nor filled levels, so the triangle is drawn in plain coordinates with axes of its own.

import { COLOURS, faded, layout, line, points } from "isoloss/chart.js";
import { ticks } from "isoloss/numbers.js";

/** @typedef {[number, number, number]} Parts */

const TALL = Math.sqrt(3) / 2;
/** @type {Parts[]} */
export const CORNERS = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

/** @param {ArrayLike<number>} parts @returns {[number, number]} */
export function place(parts) {
  return [parts[2] + parts[0] / 2, parts[0] * TALL];
}

/** Parts at the nodes of a lattice with n steps along every edge, the right part running fastest.
 * @param {number} n
 */
export function lattice(n) {
  /** @type {Parts[]} */
  const nodes = [];
  for (let i = 0; i <= n; i++) for (let j = 0; j <= n - i; j++) nodes.push([i / n, (n - i - j) / n, j / n]);
  return nodes;
}

/** Values of a coarser lattice out of those of a finer one with a whole number of times its steps.
 * @param {ArrayLike<number>} values at `lattice(n)`
 * @param {number} n
 * @param {number} few
 */
export function coarser(values, n, few) {
  const times = n / few, found = [];
  for (let i = 0; i <= few; i++) {
    const row = times * i;
    const start = row * (n + 1) - (row * (row - 1)) / 2;
    for (let j = 0; j <= few - i; j++) found.push(values[start + times * j]);
  }
  return found;
}

/** Closed loops around the region where values are at most `level`, with its left always inside.
 *
 * The lattice gets a rim of nodes outside of the region, so that what reaches an edge of the
 * triangle is closed along that edge.
 * @param {ArrayLike<number>} values at `lattice(n)`
 * @param {number} n
 * @param {number} level
 * @returns {{loops: Parts[][], inner: Parts[]}} loops, and the points of them that lie on no edge
 */
export function loopsOf(values, n, level) {
  const wide = n + 4;
  const cell = (/** @type {number} */ i, /** @type {number} */ j) => (i + 1) * wide + j + 1;
  const at = new Float64Array(wide * wide).fill(NaN), inside = new Uint8Array(wide * wide);
  for (let i = 0, m = 0; i <= n; i++) {
    for (let j = 0; j <= n - i; j++, m++) {
      at[cell(i, j)] = values[m];
      inside[cell(i, j)] = values[m] <= level ? 1 : 0;
    }
  }
  const next = new Int32Array(3 * wide * wide).fill(-1);
  // a triangle with corners a, b, c against the clock: the contour goes from where its border leaves
  // the region to where it comes back
  const join = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ c, /** @type {number} */ ab, /** @type {number} */ bc, /** @type {number} */ ca) => {
    const sum = inside[a] + inside[b] + inside[c];
    if (sum === 0 || sum === 3) return;
    const out = inside[a] > inside[b] ? ab : inside[b] > inside[c] ? bc : ca;
    next[out] = inside[a] < inside[b] ? ab : inside[b] < inside[c] ? bc : ca;
  };
  for (let i = -1; i <= n; i++) {
    for (let j = -1; j <= n - i; j++) {
      const here = cell(i, j), up = here + wide, right = here + 1;
      join(here, right, up, 3 * here + 1, 3 * here + 2, 3 * here);
      if (i + j < n) join(right, up + 1, up, 3 * right, 3 * up + 1, 3 * here + 2);
    }
  }
  /** @type {Parts[]} */
  const inner = [];
  const spot = (/** @type {number} */ edge) => {
    const here = Math.floor(edge / 3), way = edge % 3;
    const a = way === 2 ? here + wide : here, b = way === 0 ? here + wide : here + 1;
    const real = at[a] === at[a] && at[b] === at[b];
    let share = real ? (level - at[a]) / (at[b] - at[a]) : at[a] === at[a] ? 0 : 1;
    if (!(share >= 0 && share <= 1)) share = inside[a] ? 0 : 1;
    const [i1, j1, i2, j2] = [Math.floor(a / wide) - 1, (a % wide) - 1, Math.floor(b / wide) - 1, (b % wide) - 1];
    const top = (i1 + (i2 - i1) * share) / n, side = (j1 + (j2 - j1) * share) / n;
    /** @type {Parts} */
    const found = [top, 1 - top - side, side];
    if (real && found.every((part) => part > 0.05)) inner.push(found);
    return found;
  };
  /** @type {Parts[][]} */
  const loops = [];
  for (let start = 0; start < next.length; start++) {
    if (next[start] < 0) continue;
    const loop = [];
    for (let edge = start; next[edge] >= 0;) {
      const found = spot(edge);
      const last = loop[loop.length - 1];
      if (!last || Math.abs(found[0] - last[0]) + Math.abs(found[2] - last[2]) > 1e-9) loop.push(found);
      const then = next[edge];
      next[edge] = -1;
      edge = then;
    }
    if (loop.length > 2) loops.push(loop);
  }
  return { loops, inner };
}

/** Heights above the lowest value at which lines are drawn: 1, 2, 5, 10 and so on.
 * @param {ArrayLike<number>} values
 * @param {number} lowest
 * @param {number} [most]
 */
export function heights(values, lowest, most = 8) {
  const above = Float64Array.from(values).filter((v) => Number.isFinite(v)).map((v) => v - lowest).sort();
  const low = above[Math.floor(0.02 * above.length)], high = above[Math.floor(0.93 * above.length)];
  /** @type {number[]} */
  let found = [];
  if (!(high > 0)) return found;
  for (let e = Math.floor(Math.log10(Math.max(low, high / 1e3))) - 1; e <= Math.log10(high) + 1; e++) {
    for (const part of [1, 2, 5]) {
      const level = Number(`${part}e${e}`);
      if (level > low && level < high) found.push(level);
    }
  }
  const stride = Math.ceil(found.length / most);
  return found.filter((_, i) => (found.length - 1 - i) % stride === 0);
}

/** The part of a polygon where every linear function of the parts is at least zero.
 * @param {Parts[]} polygon
 * @param {Parts[]} functions their weights
 */
export function clip(polygon, functions) {
  let kept = polygon;
  for (const g of functions) {
    const value = (/** @type {Parts} */ p) => g[0] * p[0] + g[1] * p[1] + g[2] * p[2];
    /** @type {Parts[]} */
    const next = [];
    kept.forEach((a, i) => {
      const b = kept[(i + 1) % kept.length];
      const va = value(a), vb = value(b);
      if (va >= 0) next.push(a);
      if ((va > 0 && vb < 0) || (va < 0 && vb > 0)) {
        const share = va / (va - vb);
        next.push(/** @type {Parts} */ ([0, 1, 2].map((k) => a[k] + (b[k] - a[k]) * share)));
      }
    });
    kept = next;
  }
  return kept.length > 2 ? kept : [];
}

/** @param {Parts[][]} rings */
function coordinates(rings) {
  /** @type {(number | null)[]} */
  const x = [], y = /** @type {(number | null)[]} */ ([]);
  for (const ring of rings) {
    for (const parts of [...ring, ring[0]]) {
      const [px, py] = place(parts);
      x.push(px);
      y.push(py);
    }
    x.push(null);
    y.push(null);
  }
  return { x, y };
}

/** @param {Parts[]} ring */
const path = (ring) => `M${ring.map((parts) => place(parts).map((v) => v.toFixed(5)).join(",")).join("L")}Z`;

/** Grey over the triangle without a polygon, with a broken line around it.
 * @param {Parts[]} polygon
 */
export function outside(polygon) {
  const grey = { type: "path", layer: "above", fillrule: "evenodd", line: { width: 0 }, fillcolor: "rgba(128,136,146,0.26)", path: path(CORNERS) + (polygon.length ? path(polygon) : "") };
  return polygon.length ? [grey, { type: "path", layer: "above", fillcolor: "rgba(0,0,0,0)", line: { color: COLOURS.data, width: 1.4, dash: "dot" }, path: path(polygon) }] : [grey];
}

/** Hatched polygon, for what may not be chosen.
 * @param {Parts[]} polygon
 */
export function hatched(polygon) {
  const { x, y } = coordinates([polygon]);
  return { type: "scatter", mode: "lines", x, y, fill: "toself", fillcolor: "rgba(128,136,146,0.10)", fillpattern: { shape: "/", size: 9, solidity: 0.14, fgcolor: "rgba(128,136,146,0.75)", bgcolor: "rgba(0,0,0,0)" }, line: { width: 0 }, hoverinfo: "skip" };
}

/** Traces and layout of a triangle with levels.
 * @param {{names: string[], whole: number, n: number, values: ArrayLike<number>, lowest: number, label: (height: number) => string, levels: number[],
 *   best: Parts | null, mine: Parts | null, over?: object[], shapes?: object[], hover: (parts: Parts, value?: number) => string, wide: boolean}} given
 */
export function triangle({ names, whole, n, values, lowest, label, levels, best, mine, over = [], shapes = [], hover, wide }) {
  /** @type {object[]} */
  const data = [];
  const away = farthest(values, n);
  const at = (/** @type {Parts} */ parts) => ({ x: place(parts)[0], y: place(parts)[1] });
  /** @type {{x: number, y: number, text: string}[]} */
  const labels = [];
  // from the highest level to the lowest, each on top of the one around it: the deepest is the best
  const shade = faded(COLOURS.law, Math.min(0.16, 0.62 / Math.max(1, levels.length)));
  for (const height of [...levels].reverse()) {
    const { loops, inner } = loopsOf(values, n, lowest + height);
    const { x, y } = coordinates(loops);
    data.push({ type: "scatter", mode: "lines", x, y, fill: "toself", fillcolor: shade, line: { color: faded(COLOURS.law, 0.75), width: 0.8 }, hoverinfo: "skip" });
    const spot = best ? nearest(inner, best, away) : null;
    const apart = wide ? 0.075 : 0.12;
    if (spot && [...labels, ...(best ? [at(best)] : []), ...(mine ? [at(mine)] : [])].every((one) => Math.hypot(one.x - spot[0], one.y - spot[1]) > apart)) labels.push({ x: spot[0], y: spot[1], text: label(height) });
  }
  const { grid, marks } = scales(whole, wide ? 5 : 3);
  data.push({ ...line([], [], "rgba(128,136,146,0.28)", { width: 1 }), x: grid.x, y: grid.y }, ...over);
  const rim = coordinates([CORNERS]);
  data.push({ ...line([], [], COLOURS.data, { width: 1.5 }), x: rim.x, y: rim.y });
  data.push({ type: "scatter", mode: "text", x: labels.map((l) => l.x), y: labels.map((l) => l.y), text: labels.map((l) => l.text), textfont: { size: 11 }, hoverinfo: "skip" });
  for (const { side, x, y, text } of marks) data.push({ type: "scatter", mode: "text", x, y, text, textposition: side, textfont: { size: 11 }, hoverinfo: "skip", cliponaxis: false });
  const few = lattice(n / 2), theirs = coarser(values, n, n / 2);
  const spots = few.map(place);
  data.push({ type: "scatter", mode: "markers", x: spots.map(([x]) => x), y: spots.map(([, y]) => y), marker: { size: 14, opacity: 0 }, text: few.map((parts, i) => hover(parts, theirs[i])), hovertemplate: "%{text}<extra></extra>", customdata: few, meta: "lattice" });
  const mark = (/** @type {Parts} */ parts, /** @type {string} */ colour, /** @type {any} */ more) => points([place(parts)[0]], [place(parts)[1]], colour, { hoverinfo: "text", text: [hover(parts)], ...more });
  if (best) data.push(mark(best, COLOURS.law, { size: 13 }));
  if (mine) data.push(mark(mine, COLOURS.marked, { symbol: "diamond", size: 14 }));
  const axis = (/** @type {[number, number]} */ range) => ({ range, visible: false, fixedrange: true, constrain: "domain" });
  const edge = (/** @type {number} */ x, /** @type {number} */ y, /** @type {number} */ textangle, /** @type {string} */ text) => ({ x, y, text, textangle, showarrow: false, font: { size: 12 } });
  const corner = (/** @type {Parts} */ at, /** @type {string} */ text, /** @type {any} */ more) => ({ x: place(at)[0], y: place(at)[1], text: `<b>${text}</b>`, showarrow: false, font: { size: 13 }, ...more });
  return {
    data,
    layout: layout(axis([-0.16, 1.16]), { ...axis([-0.155, 0.955]), scaleanchor: "x", scaleratio: 1 }, {
      margin: { l: 4, r: 4, t: 4, b: 4 }, shapes,
      annotations: [
        corner([1, 0, 0], names[0], { yshift: 16 }), corner([0, 1, 0], names[1], { yshift: -30, xanchor: wide ? "center" : "left", xshift: wide ? 0 : -20 }), corner([0, 0, 1], names[2], { yshift: -30, xanchor: wide ? "center" : "right", xshift: wide ? 0 : 20 }),
        ...(wide ? [edge(0.855, 0.44, 60, `← ${names[0]}`), edge(0.145, 0.44, -60, `← ${names[1]}`), edge(0.5, -0.105, 0, `${names[2]} →`)] : []),
      ],
    }),
  };
}

/** Grid lines and what is written at their ends: each scale runs along one edge.
 * @param {number} whole
 * @param {number} most
 */
function scales(whole, most) {
  const { values } = ticks(0, 100 * whole, false, "", most);
  const shares = values.map((v) => v / (100 * whole)).filter((s) => s > 1e-9 && s < 1 - 1e-9);
  const texts = shares.map((s) => `${Number((100 * whole * s).toPrecision(3))} %`);
  const grid = { x: /** @type {(number | null)[]} */ ([]), y: /** @type {(number | null)[]} */ ([]) };
  const stroke = (/** @type {Parts} */ a, /** @type {Parts} */ b) => {
    const [[ax, ay], [bx, by]] = [place(a), place(b)];
    grid.x.push(ax, bx, null);
    grid.y.push(ay, by, null);
  };
  // a little away from the edge that they stand at
  const off = 0.012;
  const sides = [{ side: "middle right", at: (/** @type {number} */ s) => [s, -off, 1 - s + off] }, { side: "middle left", at: (/** @type {number} */ s) => [1 - s + off, s, -off] }, { side: "bottom center", at: (/** @type {number} */ s) => [-off, 1 - s + off / 2, s + off / 2] }];
  for (const s of shares) {
    stroke([s, 1 - s, 0], [s, 0, 1 - s]);
    stroke([1 - s, s, 0], [0, s, 1 - s]);
    stroke([1 - s, 0, s], [0, 1 - s, s]);
  }
  const marks = sides.map(({ side, at }) => ({ side, x: shares.map((s) => place(at(s))[0]), y: shares.map((s) => place(at(s))[1]), text: texts }));
  return { grid, marks };
}

/** The corner with the highest value: towards it the levels stand farthest apart.
 * @param {ArrayLike<number>} values @param {number} n
 */
function farthest(values, n) {
  // order of CORNERS in the lattice: the last node is the top, the first the left one
  const at = [values[values.length - 1], values[0], values[n]];
  let found = 0;
  at.forEach((value, i) => { if (value > at[found]) found = i; });
  return CORNERS[found];
}

/** The point closest to the line from the best point to a corner.
 * @param {Parts[]} candidates @param {Parts} best @param {Parts} corner
 */
function nearest(candidates, best, corner) {
  const [bx, by] = place(best), [cx, cy] = place(corner);
  const way = Math.atan2(cy - by, cx - bx);
  let found = null, least = 0.9;
  for (const parts of candidates) {
    const [x, y] = place(parts);
    const off = Math.abs(((Math.atan2(y - by, x - bx) - way + 3 * Math.PI) % (2 * Math.PI)) - Math.PI);
    if (off < least) { least = off; found = [x, y]; }
  }
  return found;
}

/** The lowest point of a function over the triangle: from a start, by moving ever smaller amounts
 * from one part to another. Right for a function with one basin, such as the laws of mixtures here.
 * @param {(parts: Parts) => number} f
 * @param {Parts} start
 */
export function lowest(f, start) {
  /** @type {Parts} */
  let at = [...start];
  let value = f(at);
  for (let step = 0.1; step > 1e-8;) {
    let better = false;
    for (let from = 0; from < 3; from++) {
      for (let to = 0; to < 3; to++) {
        if (from === to || at[from] <= 0) continue;
        const moved = Math.min(step, at[from]);
        /** @type {Parts} */
        const tried = [...at];
        tried[from] = moved === at[from] ? 0 : at[from] - moved;
        tried[to] += moved;
        const there = f(tried);
        if (there < value) { at = tried; value = there; better = true; }
      }
    }
    if (!better) step /= 2;
  }
  return { parts: at, value };
}
