// A law along one axis: its values with their band, its slopes, and where its runs end. Over compute
// a law of N and D is taken at its best split of every budget.

import { interval } from "isoloss/numbers.js";
import { FLOP } from "isoloss/solver.js";
import { countsTokens, frontier, isLoss } from "isoloss/views/frontier.js";
import { memo, rowsOf } from "isoloss/views/memo.js";

const STEP = 0.02;

/** The key of the state that holds a value of an input.
 * @param {string} name
 */
export function stateKey(name) {
  return ["N", "D", "C"].includes(name) ? name : `at_${name}`;
}

/** Whether a law has a value along an axis.
 * @param {any} law @param {string} axis
 */
export function takes(law, axis) {
  return law.names.includes(axis) || (axis === "C" && splits(law));
}

/** Whether a law has no C of its own, but a best split of one.
 * @param {any} law
 */
export function splits(law) {
  return law.plans && !law.names.includes("C") && isLoss(law.entry.target) && countsTokens(law) && ["N", "D"].every((name) => law.variable(name).log);
}

/** What an axis counts for a law: laws that count different things share no axis.
 * @param {any} law @param {string} axis
 * @returns {string}
 */
export function unitOf(law, axis) {
  if (axis === "C" && splits(law)) return "FLOP";
  const v = law.variable(axis);
  return /^(pairs|samples|bytes)$/.test(v.counts ?? "") ? v.counts : v.unit;
}

/** Its inputs that stay as they are along an axis.
 * @param {any} law @param {string} axis
 * @returns {string[]}
 */
export function heldNames(law, axis) {
  const own = axis === "C" && splits(law) ? ["N", "D"] : [axis];
  return law.names.filter((/** @type {string} */ name) => !own.includes(name));
}

export class Curve {
  /**
   * @param {import("isoloss/law.js").Law} law
   * @param {string} axis
   * @param {Record<string, number>} held
   * @param {number[]} xs
   * @param {boolean} log
   */
  constructor(law, axis, held, xs, log) {
    this.law = law;
    this.axis = axis;
    this.held = held;
    this.xs = xs;
    this.log = log;
    this.rows = rowsOf(law);
    this.splits = axis === "C" && splits(law);
    this.frontier = this.splits ? frontier(law, held, xs, FLOP) : null;
    this.x = law.names.map((name) => held[name] ?? NaN);
    this.place = law.names.indexOf(axis);
    const count = law.count;
    /** Values of all draws, place after place. */
    this.samples = this.frontier ? this.frontier.losses : new Float64Array(xs.length * count);
    if (!this.frontier) xs.forEach((x, i) => this.many(x, this.samples.subarray(i * count, (i + 1) * count)));
    this.value = xs.map((x, i) => (this.frontier ? this.frontier.loss[i] : this.at(x)));
    const ends = xs.map((_, i) => (count ? interval(this.samples.subarray(i * count, (i + 1) * count), law.level) : [NaN, NaN]));
    this.low = ends.map((end) => end[0]);
    this.high = ends.map((end) => end[1]);
    /** Whether the source says which runs the law rests on. */
    this.known = law.entry.directions.some(({ of }) => of.every(([name]) => (this.splits ? ["N", "D"].includes(name) || name in held : name === axis || name in held)));
    /** @type {boolean[]} which places are within the runs */
    this.flags = [];
    this.parts = this.segments();
  }

  /** @param {number} x @param {Float64Array} out */
  many(x, out) {
    this.x[this.place] = x;
    this.law.functions.many(out, this.law.draws, this.x);
  }

  /** The value by the point. @param {number} x */
  at(x) {
    if (this.frontier) return this.frontier.point(x).loss;
    this.x[this.place] = x;
    return this.law.functions.one(this.x, this.law.point);
  }

  /** The value by a draw. @param {number} x @param {number} m */
  drawn(x, m) {
    if (this.frontier) {
      const u = this.frontier.draw(m, x);
      return u === u ? this.frontier.value(this.rows[m], u, Math.log(x / FLOP)) : NaN;
    }
    this.x[this.place] = x;
    return this.law.functions.one(this.x, this.rows[m]);
  }

  /** All inputs at a place of the axis; at its best split where it has one. @param {number} x */
  inputs(x) {
    if (!this.frontier) return { ...this.held, [this.axis]: x };
    const { N, D } = this.frontier.point(x);
    return { ...this.held, N, D };
  }

  /** Where a place lies in relation to the runs. @param {number} x */
  status(x) {
    const inputs = this.inputs(x);
    if (this.frontier && !(inputs.N > 0)) return { status: "unknown", words: "unknown: there is no best split here" };
    return this.law.place(inputs);
  }

