// Allocate: a budget, the best split of it, and what a split of one's own costs.

import { axis, band, beyond, COLOURS, layout, line, points } from "isoloss/chart.js";
import { heldFields, heldValues, lawField } from "isoloss/fields.js";
import { amount, plain, precise, scientific, shown, span } from "isoloss/numbers.js";
import { flat, logGrid, optimum, wasted } from "isoloss/solver.js";

const OWN = ["N", "D"];
const GRID = 160;
const FREE = { N: "N, the size", D: "D, the data" };

/** @type {View} */
export const view = {
  id: "allocate",
  title: "Allocate",
  asks: "How large a model, on how much data, for this budget?",

  needs: (state) => [String(state.law)],

  fields(state, context) {
    const choice = lawField(context, ({ inputs }) => inputs.includes("N") && inputs.includes("D"), context.bundle.first);
    const law = context.laws.get(String(state.law ?? choice.start));
    const n = law?.variable("N"), d = law?.variable("D");
    const sizes = { low: (n?.low ?? 1e7) / 30, high: (n?.high ?? 1e11) * 300 };
    const data = { low: (d?.low ?? 1e9) / 30, high: (d?.high ?? 1e12) * 300 };
    const k = Number(state.k ?? 6);
    const budget = { low: sizes.low * data.low * 6, high: sizes.high * data.high * 6 };
    const middle = Number((6 * Math.sqrt((n?.low ?? 1e7) * (n?.high ?? 1e11) * (d?.low ?? 1e9) * (d?.high ?? 1e12))).toPrecision(1));
    const held = String(state.held ?? "N");
    const C = Number(state.C ?? middle);
    const mine = Number(state.mine ?? (held === "N" ? n?.high : d?.high) ?? 1e9);
    /** @type {Field[]} */
    const fields = [
      choice,
      { kind: "slider", key: "C", label: "Compute C", ...budget, log: true, unit: "FLOP", start: middle, help: "Any unit: 1e21, 3 ZFLOP, 500 PF-days, 1000 A100-days" },
      { kind: "choice", key: "held", label: "A choice of your own", start: "N", options: [...Object.entries(FREE).map(([value, label]) => ({ value, label })), { value: "none", label: "none, the optimum alone" }], help: "C = k N D: with two of them the third follows" },
    ];
    if (held !== "none") {
      const own = held === "N" ? sizes : data;
      const other = held === "N" ? data : sizes;
      fields.push({ kind: "slider", key: "mine", label: held === "N" ? "Your N" : "Your D", ...own, log: true, unit: held === "N" ? "parameters" : "tokens", start: Number((held === "N" ? Math.sqrt(sizes.low * sizes.high) : Math.sqrt(data.low * data.high)).toPrecision(2)) });
      fields.push({ kind: "slider", key: "$third", label: held === "N" ? "Your D, which follows" : "Your N, which follows", ...other, log: true, unit: held === "N" ? "tokens" : "parameters", start: C / (k * mine), off: true });
    }
    fields.push({ kind: "slider", key: "k", label: "k in C = k N D", low: 1, high: 24, log: true, unit: "", start: 6, shown: (x) => plain(x, 3), help: "6 for training a dense transformer" });
    return [...fields, ...heldFields(law, OWN)];
  },

  presets(context) {
    return context.bundle.presets.filter((preset) => preset.N && preset.D && preset.D_unit === "tokens").map((preset) => ({
      label: preset.name,
      note: `${amount(preset.N ?? NaN)} parameters, ${amount(preset.D ?? NaN)} tokens; ${preset.source}`,
      state: { C: Number((6 * (preset.N ?? 1) * (preset.D ?? 1)).toPrecision(4)), held: "N", mine: preset.N ?? 1, k: 6 },
    }));
  },

  show(state, context) {
    const law = context.laws.get(String(state.law));
    const C = Number(state.C), k = Number(state.k);
    const held = heldValues(law, state, OWN);
    const unit = law.entry.unit, target = law.entry.target;
    const best = optimum(law, C, held, k);
    if (!best.exists) return nothing(law, C);
    const [low, high] = flat(law, C, held, k);
    const at = { ...held, N: best.N.value, D: best.D.value };
    const place = law.place(at);
    const chosen = state.held === "none" ? null : ownChoice(law, state, held, best, C, k);
    const facts = factsOf(law, best, [low, high], at, C, k, chosen);
    return {
      headline: headline(best, [low, high], C, target, law.entry.unit, chosen),
      place,
      warnings: warningsOf(law, best),
      facts,
      figures: [isoFlop(law, C, k, held, best, [low, high], chosen, `${target}, ${unit}`)],
      python: program(law, state, held, C, k, chosen),
      numbers: {
        law: law.key, C, k, held, N: best.N, D: best.D, loss: best.loss, tokens_per_parameter: best.ratio, flat: { N_low: low, N_high: high },
        place: place.status, chosen,
      },
    };
  },
};

