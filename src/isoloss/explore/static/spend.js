// Money as a whole of three parts: training, serving and data. With a budget M and prices, shares
// (t, s, d) of it say everything:
//
//   d M = p D        t M = a 6 N D        s M = b 2 N T
//
// so D, then N, then the tokens T that the rest can serve. a and b are prices of a FLOP, p of a token.

import { interval } from "isoloss/numbers.js";

export const TRAIN_FLOP = 6, SERVE_FLOP = 2;

/** @typedef {{money: number, train: number, serve: number, data: number}} Terms money, and prices of a FLOP of training, of a FLOP of serving and of a token */

/** What three shares buy.
 * @param {Terms} terms
 * @param {ArrayLike<number>} parts training, serving, data
 */
export function bought({ money, train, serve, data }, parts) {
  const D = (parts[2] * money) / data;
  const N = (parts[0] * money) / (train * TRAIN_FLOP * D);
  return { N, D, T: (parts[1] * money) / (serve * SERVE_FLOP * N) };
}

/** Shares of a size and data that serve `served` tokens with all that is left.
 * @param {Terms} terms @param {number} D @param {number} served
 */
function split({ money, train, serve, data }, D, served) {
  const N = (money - data * D) / (SERVE_FLOP * served * serve + TRAIN_FLOP * D * train);
  return { N, parts: /** @type {import("isoloss/ternary.js").Parts} */ ([(train * TRAIN_FLOP * N * D) / money, (serve * SERVE_FLOP * N * served) / money, (data * D) / money]) };
}

const SCAN = 160, LOW = -30, HIGH = 14;

/** The split of lowest loss among those that serve a number of tokens.
 * @param {any} law @param {Record<string, number>} held @param {Terms} terms @param {number} served
 */
export function cheapest(law, held, terms, served) {
  const x = law.names.map((/** @type {string} */ name) => held[name] ?? NaN);
  const n = law.names.indexOf("N"), d = law.names.indexOf("D");
  const most = terms.money / terms.data;
  // the share of data as a logistic, so that very little and nearly all of it are both within reach
  const share = (/** @type {number} */ z) => 1 / (1 + Math.exp(-z));
  const loss = (/** @type {number} */ z, /** @type {ArrayLike<number>} */ p) => {
    x[d] = most * share(z);
    x[n] = split(terms, x[d], served).N;
    return law.functions.one(x, p);
  };
  let at = -1, least = Infinity;
  for (let i = 0; i < SCAN; i++) {
    const value = loss(LOW + ((HIGH - LOW) * i) / (SCAN - 1), law.point);
    if (value < least) { least = value; at = i; }
  }
  if (at <= 0 || at >= SCAN - 1) return null;
  const step = (HIGH - LOW) / (SCAN - 1);
  const point = narrow((z) => loss(z, law.point), LOW + step * (at - 1), LOW + step * (at + 1));
  const answer = (/** @type {number} */ z, /** @type {ArrayLike<number>} */ p) => {
    const D = most * share(z);
    const { N, parts } = split(terms, D, served);
    return { N, D, T: served, parts, loss: loss(z, p) };
  };
  return {
    ...answer(point, law.point),
    /** The same for every draw, as intervals. */
    intervals() {
      /** @type {Record<string, Float64Array>} */
      const drawn = Object.fromEntries(["N", "D", "loss", "train", "serve", "data"].map((name) => [name, new Float64Array(law.count)]));
      for (let i = 0; i < law.count; i++) {
        const p = law.draws.subarray(i * law.width, (i + 1) * law.width);
        const found = answer(newton((z) => loss(z, p), point), p);
        const row = { N: found.N, D: found.D, loss: found.loss, train: found.parts[0], serve: found.parts[1], data: found.parts[2] };
        for (const name of Object.keys(drawn)) drawn[name][i] = row[/** @type {keyof typeof row} */ (name)];
      }
      return Object.fromEntries(Object.entries(drawn).map(([name, values]) => [name, interval(values, law.level)]));
    },
  };
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;

/** The lowest point between two places, by golden sections and then by Newton's steps.
 * @param {(z: number) => number} f @param {number} a @param {number} b
 */
function narrow(f, a, b) {
  let c = b - GOLDEN * (b - a), d = a + GOLDEN * (b - a), fc = f(c), fd = f(d);
  for (let i = 0; i < 24; i++) {
    if (fc < fd) { b = d; d = c; fd = fc; c = b - GOLDEN * (b - a); fc = f(c); }
    else { a = c; c = d; fc = fd; d = a + GOLDEN * (b - a); fd = f(d); }
  }
  const middle = 0.5 * (a + b), found = newton(f, middle);
  return found === found && Math.abs(found - middle) < 0.01 ? found : middle;
}

const STEP = 0.02;

/** @param {(z: number) => number} f @param {number} from */
function newton(f, from) {
  let at = from;
  for (let i = 0; i < 20; i++) {
    const [far, low, here, high, beyond] = [-2, -1, 0, 1, 2].map((step) => f(at + step * STEP));
    const move = -(((8 * (high - low) - (beyond - far)) / 12) * STEP) / (high - 2 * here + low);
    if (!(Math.abs(move) < 3)) return NaN;
    at += move;
    if (Math.abs(move) < 1e-8) return at;
  }
  return NaN;
}
