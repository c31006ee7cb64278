// A mixture of three domains, the others held: where in the triangle the loss is lowest.

import { axis, COLOURS, layout, line, points } from "isoloss/chart.js";
import { heldFields } from "isoloss/fields.js";
import { bestOf, domain, lossOf, MEAN, slice, sourcesOf } from "isoloss/mixture.js";
import { interval, plain, precise, readAmount, shown, span } from "isoloss/numbers.js";
import { clip, coarser, CORNERS, heights, lattice, outside, triangle } from "isoloss/ternary.js";

/** @typedef {import("isoloss/ternary.js").Parts} Parts */
/** @typedef {import("isoloss/mixture.js").Source} Source */

const STEPS = 40;
export const percent = (/** @type {number} */ x, digits = 3) => `${plain(100 * x, digits)} %`;
/** `24 %`, `0.24`, `5 × 10⁻⁵ %`, and `24` where it can be no share. @param {string} text */
export function readShare(text) {
  const value = readAmount(text.replace("%", "").replace(",", "."));
  return text.includes("%") || value > 1 ? value / 100 : value;
}

/** @param {State} state @param {Context} context */
function sourceFor(state, context) {
  const sources = sourcesOf(context);
  return { sources, source: sources.find((one) => one.key === state.mixture) ?? sources[0] };
}

/** Laws that a page has to load first: none, as those of mixtures are in it.
 * @param {State} _state @param {Context} _context @returns {string[]}
 */
export function mixtureKeys(_state, _context) {
  return [];
}

/** Three different shares: those of the state where they are, else the first that are free.
 * @param {Source} source @param {State} state
 */
function cornersOf(source, state) {
  /** @type {string[]} */
  const chosen = [];
  for (const key of ["corner1", "corner2", "corner3"]) {
    const wanted = String(state[key]);
    chosen.push(source.shares.includes(wanted) && !chosen.includes(wanted) ? wanted : "");
  }
  return chosen.map((name) => {
    if (name) return name;
    const free = source.shares.find((one) => !chosen.includes(one)) ?? source.shares[0];
    chosen.push(free);
    return free;
  });
}

/** The held shares: an even part of the whole where the state has none.
 * @param {Source} source @param {string[]} corners @param {State} state
 */
function heldShares(source, corners, state) {
  const even = Number((1 / source.shares.length).toPrecision(3));
  const held = Object.fromEntries(source.shares.filter((name) => !corners.includes(name)).map((name) => {
    const value = Number(state[`share_${name}`] ?? even);
    return [name, Number.isFinite(value) ? Math.min(1, Math.max(0, value)) : even];
  }));
  const total = Object.values(held).reduce((sum, x) => sum + x, 0);
  return { held, total, whole: Math.max(0, 1 - total), even };
}

/** @param {State} state @param {Context} context @returns {Field[]} */
export function mixtureFields(state, context) {
  const { sources, source } = sourceFor(state, context);
  if (!source) return [];
  const corners = cornersOf(source, state);
  const { held, whole, even } = heldShares(source, corners, state);
  const several = source.sets.length > 1;
  const shares = { log: false, unit: "", shown: (/** @type {number} */ x) => percent(x), read: readShare };
  const third = Number((whole / 3).toPrecision(6));
  const top = Math.max(whole, 1e-6);
  const r1 = Math.min(whole, Number(state.r1 ?? third)), r2 = Math.min(whole - r1, Number(state.r2 ?? third));
  /** @type {Field[]} */
  const fields = [
    { kind: "choice", key: "mixture", label: "Law of mixtures", start: sources[0].key, options: sources.map((one) => ({ value: one.key, label: `${one.name.replace(/, loss on .*/, "")}${one.own ? " (your runs)" : ""}` })) },
  ];
  if (several) fields.push({ kind: "choice", key: "judge", label: "Judged by", start: MEAN, options: [{ value: MEAN, label: `mean over ${source.sets.length} validation sets` }, ...source.sets.map(({ name, title }) => ({ value: name, label: title }))] });
  corners.forEach((name, i) => fields.push({
    kind: "choice", key: `corner${i + 1}`, label: ["Top corner", "Left corner", "Right corner"][i], start: name,
    options: source.shares.filter((one) => one === name || !corners.includes(one)).map((one) => ({ value: one, label: domain(one) })),
  }));
  for (const name of Object.keys(held)) fields.push({ kind: "slider", key: `share_${name}`, label: `${domain(name)}, held`, low: 0, high: 1, start: even, ...shares });
  if (Object.keys(held).length) fields.push({ kind: "slider", key: "$whole", label: "Left for the three", low: 0, high: 1, start: whole, off: true, ...shares });
  fields.push(
    { kind: "slider", key: "r1", label: `Your ${domain(corners[0])}`, low: 0, high: top, start: third, ...shares },
    { kind: "slider", key: "r2", label: `Your ${domain(corners[1])}`, low: 0, high: Math.max(whole - Math.max(0, r1), 1e-6), start: third, ...shares },
    { kind: "slider", key: "$r3", label: `Your ${domain(corners[2])}, which follows`, low: 0, high: top, start: Math.max(0, whole - r1 - r2), off: true, ...shares },
  );
  return [...fields, ...heldFields(source.law, source.shares).map((field) => ({ ...field, help: "" }))];
}