/** @param {any} law @param {State} state @param {Record<string, number>} held @param {any} best @param {number} C @param {number} k */
function ownChoice(law, state, held, best, C, k) {
  const mine = Number(state.mine);
  const N = state.held === "N" ? mine : C / (k * mine);
  const D = C / (k * N);
  const x = law.inputs({ ...held, N, D });
  const loss = law.estimate(x);
  const excess = new Float64Array(law.count);
  const values = law.sample(x);
  for (let i = 0; i < law.count; i++) excess[i] = values[i] - best.draws.loss[i];
  return { N, D, loss, excess: loss.value - best.loss.value, factor: wasted(law, loss.value, C, held, k), place: law.place({ ...held, N, D }) };
}

/** @param {any} best @param {[number, number]} ends @param {number} C @param {string} target @param {string} unit @param {any} chosen */
function headline(best, ends, C, target, unit, chosen) {
  const first = `For ${scientific(C)} FLOP train ${amount(best.N.value)} parameters on ${amount(best.D.value)} tokens and expect a ${target} of ${shown(best.loss.value, unit)}; any size from ${amount(ends[0])} to ${amount(ends[1])} costs at most 10 % more compute.`;
  if (!chosen) return first;
  const more = chosen.factor > 1.005 ? `spends ${plain(chosen.factor, 3)} times the compute that its ${target} of ${shown(chosen.loss.value, unit)} needs` : "is as good as the optimum";
  return `${first} Your ${amount(chosen.N)} on ${amount(chosen.D)} ${more}.`;
}

