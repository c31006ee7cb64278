// Surface: the loss over size and data, its lines, the best path over it, and a point on it.

import { heldFields, heldValues, lawField } from "isoloss/fields.js";
import { interval } from "isoloss/numbers.js";
import { logGrid } from "isoloss/solver.js";
import { countsTokens, frontier, isLoss } from "isoloss/views/frontier.js";
import { unitOf } from "isoloss/views/curve.js";
import { memo } from "isoloss/views/memo.js";
import { surfaceFigure } from "isoloss/views/surface_figure.js";
import { domain, levelLines, levelsOf } from "isoloss/views/surface_lines.js";
import { facts, headline, program, warnings } from "isoloss/views/surface_words.js";
import { amount, plain } from "isoloss/numbers.js";

const OWN = ["N", "D"];
const GRID = 49, BUDGETS = 33, LEVELS = 7;

/** @type {View} */
export const view = {
  id: "surface",
  title: "Surface",
  asks: "What does the law say over size and data?",

  needs: (state) => [String(state.law)],

  fields(state, context) {
    const choice = lawField(context, ({ inputs }) => inputs.includes("N") && inputs.includes("D"), context.bundle.first);
    const chosen = context.laws.get(String(state.law ?? choice.start));
    const law = chosen?.plans ? chosen : null;
    const slider = (/** @type {string} */ key, /** @type {number} */ low, /** @type {number} */ high) => {
      const v = law?.variable(key);
      const from = v?.low > 0 ? v.low : low, to = v?.low > 0 ? v.high : high;
      const unit = key === "N" ? "parameters" : v ? unitOf(law, key) : "tokens";
      return /** @type {Field} */ ({ kind: "slider", key, label: key === "N" ? "Size N" : "Data D", low: from / (v?.known ? 10 : 1), high: to * (v?.known ? 100 : 1), log: true, unit, start: Number(Math.sqrt(from * to).toPrecision(2)), help: v?.meaning });
    };
    return [
      choice, slider("N", 1e7, 1e11), slider("D", 1e9, 1e12),
      ...(law && !countsTokens(law) ? [] : [/** @type {Field} */ ({ kind: "slider", key: "k", label: "k in C = k N D", low: 1, high: 24, log: true, unit: "", start: 6, shown: (x) => plain(x, 3), help: "6 for training a dense transformer" })]),
      ...heldFields(law, OWN),
    ];
  },

  presets(context) {
    return context.bundle.presets.filter((preset) => preset.N && preset.D && preset.D_unit === "tokens").map((preset) => ({
      label: preset.name,
      note: `${amount(preset.N ?? NaN)} parameters, ${amount(preset.D ?? NaN)} tokens; ${preset.source}`,
      state: { N: preset.N ?? 1, D: preset.D ?? 1, k: 6 },
    }));
  },

  show(state, context) {
    const found = look(state, context);
    const { law, held, N, D, k, C, loss, best, ratio, place } = found;
    return {
      headline: headline(found),
      place,
      warnings: warnings(found),
      facts: facts(found),
      figures: [surfaceFigure(found)],
      python: program(found),
      numbers: {
        law: law.key, held, N, D, k, C, loss, tokens_per_parameter: ratio, place: place.status, levels: found.ground.levels,
        best: best && { N: best.N, D: best.D, loss: best.loss, excess_loss: best.excess, compute_factor: best.factor },
      },
    };
  },
};

/** Everything that the answer is made of.
 * @param {State} state @param {Context} context @returns {any}
 */
export function look(state, context) {
  const law = context.laws.get(String(state.law));
  const N = Number(state.N), D = Number(state.D), k = Number(state.k ?? 6), C = k * N * D;
  const held = heldValues(law, state, OWN);
  const ground = groundOf(law, held, viewOf(law, N, D));
  const loss = law.estimate(law.inputs({ ...held, N, D }));
  const best = Number.isFinite(loss.value) ? bestOf(law, ground, { N, D, C, k, loss }) : null;
  return { law, held, N, D, k, C, loss, ratio: D / N, ground, best, tokens: countsTokens(law), place: law.place({ ...held, N, D }) };
}

