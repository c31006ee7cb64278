// The compute-optimal split of a law in N and D: C = k N D. The same question as isoloss.plan, by
// the same condition dL/d ln N = dL/d ln D; Python solves it with exact slopes, here they are
// differences of fourth order, which moves ln N by less than 1e-8.

import { interval } from "isoloss/numbers.js";

export const FLOP = 6;
const SCAN = 400;
const STEP = 0.02;

/** How the loss depends on ln N at fixed ln N D.
 * @param {import("isoloss/law.js").Law} law
 * @param {Record<string, number>} held values of the inputs beside N and D
 */
function alongBudget(law, held) {
  const x = law.names.map((name) => held[name] ?? NaN);
  const n = law.names.indexOf("N"), d = law.names.indexOf("D");
  return {
    /** @param {ArrayLike<number>} p @param {number} logN @param {number} logProduct */
    loss(p, logN, logProduct) {
      x[n] = Math.exp(logN);
      x[d] = Math.exp(logProduct - logN);
      return law.functions.one(x, p);
    },
    /** Slope in ln N, up to a factor. @param {ArrayLike<number>} p @param {number} logN @param {number} logProduct */
    slope(p, logN, logProduct) {
      const f = (/** @type {number} */ h) => this.loss(p, logN + h, logProduct);
      return 8 * (f(STEP) - f(-STEP)) - (f(2 * STEP) - f(-2 * STEP));
    },
  };
}

/** ln N of the lowest loss for one row of numbers: a scan for the basin, then the root of the slope.
 * @param {ReturnType<typeof alongBudget>} line
 * @param {ArrayLike<number>} p
 * @param {number} logProduct
 */
function solve(line, p, logProduct) {
  let best = -1, least = Infinity;
  for (let i = 0; i < SCAN; i++) {
    const loss = line.loss(p, logProduct * (i / (SCAN - 1)), logProduct);
    if (loss < least) { least = loss; best = i; }
  }
  if (best <= 0 || best >= SCAN - 1) return NaN;
  const step = logProduct / (SCAN - 1);
  return root(line, p, logProduct, step * (best - 1), step * (best + 1));
}

/** The root of the slope between two places on both sides of it, by the ITP-free Illinois rule.
 * @param {ReturnType<typeof alongBudget>} line
 * @param {ArrayLike<number>} p
 * @param {number} logProduct
 * @param {number} a
 * @param {number} b
 */
function root(line, p, logProduct, a, b) {
  let fa = line.slope(p, a, logProduct), fb = line.slope(p, b, logProduct);
  if (!(fa < 0 && fb > 0)) return fa === 0 ? a : fb === 0 ? b : NaN;
  let side = 0;
  for (let i = 0; i < 100 && b - a > 1e-13 * (1 + Math.abs(b)); i++) {
    let c = (a * fb - b * fa) / (fb - fa);
    if (!(c > a && c < b)) c = 0.5 * (a + b);
    const fc = line.slope(p, c, logProduct);
    if (fc === 0) return c;
    if (fc > 0) {
      b = c; fb = fc;
      if (side === 1) fa *= 0.5;
      side = 1;
    } else {
      a = c; fa = fc;
      if (side === -1) fb *= 0.5;
      side = -1;
    }
    if (Math.abs(fc) < 1e-17) break;
  }
  return 0.5 * (a + b);
}

/** The same for a draw: the basin is looked for around the optimum of the point.
 * @param {ReturnType<typeof alongBudget>} line
 * @param {ArrayLike<number>} p
 * @param {number} logProduct
 * @param {number} near
 */
function solveNear(line, p, logProduct, near) {
  let width = 0.25;
  const here = line.slope(p, near, logProduct);
  if (!(here === here)) return NaN;
  if (here === 0) return near;
  const way = here > 0 ? -1 : 1;
  let inner = near;
  for (let i = 0; i < 12; i++) {
    const outer = near + way * width;
    if (outer < 0 || outer > logProduct) return NaN;
    const slope = line.slope(p, outer, logProduct);
    if (!(slope === slope)) return NaN;
    if (slope * way > 0) return way > 0 ? root(line, p, logProduct, inner, outer) : root(line, p, logProduct, outer, inner);
    inner = outer;
    width *= 2;
  }
  return NaN;
}