/** @param {State} state @param {Context} context @returns {Shown} */
export function showMixture(state, context) {
  const { source } = sourceFor(state, context);
  if (!source) return empty("This page has no law of data mixtures.");
  const corners = cornersOf(source, state);
  const { held, total, whole } = heldShares(source, corners, state);
  const names = corners.map(domain);
  if (whole < 1e-9) return empty(`The held domains take ${percent(total)} of the data: nothing is left to divide among ${names.join(", ")}. Hold less of them.`);
  const at = { ...held, ...Object.fromEntries(source.rest.map((name) => [name, Number(state[`at_${name}`])])) };
  const cut = slice(source, corners, at);
  const loss = lossOf(source, String(state.judge));
  const value = (/** @type {Parts} */ parts) => loss(cut.inputs(parts));
  const nodes = lattice(STEPS);
  const values = Float64Array.from(nodes, value);
  const best = bestOf(value, nodes, values);
  if (!best) return empty("The law has no value anywhere in this triangle.");
  const asked = [Number(state.r1), Number(state.r2)];
  const r1 = Math.min(whole, Math.max(0, asked[0])), r2 = Math.min(whole - r1, Math.max(0, asked[1]));
  /** @type {Parts} */
  const mine = [r1 / whole, r2 / whole, Math.max(0, 1 - (r1 + r2) / whole)];
  /** @type {Parts} */
  const even = [1 / 3, 1 / 3, 1 / 3];
  const found = { best: { parts: best.parts, loss: best.value }, mine: { parts: mine, loss: value(mine) }, even: { parts: even, loss: value(even) } };
  const known = rangeOf(source, corners, whole, held);
  const setting = { source, corners, names, whole, total, at, cut, judge: String(state.judge), known };
  const clipped = Math.abs(asked[0] - r1) > 1e-6 || Math.abs(asked[1] - r2) > 1e-6;
  return {
    headline: headline(setting, found),
    place: placeOf(setting, mine),
    warnings: warningsOf(setting, clipped),
    facts: factsOf(setting, found),
    figures: [picture(setting, found, values), ...(source.sets.length > 1 ? [bySet(setting, found)] : [])],
    python: program(setting, found),
    numbers: {
      law: source.key, judge: setting.judge, corners, left: whole, at, best: numbersOf(setting, found.best), mine: numbersOf(setting, found.mine), regret: found.mine.loss - found.best.loss,
    },
  };
}

/** @param {string} words @returns {Shown} */
function empty(words) {
  return { headline: words, warnings: [], facts: [], figures: [], python: "" };
}

/** @param {any} setting @param {{parts: Parts, loss: number}} one */
function numbersOf({ corners, whole }, one) {
  return { shares: Object.fromEntries(corners.map((/** @type {string} */ name, /** @type {number} */ i) => [name, one.parts[i] * whole])), loss: one.loss };
}

/** The polygon of fitted mixtures in the triangle; null where no range of any share is known.
 * @param {Source} source @param {string[]} corners @param {number} whole @param {Record<string, number>} held
 */
function rangeOf(source, corners, whole, held) {
  const ranges = source.law.entry.directions.filter((d) => d.linear && d.of.length === 1 && source.shares.includes(d.of[0][0]));
  if (!ranges.length) return null;
  /** @type {Parts[]} */
  const sides = [];
  let reached = true;
  for (const { of, low, high } of ranges) {
    const i = corners.indexOf(of[0][0]);
    if (i < 0) reached = reached && held[of[0][0]] >= low - 1e-9 && held[of[0][0]] <= high + 1e-9;
    // on the triangle a bound is linear in the parts, which add up to one
    else sides.push(/** @type {Parts} */ ([0, 1, 2].map((k) => (k === i ? whole : 0) - low)), /** @type {Parts} */ ([0, 1, 2].map((k) => high - (k === i ? whole : 0))));
  }
  return { polygon: reached ? clip(CORNERS, sides) : [], reached };
}