/** @param {any} law @param {any} best @param {[number, number]} ends @param {any} at @param {number} C @param {number} k @param {any} chosen @returns {Fact[]} */
function factsOf(law, best, ends, at, C, k, chosen) {
  const { unit, target } = law.entry;
  const se = (/** @type {any} */ e) => Math.abs(e.high - e.low) / 3.3;
  const level = `${Math.round(100 * law.level)} %: `;
  const wide = (/** @type {any} */ e, /** @type {string} */ u) => {
    const words = span([e.low, e.high], u, e.value);
    return words === "held" || words === "no interval" ? "no interval: nothing is known of the errors" : level + words;
  };
  const numbers = law.entry.parameters.map((/** @type {any} */ p) => `${p.name} = ${Number(p.value.toPrecision(6))}`).join(", ");
  const put = `with ${numbers}`;
  /** @type {Fact[]} */
  const facts = [
    { key: "N", label: "parameters N", value: amount(best.N.value), interval: wide(best.N, "parameters"), explain: [
      `N and D share the budget: C = k N D with C = ${scientific(C, 4)} and k = ${k}`,
      `the best split is where one percent more of either lowers the ${target} by the same`,
      `${law.entry.formula}, ${put}`, `solved for N: ${best.N.value.toPrecision(7)}`] },
    { key: "D", label: "tokens D", value: amount(best.D.value), interval: wide(best.D, "tokens"), explain: [`D = C / (k N) = ${scientific(C, 4)} / (${k} × ${best.N.value.toPrecision(5)}) = ${best.D.value.toPrecision(7)}`] },
    { key: "loss", label: `${target}${unit ? `, ${unit}` : ""}`, value: precise(best.loss.value, se(best.loss)), interval: wide(best.loss, unit), explain: [
      `${law.entry.formula}`, put, `at ${Object.entries(at).map(([name, value]) => `${name} = ${Number(Number(value).toPrecision(6))}`).join(", ")}`, `gives ${best.loss.value.toPrecision(8)}`] },
    { key: "ratio", label: "tokens per parameter", value: plain(best.ratio.value, 3), interval: wide(best.ratio, ""), explain: [`D / N = ${best.D.value.toPrecision(5)} / ${best.N.value.toPrecision(5)} = ${plain(best.ratio.value, 6)}`] },
    { key: "flat", label: "sizes within 10 % of the compute", value: `${amount(ends[0])} to ${amount(ends[1])}`, explain: [`between them the ${target} stays at or below that of the optimum of ${scientific(C / 1.1, 4)} FLOP`] },
  ];
  if (chosen) {
    facts.push({ key: "chosen", label: `your ${target}`, value: precise(chosen.loss.value, se(chosen.loss)), interval: wide(chosen.loss, unit), explain: [`at N = ${chosen.N.toPrecision(5)} and D = ${chosen.D.toPrecision(5)} the law gives ${chosen.loss.value.toPrecision(8)}, which is ${plain(chosen.excess, 3)} above the optimum`, `an optimum of that ${target} needs ${scientific(C / chosen.factor, 4)} FLOP`] });
  }
  return facts;
}

/** @param {any} law @param {any} best */
function warningsOf(law, best) {
  const lost = best.draws.N.reduce((/** @type {number} */ sum, /** @type {number} */ n) => sum + (n === n ? 0 : 1), 0);
  const warnings = [];
  if (lost) warnings.push(`${lost} of ${law.count} draws have no best split and are left out of the intervals.`);
  if (!law.count) warnings.push("No errors are known for this law, so there are no intervals.");
  else if (law.entry.basis === "rounding") warnings.push("No errors are printed for this law: the intervals show what the rounding of its numbers alone leaves open.");
  if (law.entry.certified === false) warnings.push("This fit is not certified: other numbers may fit as well.");
  return warnings;
}