/** The part of the plane that is drawn: the range of the runs and a little more, and so many decades
 * beyond as the point needs; it stays while the point moves within it.
 * @param {any} law @param {number} N @param {number} D
 */
function viewOf(law, N, D) {
  const side = (/** @type {string} */ name, /** @type {number} */ at) => {
    const v = law.variable(name);
    const low = v.low > 0 ? v.low : 1, high = v.high > low ? v.high : 10 * low;
    const wide = v.known ? [low / 10, high * 100] : [low, high];
    const reach = (/** @type {number} */ edge) => (at < wide[0] || at > wide[1] ? 10 ** (edge < 0 ? Math.floor(Math.log10(at)) : Math.ceil(Math.log10(at))) : at);
    return /** @type {[number, number]} */ ([Math.max(1e-150, Math.min(wide[0], reach(-1))), Math.min(1e150, Math.max(wide[1], reach(1)))]);
  };
  return { N: side("N", N), D: side("D", D) };
}

/** What stays while the point moves: values, lines, the path of best splits, the area of the runs.
 * @param {any} law @param {Record<string, number>} held @param {{N: [number, number], D: [number, number]}} view
 */
function groundOf(law, held, view) {
  return memo(law, `ground ${JSON.stringify([held, view])}`, () => {
    const ns = logGrid(...view.N, GRID), ds = logGrid(...view.D, GRID);
    const us = ns.map(Math.log), vs = ds.map(Math.log);
    const f = (/** @type {number} */ u, /** @type {number} */ v) => law.value(law.inputs({ ...held, N: Math.exp(u), D: Math.exp(v) }));
    const z = vs.map((v) => us.map((u) => f(u, v)));
    const levels = levelsOf(z.flat().filter(Number.isFinite), LEVELS);
    const lines = levels.map((level) => levelLines(us, vs, z, level, f));
    const shape = domain(law, held, { u: [us[0], us[GRID - 1]], v: [vs[0], vs[GRID - 1]] });
    return { view, held, ns, ds, z, levels, lines, shape, path: pathOf(law, held, view) };
  });
}

/** The best splits over the view, by the product N D, which does not depend on k.
 * @param {any} law @param {Record<string, number>} held @param {{N: [number, number], D: [number, number]}} view
 */
function pathOf(law, held, view) {
  if (!isLoss(law.entry.target) || !countsTokens(law)) return null;
  const low = Math.max(10, view.N[0] * view.D[0] * 10), high = Math.min(1e280, view.N[1] * view.D[1]);
  if (!(high > 10 * low)) return null;
  const line = frontier(law, held, logGrid(low, high, BUDGETS), 1);
  const ends = line.budgets.map((_, i) => (law.count ? interval(line.logNs.subarray(i * law.count, (i + 1) * law.count), law.level) : [NaN, NaN]));
  return { line, logN: [...line.logN], low: ends.map((end) => end[0]), high: ends.map((end) => end[1]) };
}

/** The best split of what the point spends, and what a best split would need for its loss.
 * @param {any} law @param {any} ground @param {{N: number, D: number, C: number, k: number, loss: any}} at
 */
function bestOf(law, ground, { N, D, C, k, loss }) {
  const line = ground.path?.line;
  if (!line) return null;
  const product = C / k, { logN, logNs, losses } = line.draws(product);
  if (!(logN === logN)) return null;
  const value = line.point(product).loss, least = k * line.least(-1, loss.value, product);
  const mine = Float64Array.from(law.count ? law.sample(law.inputs({ ...line.held, N, D })) : []);
  const factors = mine.map((one, m) => product / line.least(m, one, product));
  const estimate = (/** @type {number} */ middle, /** @type {Float64Array} */ drawn) => {
    const [low, high] = law.count ? interval(drawn, law.level) : [middle, middle];
    return { value: middle, low, high };
  };
  const sizes = logNs.map((/** @type {number} */ u) => Math.exp(u));
  return {
    N: estimate(Math.exp(logN), sizes), D: estimate(product / Math.exp(logN), sizes.map((/** @type {number} */ n) => product / n)), loss: estimate(value, losses),
    excess: estimate(loss.value - value, mine.map((one, m) => one - losses[m])), least, factor: estimate(C / least, factors),
  };
}