/** Where your mixture lies: a law that does not say which mixtures it was fitted to is not inside.
 * @param {any} setting @param {Parts} mine
 */
function placeOf({ source, corners, whole, at, known }, mine) {
  const point = { ...at, ...Object.fromEntries(corners.map((/** @type {string} */ name, /** @type {number} */ i) => [name, mine[i] * whole])) };
  const found = source.law.place(point);
  if (known) return found;
  const silent = "the source does not say which mixtures the law was fitted to, so no part of the triangle is marked as known";
  if (found.status === "unknown") return { status: "unknown", words: `unknown: ${silent}` };
  return found.status === "inside" ? { status: "unknown", words: `unknown: ${silent}; ${source.rest.join(" and ")} lie among its runs` } : { ...found, words: `${found.words}; ${silent}` };
}

/** @param {any} setting @param {any} found */
function headline({ names, whole, source, judge }, found) {
  const unit = source.law.entry.unit;
  const list = (/** @type {Parts} */ parts) => names.map((/** @type {string} */ name, /** @type {number} */ i) => `${percent(parts[i] * whole)} ${name}`).join(", ").replace(/, (?=[^,]*$)/, " and ");
  const left = whole < 1 - 1e-9 ? `Of the ${percent(whole)} of the data that is left for them, ` : "";
  const what = judge === MEAN && source.sets.length > 1 ? "mean loss" : "loss";
  const first = `${left}${list(found.best.parts)} give the lowest ${what}, ${shown(found.best.loss, unit)}.`.replace(/^./, (c) => c.toUpperCase());
  const regret = found.mine.loss - found.best.loss;
  return `${first} Your ${list(found.mine.parts)} ${regret > 5e-5 ? `lie ${plain(regret, 3)} above it` : "are as good"}.`;
}

/** @param {any} setting @param {boolean} clipped */
function warningsOf({ source, total, whole, judge }, clipped) {
  const { entry } = source.law;
  const warnings = [];
  if (clipped) warnings.push(`Your shares were brought within the ${percent(whole)} that is left for the three.`);
  if (total > 1) warnings.push(`The held shares add up to ${percent(total)}.`);
  if (judge === MEAN && source.sets.length > 1) warnings.push("The mean weighs every validation set alike, which is a choice; judge by a single set to see what it hides.");
  warnings.push(...entry.pitfalls.slice(0, 1));
  if (entry.certified === false) warnings.push("This fit is not certified: other numbers may fit as well.");
  return warnings;
}

/** @param {any} setting @param {any} found @returns {Fact[]} */
function factsOf({ source, corners, names, whole, cut, judge }, found) {
  const { law } = source;
  const unit = law.entry.unit;
  const set = source.sets.find((/** @type {any} */ one) => one.name === judge) ?? (source.sets.length === 1 ? source.sets[0] : null);
  const put = set
    ? `${law.entry.formula}, with ${law.entry.parameters.map((/** @type {any} */ p, /** @type {number} */ i) => `${p.name} = ${plain(set.numbers[i], 6)}`).join(", ")}`
    : `${law.entry.formula}, once with the numbers of each of ${source.sets.length} validation sets; then their mean`;
  const where = (/** @type {any} */ one) => `at ${law.names.map((/** @type {string} */ name, /** @type {number} */ i) => `${name} = ${plain(cut.inputs(one.parts)[i], 6)}`).join(", ")}`;
  /** @type {(one: any) => any} */
  const drawn = (one) => (law.count ? law.estimate([...cut.inputs(one.parts)]) : null);
  const within = (/** @type {any} */ e) => (e ? `${Math.round(100 * law.level)} %: ${span([e.low, e.high], unit, e.value)}` : "no interval: nothing is known of the errors");
  const loss = (/** @type {any} */ one) => { const e = drawn(one); return { value: e ? precise(one.loss, Math.abs(e.high - e.low) / 3.3) : plain(one.loss, 5), interval: within(e) }; };
  const regret = (/** @type {any} */ one) => plain(Math.max(0, one.loss - found.best.loss), 3);
  return [
    ...corners.map((/** @type {string} */ name, /** @type {number} */ i) => ({ key: `best-${i}`, label: `best ${names[i]}`, value: percent(found.best.parts[i] * whole), explain: [
      `${names.join(", ")} share ${percent(whole)} of the data; all other inputs are held`, put, `the loss is lowest where moving a little of the data from any of the three to another lowers it no more: ${name} = ${plain(found.best.parts[i] * whole, 6)}`] })),
    { key: "loss", label: "loss at the best", ...loss(found.best), explain: [put, where(found.best), `gives ${plain(found.best.loss, 8)}`, `unit: ${unit}`, ...law.entry.pitfalls] },
    { key: "mine", label: "your loss", ...loss(found.mine), explain: [put, where(found.mine), `gives ${plain(found.mine.loss, 8)}`] },
    { key: "regret", label: "your loss above the best", value: regret(found.mine), interval: between(law, cut, found, unit), explain: [`${plain(found.mine.loss, 8)} − ${plain(found.best.loss, 8)}`] },
    { key: "even", label: "even thirds above the best", value: regret(found.even), explain: [`${names.join(", ")} at ${percent(whole / 3)} each give ${plain(found.even.loss, 8)}`] },
  ];
}