/** @param {any} law @param {number} C @param {number} k @param {Record<string, number>} held @param {any} best @param {[number, number]} ends @param {any} chosen @param {string} title @returns {Figure} */
function isoFlop(law, C, k, held, best, ends, chosen, title) {
  const n = law.variable("N");
  let low = Math.min(best.N.value / 12, ends[0] / 1.6, chosen ? chosen.N / 1.3 : Infinity);
  let high = Math.max(best.N.value * 12, ends[1] * 1.6, chosen ? chosen.N * 1.3 : 0);
  const sizes = logGrid(low, high, GRID);
  const curve = law.band(sizes.map((N) => law.inputs({ ...held, N, D: C / (k * N) })));
  const top = Math.min(Math.max(curve.value[0], curve.value[GRID - 1], ...curve.high.filter(Number.isFinite)), best.loss.value + 3 * (Math.max(curve.value[0], curve.value[GRID - 1]) - best.loss.value));
  const bottom = Math.min(best.loss.value, ...curve.low.filter(Number.isFinite));
  const room = 0.06 * (top - bottom || 1);
  /** @type {object[]} */
  const shapes = [
    { type: "rect", layer: "below", xref: "x", yref: "paper", x0: ends[0], x1: ends[1], y0: 0, y1: 0.025, line: { width: 0 }, fillcolor: COLOURS.teal },
  ];
  const d = law.variable("D");
  const inside = [Math.max(n?.known ? n.low : 0, d?.known ? C / (k * d.high) : 0), Math.min(n?.known ? n.high : Infinity, d?.known ? C / (k * d.low) : Infinity)];
  const known = Boolean(n?.known || d?.known);
  if (known) {
    if (inside[0] >= inside[1]) shapes.push(beyond("x", low, high));
    else {
      if (inside[0] > low) shapes.push(beyond("x", low, Math.min(inside[0], high)));
      if (inside[1] < high) shapes.push(beyond("x", Math.max(inside[1], low), high));
    }
  }
  const data = [
    band(sizes, curve.low, curve.high, COLOURS.law),
    line(sizes, curve.value, COLOURS.law, { hoverinfo: "x+y", customdata: sizes.map((N) => amount(C / (k * N))), hovertemplate: "N %{x:.3s}, D %{customdata}: %{y:.4f}<extra></extra>" }),
    points([best.N.value], [best.loss.value], COLOURS.law, { size: 12 }),
  ];
  if (chosen) data.push(points([chosen.N], [chosen.loss.value], COLOURS.marked, { symbol: "diamond", size: 13 }));
  const words = !known ? "The source does not say which runs the law rests on." : inside[0] >= inside[1] ? "No run that the law rests on has this budget: the whole curve, on grey, is an extrapolation." : "Grey is beyond the runs that the law rests on.";
  return {
    id: "iso-flop",
    title: `${law.entry.target} at ${scientific(C)} FLOP against size`.replace(/^./, (c) => c.toUpperCase()),
    caption: `Left of the optimum the model is too small for its data, right of it the data are too few. The bar on the axis holds the sizes that cost at most 10 % more compute. ${words}${chosen ? " The diamond is your choice." : ""}`,
    legend: [
      { colour: COLOURS.law, mark: "●", words: "optimum" }, ...(law.count ? [{ colour: COLOURS.law, mark: "▒", words: `${Math.round(100 * law.level)} % band of ${law.count} draws` }] : []),
      ...(chosen ? [{ colour: COLOURS.marked, mark: "◆", words: "you are here" }] : []), { colour: COLOURS.teal, mark: "▬", words: "within 10 %" }, ...(known ? [{ colour: COLOURS.data, mark: "▒", words: "beyond the runs" }] : []),
    ],
    data,
    layout: layout(axis("parameters N", low, high, true, "parameters"), axis(title, bottom - room, top + room, false, "", 5), { shapes }),
    table: {
      head: ["parameters N", "tokens D", title, "low", "high"],
      rows: sizes.filter((_, i) => i % 8 === 0 || i === GRID - 1).map((N) => {
        const i = sizes.indexOf(N);
        return [N.toPrecision(6), (C / (k * N)).toPrecision(6), curve.value[i], curve.low[i], curve.high[i]].map((v) => (typeof v === "number" ? Number(v.toPrecision(9)) : Number(v)));
      }),
    },
  };
}

/** @param {any} law @param {number} C @returns {Shown} */
function nothing(law, C) {
  return {
    headline: `The law has no best split at ${scientific(C)} FLOP: its ${law.entry.target} keeps falling towards all size or all data.`,
    warnings: ["Choose another budget, or a law whose exponents allow a plan."], facts: [], figures: [], python: "",
  };
}

/** @param {any} law @param {State} state @param {Record<string, number>} held @param {number} C @param {number} k @param {any} chosen */
function program(law, state, held, C, k, chosen) {
  const options = [`compute=${C}`];
  if (chosen) options.push(`${state.held}=${state.mine}`);
  if (k !== 6) options.push(`flop=${k}`);
  const [id, set] = law.key.split(":");
  if (law.entry.kind === "fit") return `import isoloss\n\nfit = isoloss.Fit.load(${JSON.stringify(law.entry.file ?? "fit.json")})\nprint(fit.plan(${options.join(", ")}))\n`;
  if (Object.keys(held).length) options.push(`at={${Object.entries(held).map(([name, value]) => `"${name}": ${value}`).join(", ")}}`);
  if (set) options.push(`coefficients="${set}"`);
  return `from isoloss.law import published_laws\n\nlaw = published_laws()["${id}"]\nprint(law.plan(${options.join(", ")}))\n`;
}
