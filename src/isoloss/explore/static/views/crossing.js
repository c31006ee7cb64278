// Where two curves cross, in how many pairs of draws they do, and whether they may be compared.

import { interval } from "isoloss/numbers.js";

/** The modality of a law in one word. A source with several of them gives each set of numbers to one.
 * @param {any} entry
 * @returns {string}
 */
export function modality(entry) {
  const all = /** @type {string[]} */ (entry.modality ?? []);
  if (entry.kind === "fit") return "your runs";
  if (all.length <= 1) return all[0] ?? "not said";
  const words = `${entry.set ?? entry.key.split(":")[1] ?? ""} ${entry.key.includes(":") ? entry.name.split(", ").slice(1).join(" ") : ""}`.toLowerCase();
  const found = [["multimodal", /text_to_image|image_to_text|clip|coco|flickr|retrieval/], ["video", /video/], ["vision", /image|vit|pixel/], ["language", /language|math|text/], ["audio", /speech|audio/]]
    .find(([name, pattern]) => all.includes(/** @type {string} */ (name)) && /** @type {RegExp} */ (pattern).test(words));
  return /** @type {string} */ (found?.[0]) ?? all.find((one) => ["vision", "video", "language", "audio"].includes(one)) ?? all[0];
}

/** Why the heights of two laws say nothing about each other; empty where they do.
 * @param {any} a entry
 * @param {any} b entry
 */
export function apart(a, b) {
  if (a.target !== b.target) return `one gives ${a.target}, the other ${b.target}`;
  if (a.unit !== b.unit) return `one is in ${a.unit || "no stated unit"}, the other in ${b.unit || "no stated unit"}`;
  if (a.kind === "fit" || b.kind === "fit") return "";
  if (/not stated|not read|any metric/.test(a.unit) && a.key.split(":")[0] !== b.key.split(":")[0]) return "their unit is not stated";
  const [x, y] = [modality(a), modality(b)];
  return x === y ? "" : `a token of ${x} data is not a token of ${y} data`;
}

/** Crossings of two curves over the same places: those of the points, each with the interval of the
 * crossings of draws that change sides in the same way.
 * @param {import("isoloss/views/curve.js").Curve} a
 * @param {import("isoloss/views/curve.js").Curve} b
 */
export function crossings(a, b) {
  const to = (/** @type {number} */ t) => (a.log ? Math.exp(t) : t);
  const ts = a.xs.map((x) => (a.log ? Math.log(x) : x));
  const level = Math.min(a.law.level, b.law.level);
  const point = roots(ts, a.value.map((v, i) => v - b.value[i]), (t) => a.at(to(t)) - b.at(to(t)), 1e-14);
  const drawn = drawnRoots(a, b, ts, to);
  const any = drawn.filter((found) => found.length).length;
  const list = point.map(({ t, up }) => {
    const near = new Float64Array(drawn.length).fill(NaN);
    drawn.forEach((found, i) => {
      const same = found.filter((one) => one.up === up).map((one) => one.t);
      if (same.length) near[i] = to(same.reduce((best, one) => (Math.abs(one - t) < Math.abs(best - t) ? one : best)));
    });
    const good = near.filter((x) => x === x);
    const [low, high] = good.length ? interval(good, level) : [NaN, NaN];
    const share = drawn.length ? good.length / drawn.length : NaN;
    return { at: to(t), low, high, share, sure: !drawn.length || share >= level };
  });
  const share = drawn.length ? any / drawn.length : NaN;
  return { list, share, pairs: drawn.length, level, none: !list.length && !(share > 1 - level), same: a.value.every((v, i) => !(Math.abs(v - b.value[i]) > 1e-12 * Math.abs(v))) };
}

/** Crossings in every pair of draws that has values.
 * @param {import("isoloss/views/curve.js").Curve} a
 * @param {import("isoloss/views/curve.js").Curve} b
 * @param {number[]} ts @param {(t: number) => number} to
 */
function drawnRoots(a, b, ts, to) {
  const line = new Float64Array(ts.length), all = [];
  for (const [m, n] of pairsOf(a.law, b.law)) {
    let finite = 0;
    for (let i = 0; i < ts.length; i++) {
      line[i] = a.samples[i * a.law.count + m] - b.samples[i * b.law.count + n];
      if (Number.isFinite(line[i])) finite++;
    }
    if (finite > 1) all.push(roots(ts, line, (t) => a.drawn(to(t), m) - b.drawn(to(t), n), 1e-9));
  }
  return all;
}

/** Which draw of one law goes with which of another. Fits of the same runs share their resamples, row
 * by row. Laws of two papers have nothing in common, but their draws come from one stream of random
 * numbers: they are paired half a turn apart, so that this stream ties nothing.
 * @param {any} a @param {any} b
 * @returns {[number, number][]}
 */
export function pairsOf(a, b) {
  const count = Math.min(a.count, b.count);
  const together = a.entry.kind === "fit" && b.entry.kind === "fit" && a.entry.cite === b.entry.cite;
  const turn = together ? 0 : Math.floor(b.count / 2);
  return Array.from({ length: count }, (_, m) => [m, (m + turn) % b.count]);
}

/** Roots of a function that is known at places, refined by the Illinois rule.
 * @param {number[]} ts
 * @param {ArrayLike<number>} values
 * @param {(t: number) => number} f
 * @param {number} close
 */
export function roots(ts, values, f, close) {
  const found = [];
  for (let i = 0; i + 1 < ts.length; i++) {
    const fa = values[i], fb = values[i + 1];
    if (!(Number.isFinite(fa) && Number.isFinite(fb))) continue;
    // a touch without a change of sign is none, and curves that are one do not cross
    if (fa === 0 ? i > 0 && values[i - 1] * fb < 0 : fa * fb < 0) found.push({ t: fa === 0 ? ts[i] : refine(f, ts[i], ts[i + 1], fa, fb, close), up: fb > 0 });
  }
  return found;
}

/** @param {(t: number) => number} f @param {number} a @param {number} b @param {number} fa @param {number} fb @param {number} close */
function refine(f, a, b, fa, fb, close) {
  let side = 0;
  for (let i = 0; i < 100 && Math.abs(b - a) > close * (1 + Math.abs(b)); i++) {
    let c = (a * fb - b * fa) / (fb - fa);
    if (!(c > Math.min(a, b) && c < Math.max(a, b))) c = 0.5 * (a + b);
    const fc = f(c);
    if (fc === 0 || fc !== fc) return c;
    if (Math.abs(c - (side === 1 ? b : a)) < close && side) return c;
    if (fc * fb > 0) {
      b = c; fb = fc;
      if (side === 1) fa *= 0.5;
      side = 1;
    } else {
      a = c; fa = fc;
      if (side === -1) fb *= 0.5;
      side = -1;
    }
  }
  return 0.5 * (a + b);
}

/** In what share of the pairs of draws the first is below the second.
 * @param {any} a a law @param {any} b
 * @param {Float64Array} x values of its draws @param {Float64Array} y
 */
export function below(a, b, x, y) {
  let pairs = 0, less = 0;
  for (const [m, n] of pairsOf(a, b)) {
    if (!(x[m] === x[m] && y[n] === y[n])) continue;
    pairs++;
    less += x[m] < y[n] ? 1 : x[m] === y[n] ? 0.5 : 0;
  }
  return pairs ? less / pairs : NaN;
}