/** What the draws say of the difference: they move both losses together.
 * @param {any} law @param {any} cut @param {any} found @param {string} unit
 */
function between(law, cut, found, unit) {
  if (!law.count) return "";
  const best = Float64Array.from(law.sample(cut.inputs(found.best.parts)));
  const apart = Float64Array.from(law.sample(cut.inputs(found.mine.parts)), (value, i) => value - best[i]);
  return `${Math.round(100 * law.level)} %: ${span(interval(apart, law.level), unit, found.mine.loss - found.best.loss)}`;
}

/** @param {any} setting @param {any} found @param {Float64Array} values @returns {Figure} */
function picture({ source, names, whole, known, cut, judge }, found, values) {
  const loss = lossOf(source, judge);
  const at = (/** @type {Parts} */ parts) => loss(cut.inputs(parts));
  const hover = (/** @type {Parts} */ parts, value = at(parts)) => `${names.map((/** @type {string} */ name, /** @type {number} */ i) => `${name} ${percent(parts[i] * whole)}`).join("<br>")}<br>loss ${plain(value, 5)}, ${plain(value - found.best.loss, 3)} above the best`;
  const size = room();
  const made = triangle({
    names, whole, n: STEPS, values, lowest: found.best.loss, levels: heights(values, found.best.loss), label: (h) => `+${plain(h, 2)}`,
    best: found.best.parts, mine: found.mine.parts, shapes: known ? outside(known.polygon) : [], hover, wide: size.wide,
  });
  const range = !known ? "The source does not state which mixtures it fitted, so nothing is marked as inside or outside." : known.polygon.length ? "Grey is beyond the shares of the runs; the dotted line holds those within." : "All of it is grey: the runs do not reach the held shares, or none of these mixtures.";
  const few = lattice(10), theirs = coarser(values, STEPS, 10);
  const row = (/** @type {string} */ what, /** @type {Parts} */ parts, value = at(parts)) => [what, ...parts.map((p) => Number((100 * p * whole).toPrecision(5))), Number(value.toPrecision(8)), Number(Math.max(0, value - found.best.loss).toPrecision(4))];
  return {
    id: "triangle", title: `Loss over mixtures of ${names.join(", ")}`,
    caption: `Deeper blue is a lower loss; each line stands as far above the best as it says. Every corner is all of the ${percent(whole)} that the three share. ${range} Click to move your point, or type its shares.`,
    legend: [{ colour: COLOURS.law, mark: "●", words: "best" }, { colour: COLOURS.marked, mark: "◆", words: "you are here" }, { colour: COLOURS.law, mark: "◌", words: "loss above the best" }, ...(known ? [{ colour: COLOURS.data, mark: "▒", words: "beyond the runs" }] : [])],
    ...made,
    table: {
      head: ["mixture", ...names.map((/** @type {string} */ name) => `${name}, %`), "loss", "above the best"],
      rows: [row("best", found.best.parts), row("yours", found.mine.parts), row("even", found.even.parts), ...few.map((parts, i) => row("grid", parts, theirs[i]))].filter((cells) => cells.every((cell) => typeof cell === "string" || Number.isFinite(cell))),
    },
    height: size.height,
  };
}

