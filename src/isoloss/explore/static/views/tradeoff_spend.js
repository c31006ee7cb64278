// One sum of money for training a model, serving it and buying its data: which split of it is best.

import { axis, COLOURS, layout, line, points } from "isoloss/chart.js";
import { heldFields, heldValues, lawField } from "isoloss/fields.js";
import { amount, plain, precise, scientific, shown, span } from "isoloss/numbers.js";
import { logGrid } from "isoloss/solver.js";
import { bought, cheapest, SERVE_FLOP, TRAIN_FLOP } from "isoloss/spend.js";
import { clip, CORNERS, hatched, lattice, outside, place, triangle } from "isoloss/ternary.js";
import { percent, readShare, room } from "isoloss/views/tradeoff_mixture.js";

/** @typedef {import("isoloss/ternary.js").Parts} Parts */

const OWN = ["N", "D"], STEPS = 40;
const NAMES = ["training", "serving", "data"];
const dollars = (/** @type {number} */ x) => `$${x >= 999.5 && x < 999999.5 ? String(Number(x.toPrecision(3))).replace(/(\d)(\d{3})$/, "$1,$2") : amount(x, 3)}`;
/** @param {string} text */
const readDollars = (text) => {
  const match = /^\s*\$?\s*([\d.,]+(?:e[+-]?\d+)?)\s*([kmbt]?)\s*$/i.exec(text);
  return match ? Number(match[1].replace(/,(?=\d{3})/g, "")) * { "": 1, k: 1e3, m: 1e6, b: 1e9, t: 1e12 }[/** @type {"k"} */ (match[2].toLowerCase())] : NaN;
};
const ROUND = "A round figure without a source; put in your own";

/** @param {State} state @param {Context} context @returns {Field[]} */
export function spendFields(state, context) {
  const mixed = new Set(context.bundle.mixtures.map((one) => one.entry.key));
  const choice = lawField(context, ({ inputs, target, key }) => inputs.includes("N") && inputs.includes("D") && !inputs.includes("K") && !mixed.has(key.split(":")[0]) && (target === "loss" || context.laws.get(key)?.entry.kind === "fit"), context.bundle.first);
  const law = context.laws.get(String(state.law ?? choice.start));
  const price = { log: true, unit: "", shown: dollars, read: readDollars };
  const share = { log: false, unit: "", shown: (/** @type {number} */ x) => percent(x), read: readShare };
  const train = within(Number(state.to_train ?? 0.34), 1), serve = within(Number(state.to_serve ?? 0.33), 1 - train);
  return [
    choice,
    { kind: "slider", key: "money", label: "Money in all", low: 100, high: 1e10, start: 20000, ...price, help: "Training takes 6 N D FLOP, serving 2 N a token; every training token is bought once and seen once" },
    { kind: "slider", key: "served", label: "Tokens to be served", low: 1e6, high: 1e16, log: true, unit: "tokens", start: 1e11, help: "Over the life of the model; what you need at least" },
    { kind: "slider", key: "price_train", label: "10²¹ FLOP of training", low: 10, high: 1e6, start: 4000, ...price, help: ROUND },
    { kind: "slider", key: "price_serve", label: "10²¹ FLOP of serving", low: 10, high: 1e6, start: 8000, ...price, help: `${ROUND}; serving mostly reaches less of a machine than training` },
    { kind: "slider", key: "price_data", label: "A billion training tokens", low: 0.01, high: 1e7, start: 50, ...price, help: `${ROUND}; collecting, licensing, filtering` },
    { kind: "slider", key: "to_train", label: "Your training", low: 0, high: 1, start: 0.34, ...share },
    { kind: "slider", key: "to_serve", label: "Your serving", low: 0, high: Math.max(1 - train, 1e-6), start: 0.33, ...share },
    { kind: "slider", key: "$to_data", label: "Your data, which follows", low: 0, high: 1, start: Math.max(0, 1 - train - serve), off: true, ...share },
    ...heldFields(law, OWN),
  ];
}

/** @param {number} x @param {number} most */
const within = (x, most) => Math.min(most, Math.max(0, x));

