// Best splits over a whole range of budgets, for the point and for every draw: the same optimum as
// solver.js, but each budget starts where the last one ended, so that a curve with its band costs a
// few values of the law for each draw and budget.

import { best } from "isoloss/solver.js";
import { memo, rowsOf } from "isoloss/views/memo.js";

const STEP = 0.02;
// Newton's error is about the square of its last step, so this leaves ln N right to 1e-9
const CLOSE = 3e-5;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export class Frontier {
  /**
   * @param {import("isoloss/law.js").Law} law
   * @param {Record<string, number>} held values of the inputs beside N and D
   * @param {number[]} budgets FLOP, rising
   * @param {number} flop k in C = k N D
   */
  constructor(law, held, budgets, flop) {
    this.law = law;
    this.held = held;
    this.flop = flop;
    this.budgets = budgets;
    this.x = law.names.map((name) => held[name] ?? NaN);
    this.n = law.names.indexOf("N");
    this.d = law.names.indexOf("D");
    this.rows = rowsOf(law);
    const count = law.count, size = budgets.length;
    this.products = budgets.map((budget) => Math.log(budget / flop));
    /** ln N and loss of the point, NaN where it has no best split. */
    this.logN = new Float64Array(size);
    this.loss = new Float64Array(size);
    /** The same of the draws, budget after budget. */
    this.logNs = new Float64Array(size * count).fill(NaN);
    this.losses = new Float64Array(size * count).fill(NaN);
    for (let i = 0; i < size; i++) {
      const found = this.scan(budgets[i]);
      this.logN[i] = Math.log(found.N);
      this.loss[i] = found.loss;
      if (!(found.N > 0)) continue;
      for (let m = 0; m < count; m++) {
        const at = i * count + m;
        const u = this.solve(this.rows[m], this.products[i], this.guess(i, m, this.logN[i]));
        this.logNs[at] = u;
        this.losses[at] = u === u ? this.value(this.rows[m], u, this.products[i]) : NaN;
      }
    }
  }

  /** Where a draw may lie at a budget: as far from the point as at the budgets before.
   * @param {number} i @param {number} m @param {number} logN
   */
  guess(i, m, logN) {
    const count = this.law.count;
    const one = i ? this.logNs[(i - 1) * count + m] - this.logN[i - 1] : NaN;
    const two = i > 1 ? this.logNs[(i - 2) * count + m] - this.logN[i - 2] : NaN;
    return logN + (two === two ? 2 * one - two : one === one ? one : 0);
  }

  /** @param {ArrayLike<number>} p @param {number} u ln N @param {number} product ln N D */
  value(p, u, product) {
    this.x[this.n] = Math.exp(u);
    this.x[this.d] = Math.exp(product - u);
    return this.law.functions.one(this.x, p);
  }

  /** ln N of the lowest loss near a start, by Newton; NaN where there is none.
   * @param {ArrayLike<number>} p @param {number} product @param {number} start
   */
  solve(p, product, start) {
    let u = start;
    for (let i = 0; i < 15; i++) {
      const f = this.value(p, u, product), a = this.value(p, u + STEP, product), b = this.value(p, u - STEP, product);
      const c = this.value(p, u + 2 * STEP, product), d = this.value(p, u - 2 * STEP, product);
      const bend = (16 * (a + b) - (c + d) - 30 * f) / STEP;
      if (!(bend > 0)) break;
      const move = Math.max(-1, Math.min(1, -(8 * (a - b) - (c - d)) / bend));
      u += move;
      if (!(u > 0 && u < product)) break;
      if (Math.abs(move) < CLOSE) return u;
    }
    return this.descend(p, product, start);
  }

  /** The same where Newton does not get on, such as at a kink: downhill, then golden sections.
   * @param {ArrayLike<number>} p @param {number} product @param {number} start
   */
  descend(p, product, start) {
    const f = (/** @type {number} */ u) => this.value(p, u, product);
    let step = f(start + 0.1) < f(start - 0.1) ? 0.2 : -0.2;
    let from = start - step, middle = start, lowest = f(start), to = start + step;
    for (let i = 0; i < 40 && f(to) < lowest; i++) {
      step *= 1.5;
      [from, middle, lowest, to] = [middle, to, f(to), to + step];
    }
    if (!(Math.min(from, to) > 0 && Math.max(from, to) < product && f(to) >= lowest && f(from) >= lowest)) return NaN;
    let a = Math.min(from, to), b = Math.max(from, to), c = b - GOLDEN * (b - a), d = a + GOLDEN * (b - a);
    let fc = f(c), fd = f(d);
    while (b - a > 1e-9) {
      if (fc < fd) [b, d, fd, c, fc] = [d, c, fc, d - GOLDEN * (d - a), NaN];
      else [a, c, fc, d, fd] = [c, d, fd, c + GOLDEN * (b - c), NaN];
      if (fc !== fc) fc = f(c);
      else fd = f(d);
    }
    return 0.5 * (a + b);
  }

  /** The best split by the point, found from nothing.
   * @param {number} budget
   */
  scan(budget) {
    if (!(budget / this.flop > 3 && budget < 1e290)) return { N: NaN, D: NaN, loss: NaN };
    return best(this.law, budget, this.held, this.flop);
  }

  /** The best split by the point, found from its neighbours.
   * @param {number} budget
   */
  point(budget) {
    const product = Math.log(budget / this.flop), start = this.near(budget);
    const u = start === start ? this.solve(this.law.point, product, start) : NaN;
    if (!(u === u)) return this.scan(budget);
    return { N: Math.exp(u), D: Math.exp(product - u), loss: this.value(this.law.point, u, product) };
  }

  /** About where the best split of the point lies. @param {number} budget */
  near(budget) {
    const i = before(this.budgets, budget), { products, logN } = this;
    const share = (Math.log(budget / this.flop) - products[i]) / (products[i + 1] - products[i]);
    return share >= 0 && share <= 1 ? logN[i] + share * (logN[i + 1] - logN[i]) : NaN;
  }

  /** ln N of one draw at any budget within the range.
   * @param {number} m @param {number} budget
   */
  draw(m, budget) {
    const { budgets, products, logN, logNs } = this, count = this.law.count;
    const i = before(budgets, budget), product = Math.log(budget / this.flop);
    const share = (product - products[i]) / (products[i + 1] - products[i]);
    const point = logN[i] + share * (logN[i + 1] - logN[i]);
    const start = logNs[i * count + m] + share * (logNs[(i + 1) * count + m] - logNs[i * count + m]);
    if (!(point === point || start === start)) return NaN;
    return this.solve(this.rows[m], product, start === start ? start : point);
  }

  /** ln N and loss of every draw at a budget.
   * @param {number} budget
   */
  draws(budget) {
    const logN = Math.log(this.point(budget).N), product = Math.log(budget / this.flop);
    const logNs = new Float64Array(this.law.count), losses = new Float64Array(this.law.count);
    for (let m = 0; m < logNs.length; m++) {
      logNs[m] = logN === logN ? this.draw(m, budget) : NaN;
      losses[m] = logNs[m] === logNs[m] ? this.value(this.rows[m], logNs[m], product) : NaN;
    }
    return { logN, logNs, losses };
  }

  /** d loss / d ln C along the best splits: at an optimum that is the slope in ln N alone.
   * @param {ArrayLike<number>} p @param {number} u @param {number} product
   */
  slope(p, u, product) {
    const f = (/** @type {number} */ h) => this.value(p, u + h, product + h);
    return (8 * (f(STEP) - f(-STEP)) - (f(2 * STEP) - f(-2 * STEP))) / (12 * STEP);
  }

  /** The least budget of a loss, for the point (m = -1) or a draw: Newton on ln C from a budget.
   * @param {number} m @param {number} loss @param {number} budget
   */
  least(m, loss, budget) {
    const p = m < 0 ? this.law.point : this.rows[m];
    let t = Math.log(budget / this.flop);
    let u = m < 0 ? Math.log(this.point(budget).N) : this.draw(m, budget);
    for (let i = 0; i < 60 && u === u; i++) {
      const gap = this.value(p, u, t) - loss, slope = this.slope(p, u, t);
      if (!(slope < 0)) return NaN;
      const move = Math.max(-6, Math.min(6, -gap / slope));
      t += move;
      if (!(t > 1)) return NaN;
      u = this.solve(p, t, u + 0.5 * move);
      if (Math.abs(move) < 1e-9) return this.flop * Math.exp(t);
    }
    return NaN;
  }
}

/** The last place whose value is not above the wanted one, and that has a next.
 * @param {number[]} values rising @param {number} wanted
 */
function before(values, wanted) {
  let low = 0, high = values.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle] <= wanted) low = middle;
    else high = middle;
  }
  return low;
}

/** The frontier of a law, kept while what it follows from stays.
 * @param {import("isoloss/law.js").Law} law
 * @param {Record<string, number>} held
 * @param {number[]} budgets
 * @param {number} flop
 */
export function frontier(law, held, budgets, flop) {
  const key = `frontier ${JSON.stringify([held, budgets[0], budgets[budgets.length - 1], budgets.length, flop])}`;
  return memo(law, key, () => new Frontier(law, held, budgets, flop));
}

/** Whether less of what a law gives is better, so that a best split is worth asking for.
 * @param {string} target
 */
export function isLoss(target) {
  return /loss|error|entropy|perplexity|FID/i.test(target) && !/increase/.test(target);
}

/** Whether D counts tokens, so that k N D is compute; pairs and samples are no tokens.
 * @param {any} law
 */
export function countsTokens(law) {
  const { unit, counts } = law.variable("D");
  return !/^(pairs|samples|bytes)/.test(counts ?? "") && (unit === "tokens" || unit === "");
}