  /** Value, slope and their draws at a place. @param {number} x */
  ask(x) {
    const { level, count } = this.law;
    const { value, values, slope, slopes } = this.frontier ? this.askSplit(x) : this.askPlain(x);
    const ends = (/** @type {number} */ middle, /** @type {Float64Array} */ drawn) => {
      const [low, high] = count ? interval(drawn, level) : [middle, middle];
      return { value: middle, low, high };
    };
    return { x, value: ends(value, values), slope: ends(slope, slopes), values, slopes };
  }

  /** @param {number} x */
  askSplit(x) {
    const line = /** @type {import("isoloss/views/frontier.js").Frontier} */ (this.frontier);
    const product = Math.log(x / FLOP), { logN, logNs, losses } = line.draws(x);
    const relative = (/** @type {ArrayLike<number>} */ p, /** @type {number} */ u, /** @type {number} */ value) => line.slope(p, u, product) / value;
    const value = line.point(x).loss;
    return { value, values: losses, slope: relative(this.law.point, logN, value), slopes: losses.map((loss, m) => relative(this.rows[m], logNs[m], loss)) };
  }

  /** @param {number} x */
  askPlain(x) {
    const count = this.law.count, step = this.log ? STEP : 0.005 * (this.xs[this.xs.length - 1] - this.xs[0]);
    const moved = (/** @type {number} */ h) => (this.log ? x * Math.exp(h * step) : x + h * step);
    const values = new Float64Array(count), slopes = new Float64Array(count), one = new Float64Array(count);
    this.many(x, values);
    const value = this.at(x);
    let slope = 0;
    for (const [h, weight] of [[1, 8], [-1, -8], [2, -1], [-2, 1]]) {
      this.many(moved(h), one);
      for (let m = 0; m < count; m++) slopes[m] += weight * one[m];
      slope += weight * this.at(moved(h));
    }
    const scale = 12 * step;
    for (let m = 0; m < count; m++) slopes[m] /= scale * values[m];
    return { value, values, slope: slope / (scale * value), slopes };
  }

  /** Relative slopes of the point along the axis. */
  get slopes() {
    return memo(this, "slopes", () => this.xs.map((x, i) => {
      const line = this.frontier;
      return line ? line.slope(this.law.point, line.logN[i], line.products[i]) / line.loss[i] : this.slopeAt(x);
    }));
  }

  /** @param {number} x */
  slopeAt(x) {
    const step = this.log ? STEP : 0.005 * (this.xs[this.xs.length - 1] - this.xs[0]);
    const f = (/** @type {number} */ h) => this.at(this.log ? x * Math.exp(h * step) : x + h * step);
    return (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * step * this.at(x));
  }

  /** Parts of the curve within and beyond the runs, with the places where they meet. */
  segments() {
    const within = (/** @type {number} */ x) => this.known && this.status(x).status === "inside";
    const { xs, value, low, high } = this;
    const flags = this.flags = xs.map(within);
    /** @type {{inside: boolean, x: number[], value: number[], low: number[], high: number[]}[]} */
    const parts = [];
    const open = (/** @type {boolean} */ inside) => parts.push({ inside, x: [], value: [], low: [], high: [] });
    const put = (/** @type {number} */ x, /** @type {number[]} */ v) => {
      const part = parts[parts.length - 1];
      part.x.push(x);
      part.value.push(v[0]);
      part.low.push(v[1]);
      part.high.push(v[2]);
    };
    xs.forEach((x, i) => {
      if (!i) open(flags[0]);
      else if (flags[i] !== flags[i - 1]) {
        const edge = this.edge(xs[i - 1], x, flags[i - 1], within);
        const share = this.log ? Math.log(edge / xs[i - 1]) / Math.log(x / xs[i - 1]) : (edge - xs[i - 1]) / (x - xs[i - 1]);
        const between = (/** @type {number[]} */ ends) => ends[i - 1] + share * (ends[i] - ends[i - 1]);
        const there = [this.at(edge), between(low), between(high)];
        put(edge, there);
        open(flags[i]);
        put(edge, there);
      }
      put(x, [value[i], low[i], high[i]]);
    });
    return parts;
  }

  /** @param {number} from @param {number} to @param {boolean} first @param {(x: number) => boolean} within */
  edge(from, to, first, within) {
    let a = from, b = to;
    for (let i = 0; i < 20; i++) {
      const middle = this.log ? Math.sqrt(a * b) : 0.5 * (a + b);
      if (within(middle) === first) a = middle;
      else b = middle;
    }
    return b;
  }
}

/** A curve, kept while what it follows from stays.
 * @param {import("isoloss/law.js").Law} law
 * @param {string} axis
 * @param {Record<string, number>} held
 * @param {number[]} xs
 * @param {boolean} log
 */
export function curve(law, axis, held, xs, log) {
  const key = `curve ${axis} ${log} ${JSON.stringify([held, xs[0], xs[xs.length - 1], xs.length])}`;
  return memo(law, key, () => new Curve(law, axis, held, xs, log));
}