/** The best split of a budget, with intervals from the draws.
 * @param {import("isoloss/law.js").Law} law
 * @param {number} compute FLOP
 * @param {Record<string, number>} [held]
 * @param {number} [flop] k in C = k N D
 */
export function optimum(law, compute, held = {}, flop = FLOP) {
  const line = alongBudget(law, held);
  const logProduct = Math.log(compute / flop);
  const logN = solve(line, law.point, logProduct);
  const n = Math.exp(logN), d = Math.exp(logProduct - logN);
  const draws = { N: new Float64Array(law.count), D: new Float64Array(law.count), loss: new Float64Array(law.count), ratio: new Float64Array(law.count) };
  for (let i = 0; i < law.count; i++) {
    const p = law.draws.subarray(i * law.width, (i + 1) * law.width);
    const at = logN === logN ? solveNear(line, p, logProduct, logN) : NaN;
    draws.N[i] = Math.exp(at);
    draws.D[i] = Math.exp(logProduct - at);
    draws.loss[i] = at === at ? line.loss(p, at, logProduct) : NaN;
    draws.ratio[i] = draws.D[i] / draws.N[i];
  }
  const loss = logN === logN ? line.loss(law.point, logN, logProduct) : NaN;
  const estimate = (/** @type {number} */ value, /** @type {Float64Array} */ values) => {
    const [low, high] = law.count ? interval(values, law.level) : [value, value];
    return { value, low, high };
  };
  return {
    exists: logN === logN,
    N: estimate(n, draws.N),
    D: estimate(d, draws.D),
    loss: estimate(loss, draws.loss),
    ratio: estimate(d / n, draws.ratio),
    draws,
  };
}

/** Only the point: N, D and loss at the best split.
 * @param {import("isoloss/law.js").Law} law
 * @param {number} compute
 * @param {Record<string, number>} [held]
 * @param {number} [flop]
 * @param {ArrayLike<number>} [p] other numbers than the point's
 */
export function best(law, compute, held = {}, flop = FLOP, p = law.point) {
  const line = alongBudget(law, held);
  const logProduct = Math.log(compute / flop);
  const logN = solve(line, p, logProduct);
  return { N: Math.exp(logN), D: Math.exp(logProduct - logN), loss: logN === logN ? line.loss(p, logN, logProduct) : NaN };
}

/** N below and above the optimum from which 10 % less compute would do as well, as `Plan.flat`.
 * @param {import("isoloss/law.js").Law} law
 * @param {number} compute
 * @param {Record<string, number>} [held]
 * @param {number} [flop]
 * @returns {[number, number]}
 */
export function flat(law, compute, held = {}, flop = FLOP) {
  const line = alongBudget(law, held);
  const logProduct = Math.log(compute / flop);
  const start = solve(line, law.point, logProduct);
  if (!(start === start)) return [NaN, NaN];
  const worth = best(law, compute / 1.1, held, flop).loss;
  const edge = (/** @type {number} */ far) => {
    let near = start;
    for (let i = 0; i < 60; i++) {
      const middle = 0.5 * (near + far);
      if (line.loss(law.point, middle, logProduct) <= worth) near = middle;
      else far = middle;
    }
    return Math.exp(near);
  };
  return [edge(0), edge(logProduct)];
}

/** How much more compute a point spends than the optimum of the same loss; by the point alone.
 * @param {import("isoloss/law.js").Law} law
 * @param {number} loss
 * @param {number} compute what it spends
 * @param {Record<string, number>} [held]
 * @param {number} [flop]
 */
export function wasted(law, loss, compute, held = {}, flop = FLOP) {
  let low = Math.log(compute) - 40, high = Math.log(compute);
  if (!(best(law, compute, held, flop).loss <= loss * (1 + 1e-12))) return NaN;
  for (let i = 0; i < 60; i++) {
    const middle = 0.5 * (low + high);
    if (best(law, Math.exp(middle), held, flop).loss <= loss) high = middle;
    else low = middle;
  }
  return compute / Math.exp(high);
}

/** `count` values from low to high, evenly on a log scale.
 * @param {number} low
 * @param {number} high
 * @param {number} count
 */
export function logGrid(low, high, count) {
  const a = Math.log(low), b = Math.log(high);
  return Array.from({ length: count }, (_, i) => Math.exp(a + ((b - a) * i) / (count - 1)));
}
