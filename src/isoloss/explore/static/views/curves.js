// Curves: several laws and fits over one axis, where they cross, and how steep they are.

import { heldFields, lawOptions } from "isoloss/fields.js";
import { make, tableOf } from "isoloss/dom.js";
import { logGrid } from "isoloss/solver.js";
import { apart, below, crossings, modality } from "isoloss/views/crossing.js";
import { curve, heldNames, splits, stateKey, takes, unitOf } from "isoloss/views/curve.js";
import { panels, slopes } from "isoloss/views/curves_figures.js";
import { facts, headline, pairRows, program, shortNames, warnings } from "isoloss/views/curves_words.js";
import { idOf, memo } from "isoloss/views/memo.js";

const SLOTS = ["law", "law2", "law3", "law4"];
const NONE = "none";
const NODES = 49;
/** @type {Record<string, string>} */
const AXES = { C: "compute C", N: "size N", D: "data D" };

/** @type {View} */
export const view = {
  id: "curves",
  title: "Curves",
  asks: "How do laws and fits compare?",

  needs: (state) => chosen(state),

  fields(state, context) {
    const options = lawOptions(context, () => true);
    const first = options.some((option) => option.value === context.bundle.first) ? context.bundle.first : options[0]?.value ?? "";
    const start = [first, second(context, first), NONE, NONE];
    const more = [{ value: NONE, label: "none" }, ...options];
    /** @type {Field[]} */
    const fields = SLOTS.map((key, i) => ({ kind: "choice", key, label: `Law ${"ABCD"[i]}`, options: i ? more : options, start: start[i] }));
    const whole = Object.fromEntries(SLOTS.map((key, i) => [key, state[key] ?? start[i]]));
    const laws = chosen(whole).map((key) => context.laws.get(key)).filter(Boolean);
    if (!laws.length) return fields;
    const axes = axesOf(laws);
    const over = axes.some(({ value }) => value === state.over) ? String(state.over) : axes[0].value;
    fields.push({ kind: "choice", key: "over", label: "Over", options: axes, start: axes[0].value, help: over === "C" && laws.some(splits) ? "A law of N and D is taken at its best split, C = 6 N D" : undefined });
    const { taking } = sorted(laws, over);
    fields.push(asked(taking, over), ...held(taking, over));
    fields.push({ kind: "switch", key: "straight", label: "Heights on a log scale: a power law is a straight line", start: true });
    return fields;
  },

  presets(context) {
    const there = new Set(lawOptions(context, () => true).map(({ value }) => value));
    const none = { law3: NONE, law4: NONE };
    /** @type {{label: string, note: string, state: State}[]} */
    const all = [
      { label: "Vision, language and multimodal against compute", note: "What their slopes say, and what their heights cannot", state: { law: "henighan2020_C", law2: "kaplan2020_Cmin", law3: "shukor2025_early_C", law4: NONE, over: "C", C: 1e21 } },
      { label: "Two readings of Chinchilla", note: "The printed law and the refit of its runs", state: { law: "hoffmann2022_a3", law2: "besiroglu2024", ...none, over: "C", C: 5.76e23 } },
      { label: "The same two over data, at 70B", note: "Where does more data stop to help?", state: { law: "hoffmann2022_a3", law2: "besiroglu2024", ...none, over: "D", N: 70e9, D: 1.4e12 } },
      { label: "Multimodal: one network or experts", note: "Early fusion, dense and sparse, at the best split", state: { law: "shukor2025_early_C", law2: "shukor2025_sparse_ND", ...none, over: "C", C: 1e21 } },
    ];
    return all.filter(({ state }) => SLOTS.every((key) => state[key] === NONE || there.has(String(state[key]))));
  },

  show(state, context) {
    const found = compare(state, context);
    const { over, members, left, pairs, x, unit, log } = found;
    const logHeight = Boolean(state.straight);
    return {
      headline: headline(found),
      place: placeOf(members),
      warnings: warnings(found),
      facts: facts(found),
      figures: members.length ? [...panels(found, logHeight), ...(log ? [slopes(found)] : [])] : [],
      python: program(found),
      numbers: {
        over, x, unit, left_out: left.map((/** @type {any} */ one) => one.law.key),
        laws: members.map((/** @type {any} */ m) => ({ law: m.law.key, letter: m.letter, modality: m.modality, held: m.curve.held, best_split: m.curve.splits, value: m.now.value, slope: m.now.slope, place: m.place.status })),
        pairs: pairs.map((/** @type {any} */ p) => ({ laws: [p.a.law.key, p.b.law.key], why_not: p.why, below: p.below, steeper: p.steeper, crossings: p.cross?.list ?? [], share_crossing: p.cross?.share ?? null })),
      },
    };
  },

  mount(place, context) {
    const node = make("div");
    place.append(make("h2", { text: "Pair by pair" }), node);
    let told = "";
    return {
      update(state) {
        const rows = pairRows(compare(state, context));
        const text = JSON.stringify(rows);
        place.hidden = !rows.rows.length;
        if (text === told) return;
        told = text;
        node.replaceChildren(tableOf(rows, "Pair by pair"), make("p", { text: "Shares are of pairs of draws, one draw of each law." }));
      },
      close() {
        place.hidden = false;
      },
    };
  },
};