/** @param {State} state @param {Context} context @returns {Shown} */
export function showSpend(state, context) {
  const law = context.laws.get(String(state.law));
  const held = heldValues(law, state, OWN);
  const terms = { money: Number(state.money), train: Number(state.price_train) / 1e21, serve: Number(state.price_serve) / 1e21, data: Number(state.price_data) / 1e9 };
  const served = Number(state.served);
  const best = cheapest(law, held, terms, served);
  if (!best || !(best.N >= 1) || !(best.D >= 1)) {
    return { headline: `${dollars(terms.money)} have no best split at these prices: the law keeps falling towards all of one thing, or the money buys less than one parameter or token.`, warnings: ["Change the money, the prices, the tokens to be served, or the law."], facts: [], figures: [], python: "" };
  }
  const train = within(Number(state.to_train), 1), serve = within(Number(state.to_serve), 1 - train);
  /** @type {Parts} */
  const parts = [train, serve, Math.max(0, 1 - train - serve)];
  const loss = (/** @type {Parts} */ at) => { const { N, D } = bought(terms, at); return law.value(law.inputs({ ...held, N, D })); };
  const mine = Math.min(...parts) > 0 ? { parts, ...bought(terms, parts), loss: loss(parts) } : null;
  const rival = mine ? cheapest(law, held, terms, mine.T) : null;
  const setting = { law, held, terms, served, best, ends: law.count ? best.intervals() : null, mine: mine && Number.isFinite(mine.loss) ? { ...mine, rival } : null, loss };
  return {
    headline: headline(setting),
    place: law.place({ ...held, N: best.N, D: best.D }),
    warnings: warningsOf(setting, mine),
    facts: factsOf(setting),
    figures: [picture(setting), frontier(setting)],
    python: program(setting),
    numbers: {
      law: law.key, terms, served, held, best: { shares: best.parts, N: best.N, D: best.D, loss: best.loss, intervals: setting.ends },
      mine: setting.mine ? { shares: parts, N: setting.mine.N, D: setting.mine.D, T: setting.mine.T, loss: setting.mine.loss, best_that_serves_as_many: rival?.loss ?? null } : null,
    },
  };
}

/** @param {any} setting */
function headline({ law, terms, served, best, mine }) {
  const { target, unit } = law.entry;
  const [train, serve, data] = best.parts.map((/** @type {number} */ x) => percent(x));
  const first = `Of ${dollars(terms.money)} spend ${train} on training, ${serve} on serving and ${data} on data: ${amount(best.N)} parameters, trained on ${amount(best.D)} tokens, that serve ${amount(served)} tokens at a ${target} of ${shown(best.loss, unit)}.`;
  if (!mine) return `${first} Your split leaves one of the three without money.`;
  const gap = mine.rival ? mine.loss - mine.rival.loss : NaN;
  const good = !(gap === gap) ? "" : gap > 5e-5 ? `, ${plain(gap, 3)} above the best split that serves as many` : ", which no split that serves as many betters";
  return `${first} Yours buys ${amount(mine.N)} parameters on ${amount(mine.D)} tokens and serves ${amount(mine.T)} at ${shown(mine.loss, unit)}${good}${mine.T < served * 0.9995 ? `, but that is fewer than the ${amount(served)} you need` : ""}.`;
}

/** @param {any} setting @param {any} mine */
function warningsOf({ law, held, best, mine: valued }, mine) {
  const warnings = [];
  if (!mine) warnings.push("A share of nothing buys no model; give each of the three some money.");
  else if (!valued) warnings.push("The law has no value for the model that your split buys.");
  else {
    const there = law.place({ ...held, N: valued.N, D: valued.D });
    if (there.status === "edge" || there.status === "outside") warnings.push(`Your split lies ${there.status === "edge" ? "at the edge of" : "beyond"} the runs: ${there.words.replace(/^\w+: /, "")}.`);
  }
  if (best.parts[2] < 1e-4) warnings.push("Data cost next to nothing at this price, so the best split lies at the edge of the triangle.");
  if (!law.count) warnings.push("No errors are known for this law, so there are no intervals.");
  else if (law.entry.basis === "rounding") warnings.push("No errors are printed for this law: its intervals show what the rounding of its numbers alone leaves open.");
  if (law.entry.certified === false) warnings.push("This fit is not certified: other numbers may fit as well.");
  return warnings;
}

