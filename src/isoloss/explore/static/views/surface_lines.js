// Lines on a surface over ln N and ln D: where the loss has a level, and the area of the runs.

/** A few round levels that share the values evenly: as few digits as tell neighbours apart.
 * @param {number[]} values finite
 * @param {number} most
 */
export function levelsOf(values, most) {
  const sorted = Float64Array.from(values).sort();
  if (!sorted.length || !(sorted[sorted.length - 1] > sorted[0])) return [];
  const wanted = Array.from({ length: most + 2 }, (_, i) => sorted[Math.round(((sorted.length - 1) * (i + 0.25)) / (most + 1.5))]);
  /** @type {number[]} */
  const found = [];
  for (let i = 1; i <= most; i++) {
    const gap = Math.min(wanted[i] - wanted[i - 1], wanted[i + 1] - wanted[i]);
    if (!(gap > 0)) continue;
    const size = 10 ** Math.floor(Math.log10(gap));
    const step = gap >= 5 * size ? 5 * size : gap >= 2 * size ? 2 * size : size;
    const level = Number((Math.round(wanted[i] / step) * step).toPrecision(10));
    if (level > sorted[0] && level < sorted[sorted.length - 1] && !(level <= found[found.length - 1])) found.push(level);
  }
  return found;
}

/** Lines of one level: cells of the grid are crossed one by one, and the pieces joined.
 * @param {number[]} us ln N, rising
 * @param {number[]} vs ln D, rising
 * @param {number[][]} z values by [v][u]
 * @param {number} level
 * @param {(u: number, v: number) => number} f the surface itself, for the exact place on an edge
 * @returns {[number, number][][]}
 */
export function levelLines(us, vs, z, level, f) {
  /** @type {Map<string, [number, number]>} */
  const places = new Map();
  /** @type {Map<string, string[]>} */
  const joined = new Map();
  const above = (/** @type {number} */ i, /** @type {number} */ j) => z[j][i] > level;
  const place = (/** @type {string} */ edge, /** @type {number} */ i, /** @type {number} */ j) => {
    if (places.has(edge)) return edge;
    const along = edge[0] === "h";
    const [a, b] = along ? [us[i], us[i + 1]] : [vs[j], vs[j + 1]];
    const t = crossingOn(a, b, z[j][i] - level, (along ? z[j][i + 1] : z[j + 1][i]) - level, (x) => (along ? f(x, vs[j]) : f(us[i], x)) - level, 1e-11 * Math.abs(level));
    places.set(edge, along ? [t, vs[j]] : [us[i], t]);
    return edge;
  };
  const join = (/** @type {string} */ a, /** @type {string} */ b) => {
    joined.set(a, [...(joined.get(a) ?? []), b]);
    joined.set(b, [...(joined.get(b) ?? []), a]);
  };
  for (let j = 0; j + 1 < vs.length; j++) {
    for (let i = 0; i + 1 < us.length; i++) {
      if (![z[j][i], z[j][i + 1], z[j + 1][i], z[j + 1][i + 1]].every(Number.isFinite)) continue;
      const corners = [above(i, j), above(i + 1, j), above(i + 1, j + 1), above(i, j + 1)];
      const edges = [];
      if (corners[0] !== corners[1]) edges.push(place(`h${i},${j}`, i, j));
      if (corners[1] !== corners[2]) edges.push(place(`v${i + 1},${j}`, i + 1, j));
      if (corners[2] !== corners[3]) edges.push(place(`h${i},${j + 1}`, i, j + 1));
      if (corners[3] !== corners[0]) edges.push(place(`v${i},${j}`, i, j));
      for (let k = 0; k + 1 < edges.length; k += 2) join(edges[k], edges[k + 1]);
    }
  }
  return chains(joined).map((chain) => chain.map((edge) => /** @type {[number, number]} */ (places.get(edge))));
}

/** Where a function that changes sign between two places is zero.
 * @param {number} a @param {number} b @param {number} fa @param {number} fb @param {(x: number) => number} f @param {number} close
 */
function crossingOn(a, b, fa, fb, f, close) {
  let c = a;
  for (let i = 0; i < 60; i++) {
    c = (a * fb - b * fa) / (fb - fa);
    if (!(c > a && c < b)) c = 0.5 * (a + b);
    const fc = f(c);
    if (!(Math.abs(fc) > close) || b - a < 1e-11) break;
    if (fc * fb > 0) { b = c; fb = fc; fa *= 0.5; } else { a = c; fa = fc; fb *= 0.5; }
  }
  return c;
}

/** Chains of what is joined, ends first. @param {Map<string, string[]>} joined */
function chains(joined) {
  const used = new Set(), found = [];
  for (const start of [...joined.keys()].sort((a, b) => (joined.get(a)?.length ?? 0) - (joined.get(b)?.length ?? 0))) {
    if (used.has(start)) continue;
    const chain = [start];
    used.add(start);
    for (let next = joined.get(start)?.find((one) => !used.has(one)); next; next = joined.get(next)?.find((one) => !used.has(one))) {
      chain.push(next);
      used.add(next);
    }
    const first = chain[0], last = chain[chain.length - 1];
    if (chain.length > 2 && joined.get(last)?.includes(first)) chain.push(first);
    if (chain.length > 1) found.push(chain);
  }
  return found;
}

/** The area of the runs within a view, as a polygon over ln N and ln D: what every direction leaves.
 * @param {any} law
 * @param {Record<string, number>} held
 * @param {{u: [number, number], v: [number, number]}} view
 * @returns {[number, number][] | null} null where the source says nothing of N and D
 */
export function domain(law, held, view) {
  /** @type {[number, number][]} */
  let shape = [[view.u[0], view.v[0]], [view.u[1], view.v[0]], [view.u[1], view.v[1]], [view.u[0], view.v[1]]];
  let known = false;
  for (const { of, low, high } of law.entry.directions) {
    let a = 0, b = 0, rest = 0;
    for (const [name, power] of of) {
      if (name === "N") a += power;
      else if (name === "D") b += power;
      else rest += power * Math.log(held[name]);
    }
    if ((!a && !b) || !(low > 0) || !(rest === rest)) continue;
    known = true;
    shape = clip(shape, (p) => a * p[0] + b * p[1] + rest - Math.log(low));
    shape = clip(shape, (p) => Math.log(high) - a * p[0] - b * p[1] - rest);
  }
  return known ? shape : null;
}

/** What of a convex shape is on the good side. @param {[number, number][]} shape @param {(p: [number, number]) => number} side */
function clip(shape, side) {
  /** @type {[number, number][]} */
  const kept = [];
  shape.forEach((p, i) => {
    const q = shape[(i + 1) % shape.length], a = side(p), b = side(q);
    if (a >= 0) kept.push(p);
    if (a >= 0 !== b >= 0) kept.push([p[0] + ((q[0] - p[0]) * a) / (a - b), p[1] + ((q[1] - p[1]) * a) / (a - b)]);
  });
  return kept;
}