/** The height that suits the width: a triangle is nearly as tall as it is wide. */
export function room() {
  const width = /** @type {any} */ (globalThis).innerWidth ?? 1280;
  const inner = width > 900 ? width - 440 : width - 36;
  return { wide: inner > 480, height: Math.round(Math.max(260, Math.min(580, (inner > 480 ? 0.86 : 0.92) * inner))) };
}

/** Loss on every validation set at the best, at yours and at even thirds.
 * @param {any} setting @param {any} found @returns {Figure}
 */
function bySet({ source, cut }, found) {
  const rows = source.sets.map((/** @type {any} */ set) => {
    const f = lossOf(source, set.name);
    return { name: set.name, best: f(cut.inputs(found.best.parts)), mine: f(cut.inputs(found.mine.parts)), even: f(cut.inputs(found.even.parts)) };
  });
  const all = rows.flatMap((/** @type {any} */ r) => [r.best, r.mine, r.even]).filter(Number.isFinite);
  const spread = Math.max(...all) - Math.min(...all) || 1;
  const places = rows.map((/** @type {any} */ _, /** @type {number} */ i) => rows.length - i);
  const pick = (/** @type {"best" | "mine" | "even"} */ key) => rows.map((/** @type {any} */ r) => r[key]);
  const joins = { x: /** @type {any[]} */ ([]), y: /** @type {any[]} */ ([]) };
  rows.forEach((/** @type {any} */ r, /** @type {number} */ i) => { joins.x.push(r.best, r.mine, null); joins.y.push(places[i], places[i], null); });
  const yaxis = { ...axis("", 0.4, rows.length + 0.6, false, ""), tickvals: places, ticktext: rows.map((/** @type {any} */ r) => r.name), title: undefined };
  return {
    id: "sets", title: "What each validation set pays",
    caption: `Loss on each validation set at three mixtures. A mean can fall while some sets get worse. Unit: ${source.law.entry.unit}.`,
    legend: [{ colour: COLOURS.law, mark: "●", words: "best in the triangle" }, { colour: COLOURS.marked, mark: "◆", words: "yours" }, { colour: COLOURS.data, mark: "■", words: "even thirds" }],
    data: [{ ...line([], [], "rgba(128,136,146,0.5)", { width: 1.2 }), ...joins }, points(pick("even"), places, COLOURS.data, { symbol: "square", size: 7 }), points(pick("best"), places, COLOURS.law, { size: 11 }), points(pick("mine"), places, COLOURS.marked, { symbol: "diamond", size: 11 })],
    layout: layout(axis("loss", Math.min(...all) - 0.06 * spread, Math.max(...all) + 0.06 * spread, false, "", 6), yaxis, { margin: { l: 104, r: 16, t: 6, b: 44 } }),
    table: { head: ["validation set", "at the best", "at yours", "at even thirds"], rows: rows.map((/** @type {any} */ r) => [r.name, ...[r.best, r.mine, r.even].map((v) => (Number.isFinite(v) ? Number(v.toPrecision(7)) : "—"))]) },
    height: 70 + 30 * rows.length,
  };
}

/** @param {any} setting @param {any} found */
function program({ source, corners, whole, at, judge }, found) {
  const point = (/** @type {any} */ one) => `{${[...Object.entries(at), ...corners.map((/** @type {string} */ name, /** @type {number} */ i) => [name, Number((one.parts[i] * whole).toPrecision(12))])].map(([name, value]) => `"${name}": ${value}`).join(", ")}}`;
  const points_ = `points = {\n    "best": ${point(found.best)},\n    "yours": ${point(found.mine)},\n}\n`;
  if (source.own) return `import isoloss\n\nfit = isoloss.Fit.load(${JSON.stringify(source.law?.entry?.file ?? "fit.json")})\n${points_}for name, at in points.items():\n    print(name, fit.predict(at))\n`;
  const chosen = judge === MEAN ? source.sets.map((/** @type {any} */ set) => set.name) : [judge];
  return `from isoloss.law import published_laws\n\nlaw = published_laws()["${source.key.split(":")[0]}"]\nsets = [${chosen.map((/** @type {string} */ name) => `"${name}"`).join(", ")}]\n${points_}for name, at in points.items():\n    losses = [law.evaluate(at, one).value for one in sets]\n    print(name, sum(losses) / len(losses))\n`;
}