/** @param {any} setting @returns {Fact[]} */
function factsOf({ law, held, terms, served, best, ends, mine }) {
  const { target, unit } = law.entry;
  const level = `${Math.round(100 * law.level)} %: `;
  const wide = (/** @type {string} */ name, /** @type {number} */ value, /** @type {string} */ of) => {
    if (!ends) return "no interval: nothing is known of the errors";
    const words = of === "share" ? `${percent(ends[name][0])} to ${percent(ends[name][1])}` : span(ends[name], of, value);
    return ends[name].some((/** @type {number} */ x) => !(x === x)) || words === "held" ? "no interval: the draws have no best split" : level + words;
  };
  const put = `${law.entry.formula}, with ${law.entry.parameters.map((/** @type {any} */ p) => `${p.name} = ${Number(p.value.toPrecision(6))}`).join(", ")}`;
  const flop = (/** @type {number} */ price) => `$${plain(price * 1e21, 4)} for 10²¹ FLOP`;
  const sums = [
    `training: ${TRAIN_FLOP} N D = ${scientific(TRAIN_FLOP * best.N * best.D, 4)} FLOP at ${flop(terms.train)} = ${dollars(best.parts[0] * terms.money)}`,
    `serving: ${SERVE_FLOP} N × ${amount(served)} tokens = ${scientific(SERVE_FLOP * best.N * served, 4)} FLOP at ${flop(terms.serve)} = ${dollars(best.parts[1] * terms.money)}`,
    `data: ${amount(best.D)} tokens at $${plain(terms.data * 1e9, 4)} for a billion = ${dollars(best.parts[2] * terms.money)}`,
  ];
  const more = Object.entries(held).map(([name, value]) => `, ${name} = ${plain(Number(value), 6)}`).join("");
  /** @type {Fact[]} */
  const facts = [
    ...NAMES.map((name, i) => ({ key: name, label: `best share for ${name}`, value: percent(best.parts[i]), interval: wide(["train", "serve", "data"][i], best.parts[i], "share"), explain: [sums[i], `${dollars(best.parts[i] * terms.money)} / ${dollars(terms.money)} = ${plain(best.parts[i], 6)}`] })),
    { key: "N", label: "parameters N", value: amount(best.N), interval: wide("N", best.N, "parameters"), explain: [
      "money spent on data leaves the rest for training and serving: M − p D = N (6 a D + 2 b T)", ...sums, put, `among all D the loss is lowest at D = ${best.D.toPrecision(7)}, so N = ${best.N.toPrecision(7)}`] },
    { key: "D", label: "training tokens D", value: amount(best.D), interval: wide("D", best.D, "tokens"), explain: [`the share for data over the price of a token: ${dollars(best.parts[2] * terms.money)} / $${plain(terms.data, 4)}`] },
    { key: "loss", label: `${target}${unit ? `, ${unit}` : ""}`, value: precise(best.loss, ends ? Math.abs(ends.loss[1] - ends.loss[0]) / 3.3 : NaN), interval: wide("loss", best.loss, unit), explain: [put, `at N = ${best.N.toPrecision(6)}, D = ${best.D.toPrecision(6)}${more}`, `gives ${best.loss.toPrecision(8)}`] },
  ];
  if (mine) {
    facts.push({ key: "mine", label: `your ${target}`, value: plain(mine.loss, 5), interval: mine.rival ? `${plain(Math.max(0, mine.loss - mine.rival.loss), 3)} above the best split that serves as many` : "no other split serves as many", explain: [
      `your shares buy D = ${amount(mine.D)} tokens, then N = ${dollars(mine.parts[0] * terms.money)} / (6 D × ${flop(terms.train)}) = ${amount(mine.N)}`, `the rest serves ${dollars(mine.parts[1] * terms.money)} / (2 N × ${flop(terms.serve)}) = ${amount(mine.T)} tokens`, put, `gives ${mine.loss.toPrecision(8)}`] });
    facts.push({ key: "served", label: "tokens yours serves", value: amount(mine.T), interval: mine.T >= served * 0.9995 ? "as many as you need" : `fewer than the ${amount(served)} you need`, explain: [`share for serving over the price of a served token, 2 N × ${flop(terms.serve)}`] });
  }
  return facts;
}

