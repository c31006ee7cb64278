// The federated law L(N, D / K**rho): at fixed compute its best split is that of the central law at
// C / K**rho, whatever the law's form. See federated/law.py, whose numbers these are.

import { interval } from "isoloss/numbers.js";
import { best, optimum } from "isoloss/solver.js";

/** @typedef {{value: number, rho: [number, number], law: [number, number]}} Estimate value, its span over the range of rho, and over the draws of the law */

/** The best split among K clients beside that of one machine with the same total compute.
 * @param {import("isoloss/law.js").Law} law
 * @param {{compute: number, clients: number, rho: {value: number, low: number, high: number}, held: Record<string, number>, flop: number}} asked
 */
export function federation(law, { compute, clients, rho, held, flop }) {
  const central = optimum(law, compute, held, flop);
  const spread = (/** @type {number} */ r) => clients ** r;
  const there = clients === 1 || rho.value === 0 ? central : optimum(law, compute / spread(rho.value), held, flop);
  if (!central.exists || !there.exists) return null;
  const tokens = (/** @type {number} */ n) => compute / (flop * n);
  const row = (/** @type {number} */ n, /** @type {number} */ loss, /** @type {number} */ n0, /** @type {number} */ loss0, /** @type {number} */ r) => ({
    N: n, D: tokens(n), perClient: tokens(n) / clients, loss, ratio: n / n0, gap: loss - loss0, multiplier: spread(r),
  });
  const point = row(there.N.value, there.loss.value, central.N.value, central.loss.value, rho.value);
  const ends = [...new Set([rho.low, rho.value, rho.high])].map((r) => {
    const found = r === rho.value ? { N: there.N.value, loss: there.loss.value } : best(law, compute / spread(r), held, flop);
    return row(found.N, found.loss, central.N.value, central.loss.value, r);
  });
  const drawn = /** @type {Record<string, Float64Array>} */ ({});
  for (const name of Object.keys(point)) drawn[name] = new Float64Array(law.count);
  for (let i = 0; i < law.count; i++) {
    const one = row(there.draws.N[i], there.draws.loss[i], central.draws.N[i], central.draws.loss[i], rho.value);
    for (const name of Object.keys(point)) drawn[name][i] = one[/** @type {keyof typeof one} */ (name)];
  }
  const values = /** @type {Record<keyof typeof point, Estimate>} */ ({});
  for (const name of /** @type {(keyof typeof point)[]} */ (Object.keys(point))) {
    const span = ends.map((end) => end[name]);
    values[name] = {
      value: point[name],
      rho: [Math.min(...span), Math.max(...span)],
      law: law.count ? interval(drawn[name], law.level) : [NaN, NaN],
    };
  }
  // a client alone has its own share of compute and data: what rho = 1 says of it in a federation
  const alone = best(law, compute / clients, held, flop);
  const lost = drawn.N.reduce((sum, n) => sum + (n === n ? 0 : 1), 0);
  return { values, central: { N: central.N.value, loss: central.loss.value }, alone, gain: alone.loss - point.loss, gains: ends.map((end) => alone.loss - end.loss), lost };
}

/** Best size and loss for several K at one rho, by the point of the law.
 *
 * Neighbours are close, so the optimum is followed from one K to the next. A law may have a second
 * basin: where following ends elsewhere than a full search does, every K is searched anew.
 * @param {import("isoloss/law.js").Law} law
 * @param {number[]} clients
 * @param {(k: number) => number} compute total, for K clients
 * @param {number} rho
 * @param {Record<string, number>} held
 * @param {number} flop
 */
export function along(law, clients, compute, rho, held, flop) {
  const own = clients.map((k) => compute(k) / k ** rho);
  const N = new Array(clients.length), loss = new Array(clients.length);
  const last = clients.length - 1;
  const put = (/** @type {number} */ i, /** @type {{N: number, loss: number}} */ found) => { N[i] = found.N; loss[i] = found.loss; };
  const near = follower(law, held, flop);
  put(0, best(law, own[0], held, flop));
  for (let i = 1; i <= last; i++) put(i, own[i] === own[i - 1] ? { N: N[i - 1], loss: loss[i - 1] } : near(own[i], N[i - 1]));
  const end = best(law, own[last], held, flop);
  if (!(Math.abs(Math.log(end.N / N[last])) < 1e-5)) own.forEach((c, i) => put(i, best(law, c, held, flop)));
  return { N, loss };
}

const STEP = 0.02;

/** Newton's way to the optimum from a size nearby; NaN where it does not settle.
 * @param {import("isoloss/law.js").Law} law
 * @param {Record<string, number>} held
 * @param {number} flop
 */
function follower(law, held, flop) {
  const x = law.names.map((name) => held[name] ?? NaN);
  const n = law.names.indexOf("N"), d = law.names.indexOf("D");
  return (/** @type {number} */ compute, /** @type {number} */ from) => {
    const logProduct = Math.log(compute / flop);
    const f = (/** @type {number} */ logN) => {
      x[n] = Math.exp(logN);
      x[d] = Math.exp(logProduct - logN);
      return law.functions.one(x, law.point);
    };
    let at = Math.log(from);
    for (let i = 0; i < 12; i++) {
      const [far, low, here, high, beyond] = [-2, -1, 0, 1, 2].map((step) => f(at + step * STEP));
      const move = -((8 * (high - low) - (beyond - far)) / 12) * STEP / (high - 2 * here + low);
      if (!(Math.abs(move) < 2)) break;
      at += move;
      if (Math.abs(move) < 1e-7) return { N: Math.exp(at), loss: f(at) };
    }
    return { N: NaN, loss: NaN };
  };
}