/** Keys of the chosen laws, each once. @param {State} state */
function chosen(state) {
  return [...new Set(SLOTS.map((key) => String(state[key] ?? NONE)).filter((key) => key && key !== NONE))];
}

/** A law to set beside the first: another one of the same quantity.
 * @param {Context} context @param {string} first
 */
function second(context, first) {
  const one = context.laws.get(first);
  if (!one) return NONE;
  const like = [...context.laws.values()].find((law) => law !== one && !apart(one.entry, law.entry) && (law.plans === one.plans) && (takes(law, "C") === takes(one, "C")));
  return like ? like.key : NONE;
}

/** What the laws can be drawn over: that of most laws first.
 * @param {any[]} laws
 */
function axesOf(laws) {
  const names = [...new Set(["C", "N", "D", ...laws.flatMap((law) => law.names)])];
  const found = names.map((name) => ({ name, count: laws.filter((law) => takes(law, name)).length })).filter(({ count }) => count);
  found.sort((a, b) => b.count - a.count);
  return found.map(({ name, count }) => ({ value: name, label: `${AXES[name] ?? name}${count < laws.length ? ` (${count} of ${laws.length} laws)` : ""}` }));
}

/** Laws that share an axis, and why others are left out: one unit, that of the first law that takes it.
 * @param {any[]} laws @param {string} over
 */
function sorted(laws, over) {
  const taking = laws.filter((law) => takes(law, over));
  const unit = taking.length ? unitOf(taking[0], over) : "";
  const left = laws.filter((law) => !takes(law, over) || unitOf(law, over) !== unit)
    .map((law) => ({ law, why: takes(law, over) ? `it counts ${over} in ${unitOf(law, over) || "no stated unit"}, not in ${unit || "that of the others"}` : `it does not take ${over}` }));
  return { taking: taking.filter((law) => unitOf(law, over) === unit), left, unit };
}

/** The range of an axis and of the slider on it.
 * @param {any[]} laws @param {string} over
 */
function rangeOf(laws, over) {
  const spans = laws.map((law) => {
    if (over === "C" && splits(law)) {
      const n = law.variable("N"), d = law.variable("D");
      return { low: 6 * n.low * d.low, high: 6 * n.high * d.high, known: n.known && d.known, log: true, unit: "FLOP" };
    }
    return law.variable(over);
  });
  const log = spans.every((span) => span.log);
  const known = spans.filter((span) => span.known), used = known.length ? known : spans;
  const low = Math.min(...used.map((span) => span.low)), high = Math.max(...used.map((span) => span.high));
  const unit = unitOf(laws[0], over);
  if (!log) return { low, high: high > low ? high : low + 1, middle: 0.5 * (low + high), log, unit };
  const wide = known.length ? [low / 30, high * 300] : [low, high];
  return { low: 10 ** Math.floor(Math.log10(wide[0]) + 1e-9), high: 10 ** Math.ceil(Math.log10(wide[1]) - 1e-9), middle: Math.sqrt(low * high), log, unit };
}

/** @param {any[]} laws @param {string} over @returns {Field} */
function asked(laws, over) {
  const { low, high, middle, log, unit } = rangeOf(laws, over);
  const meaning = laws.map((law) => law.variable(over)?.meaning).find(Boolean);
  return { kind: "slider", key: stateKey(over), label: AXES[over] ? `At ${AXES[over]}` : `At ${over}${meaning ? `: ${meaning}` : ""}`, low, high, log, unit, start: Number(middle.toPrecision(log ? 1 : 3)) };
}

/** Inputs that are held, one slider for laws that share a name.
 * @param {any[]} laws @param {string} over @returns {Field[]}
 */