/** Splits that serve exactly so many tokens, from the serving corner to the data corner.
 * @param {any} terms @param {number} served @returns {Parts[]}
 */
function serving({ money, train, serve, data }, served) {
  // d s / t = tau on the curve: from D = d M / p, N = t p / (6 a d) and s M = 2 b N T
  const tau = (SERVE_FLOP * serve * served * data) / (TRAIN_FLOP * train * money);
  return [0, ...logGrid(1e-5, 0.5, 60), ...logGrid(1e-5, 0.5, 60).reverse().map((x) => 1 - x), 1].map((d) => {
    const t = d === 0 ? 0 : ((1 - d) * d) / (d + tau);
    return /** @type {Parts} */ ([t, 1 - d - t, d]);
  });
}

/** @param {any} setting @returns {Figure} */
function picture({ law, terms, served, best, mine, loss }) {
  const { target } = law.entry;
  // a part of nothing has no model: the rim stands for a small share of a step
  const rim = 0.12 / STEPS;
  const kept = (/** @type {Parts} */ p) => { const sum = p.reduce((all, x) => all + Math.max(x, rim), 0); return /** @type {Parts} */ (p.map((x) => Math.max(x, rim) / sum)); };
  const nodes = lattice(STEPS);
  const values = Float64Array.from(nodes, (p) => loss(kept(p)));
  const deep = Math.min(...Array.from(values).filter(Number.isFinite)) - best.loss;
  const levels = [-1, -0.5, -0.2, -0.1, -0.05, -0.02, 0, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2].filter((h) => h >= deep * 0.9 && h < Math.max(...Array.from(values).filter(Number.isFinite)) - best.loss);
  const curve = serving(terms, served);
  const xy = curve.map(place);
  const n = law.variable("N"), d = law.variable("D");
  const ratio = terms.data / (TRAIN_FLOP * terms.train), tokens = terms.money / terms.data;
  /** @type {Parts[]} */
  const sides = [];
  if (n?.known) sides.push([ratio / n.high, 0, -n.low / n.high], [-ratio / n.high, 0, 1]);
  if (d?.known) sides.push(/** @type {Parts} */ ([0, 1, 2].map((k) => ((k === 2 ? tokens : 0) - d.low) / d.high)), /** @type {Parts} */ ([0, 1, 2].map((k) => (d.high - (k === 2 ? tokens : 0)) / d.high)));
  const inside = sides.length ? clip(CORNERS, sides) : null;
  const hover = (/** @type {Parts} */ p, value = loss(kept(p))) => { const at = kept(p); const got = bought(terms, at); return `${NAMES.map((name, i) => `${name} ${percent(p[i])}`).join("<br>")}<br>N ${amount(got.N)}, D ${amount(got.D)}<br>serves ${amount(got.T)}<br>${target} ${plain(value, 5)}`; };
  const size = room();
  const made = triangle({
    names: NAMES, whole: 1, n: STEPS, values, lowest: best.loss, levels, label: (h) => (h === 0 ? "best" : `${h > 0 ? "+" : "−"}${plain(Math.abs(h), 2)}`),
    best: best.parts, mine: mine?.parts ?? null, hover, wide: size.wide, shapes: inside ? outside(inside) : [],
    over: [hatched([...curve, [1, 0, 0]]), line(xy.map(([x]) => x), xy.map(([, y]) => y), COLOURS.accent, { width: 2, dash: "longdash" })],
  });
  const few = lattice(10).filter((p) => Math.min(...p) > 1e-9);
  const row = (/** @type {string} */ what, /** @type {Parts} */ p) => { const got = bought(terms, p); return [what, ...p.map((x) => Number((100 * x).toPrecision(4))), ...[got.N, got.D, got.T, loss(p)].map((v) => Number(v.toPrecision(7)))]; };
  return {
    id: "triangle", title: `${target} over shares of ${dollars(terms.money)}`.replace(/^./, (c) => c.toUpperCase()),
    caption: `Deeper blue is a lower ${target}; a line stands as far from the best as it says. On the broken line a split serves exactly ${amount(served)} tokens, in the hatched part fewer: the best point is where the line touches the lowest ${target}. ${inside ? (inside.length ? "Grey is beyond the runs that the law rests on." : "All of it is grey: the money buys nothing among the runs that the law rests on.") : "The source does not say which runs the law rests on."} Click to move your point, or type its shares.`,
    legend: [{ colour: COLOURS.law, mark: "●", words: "best" }, ...(mine ? [{ colour: COLOURS.marked, mark: "◆", words: "you are here" }] : []), { colour: COLOURS.accent, mark: "╍", words: `serves ${amount(served)} tokens` }, { colour: COLOURS.data, mark: "▨", words: "serves fewer" }, ...(inside ? [{ colour: COLOURS.data, mark: "▒", words: "beyond the runs" }] : [])],
    ...made,
    table: {
      head: ["split", ...NAMES.map((name) => `${name}, %`), "parameters N", "training tokens D", "tokens served", target],
      rows: [row("best", best.parts), ...(mine ? [row("yours", mine.parts)] : []), ...few.map((p) => row("grid", p))].filter((cells) => cells.every((cell) => typeof cell === "string" || Number.isFinite(cell))),
    },
    height: size.height,
  };
}

/** What serving costs in loss: the best split for every number of tokens.
 * @param {any} setting @returns {Figure}
 */
function frontier({ law, held, terms, served, best, mine }) {
  const { target, unit } = law.entry;
  const wanted = [served, ...(mine ? [mine.T] : [])];
  const grid = logGrid(Math.min(served / 300, ...wanted.map((t) => t / 2)), Math.max(served * 300, ...wanted.map((t) => t * 2)), 15);
  const found = grid.map((t) => cheapest(law, held, terms, t)).filter((one) => one && Number.isFinite(one.loss));
  const x = found.map((one) => one?.T ?? NaN), y = found.map((one) => one?.loss ?? NaN);
  const all = [...y, best.loss, ...(mine ? [Math.min(mine.loss, best.loss + 3 * (Math.max(...y) - Math.min(...y)))] : [])];
  const low = Math.min(...all), high = Math.max(...all), space = 0.07 * (high - low || 1);
  return {
    id: "served", title: `Best ${target} against tokens served`,
    caption: `The same ${dollars(terms.money)} at every point: the more has to be served, the smaller the model and the less is left to train it.`,
    legend: [{ colour: COLOURS.law, mark: "━", words: "best split" }, { colour: COLOURS.law, mark: "●", words: "what you need" }, ...(mine ? [{ colour: COLOURS.marked, mark: "◆", words: "your split" }] : [])],
    data: [line(x, y, COLOURS.law), points([served], [best.loss], COLOURS.law, { size: 12 }), ...(mine ? [points([mine.T], [mine.loss], COLOURS.marked, { symbol: "diamond", size: 13, cliponaxis: true })] : [])],
    layout: layout(axis("tokens served", grid[0], grid[14], true, "tokens"), axis(`${target}, ${unit}`.length > 42 ? target : `${target}, ${unit}`, low - space, high + space, false, "", 5)),
    table: { head: ["tokens served", "parameters N", "training tokens D", `best ${target}`, ...NAMES.map((name) => `${name}, %`)], rows: found.map((one) => (one ? [one.T, one.N, one.D, one.loss, ...one.parts.map((p) => 100 * p)] : []).map((v) => Number(v.toPrecision(6)))) },
    height: 300,
  };
}

/** @param {any} setting */
function program({ law, held, terms, served, best }) {
  const [id, set] = law.key.split(":");
  const fit = law.entry.kind === "fit";
  const more = Object.entries(held).map(([name, value]) => `, "${name}": ${value}`).join("");
  const start = fit ? `import isoloss\n\nfit = isoloss.Fit.load(${JSON.stringify(law.entry.file ?? "fit.json")})` : `from isoloss.law import published_laws\n\nlaw = published_laws()["${id}"]`;
  const value = fit ? "fit.predict(at)" : `law.evaluate(at${set ? `, "${set}"` : ""}).value`;
  return `${start}\nmoney, served = ${terms.money}, ${served}\ntrain, serve, data = ${terms.train}, ${terms.serve}, ${terms.data}  # dollars for a FLOP, a FLOP, a token\n\nD = ${best.parts[2]} * money / data\nN = (money - data * D) / (${SERVE_FLOP} * serve * served + ${TRAIN_FLOP} * train * D)\nat = {"N": N, "D": D${more}}\nprint(at, ${value})\n`;
}