function held(laws, over) {
  /** @type {Map<string, any>} */
  const fields = new Map();
  for (const law of laws) {
    const own = law.names.filter((/** @type {string} */ name) => !heldNames(law, over).includes(name));
    for (const field of /** @type {any[]} */ (heldFields(law, own))) {
      const name = field.key.slice(3), key = stateKey(name);
      const same = fields.get(key);
      const low = Math.min(field.low, same?.low ?? Infinity), high = Math.max(field.high, same?.high ?? -Infinity);
      const log = field.log && (same?.log ?? true);
      const wide = AXES[name] && log ? { low: low / 30, high: high * 300 } : { low, high };
      fields.set(key, { ...field, ...wide, key, log, label: AXES[name] ? `${AXES[name]}, held` : field.label, help: undefined, start: Number((log ? Math.sqrt(low * high) : 0.5 * (low + high)).toPrecision(2)) });
    }
  }
  return [...fields.values()];
}

/** Places of the axis: the range, and as many decades more as the place that is asked about needs.
 * @param {ReturnType<typeof rangeOf>} range @param {number} x
 */
function placesOf(range, x) {
  if (!range.log) {
    const low = Math.min(range.low, x), high = Math.max(range.high, x);
    return Array.from({ length: NODES }, (_, i) => low + ((high - low) * i) / (NODES - 1));
  }
  const low = x < range.low ? 10 ** Math.floor(Math.log10(x)) : range.low, high = x > range.high ? 10 ** Math.ceil(Math.log10(x)) : range.high;
  return logGrid(Math.max(low, 1e-300), Math.min(high > low ? high : low * 10, 1e300), NODES);
}

/** Everything that the answer is made of. Laws that do not take the axis are left out.
 * @param {State} state @param {Context} context @returns {any}
 */
export function compare(state, context) {
  const laws = chosen(state).map((key) => context.laws.get(key)).filter(Boolean);
  const over = String(state.over);
  const { taking, left } = sorted(laws, over);
  const x = Number(state[stateKey(over)]);
  if (!taking.length) return { over, members: [], left, pairs: [], x, unit: "", log: false, axisTitle: over };
  const range = rangeOf(taking, over), xs = placesOf(range, x);
  const names = shortNames(laws);
  const members = taking.map((law) => {
    const values = Object.fromEntries(heldNames(law, over).map((name) => [name, Number(state[stateKey(name)])]));
    const made = curve(law, over, values, xs, range.log);
    return { law, curve: made, letter: "ABCD"[laws.indexOf(law)], slot: laws.indexOf(law), name: names[laws.indexOf(law)], modality: modality(law.entry), now: memo(made, `ask ${x}`, () => made.ask(x)), place: made.status(x) };
  });
  const pairs = members.flatMap((a, i) => members.slice(i + 1).map((b) => pair(a, b)));
  const axisTitle = AXES[over] ?? over;
  return { over, members, left, pairs, x, xs, unit: range.unit, log: range.log, axisTitle };
}

/** @param {any} a @param {any} b */
function pair(a, b) {
  const why = apart(a.law.entry, b.law.entry);
  const cross = why ? null : memo(a.curve, `cross ${idOf(b.curve)}`, () => crossings(a.curve, b.curve));
  const size = (/** @type {Float64Array} */ values) => values.map(Math.abs);
  return {
    a, b, why, cross,
    below: why ? NaN : below(a.law, b.law, a.now.values, b.now.values),
    steeper: below(b.law, a.law, size(b.now.slopes), size(a.now.slopes)),
  };
}

/** The farthest of the places of all laws, with the words of each.
 * @param {any[]} members
 */
function placeOf(members) {
  if (!members.length) return undefined;
  const order = ["inside", "unknown", "edge", "outside"];
  const worst = members.reduce((far, m) => (order.indexOf(m.place.status) > order.indexOf(far.place.status) ? m : far));
  const bare = (/** @type {string} */ words) => words.replace(/^(inside|edge|outside|unknown): /, "");
  /** @type {Map<string, string[]>} */
  const said = new Map();
  for (const m of members) said.set(bare(m.place.words), [...(said.get(bare(m.place.words)) ?? []), m.letter]);
  const words = [...said].map(([text, letters]) => (said.size > 1 ? `${letters.join(", ")}: ${text}` : text)).join(". ");
  return { status: worst.place.status, words: `${worst.place.status}: ${words}` };
}
