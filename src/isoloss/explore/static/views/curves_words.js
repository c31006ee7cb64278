// What the comparison of laws says in words.

import { plain, precise, shown, span } from "isoloss/numbers.js";
import { splits } from "isoloss/views/curve.js";

/** A name for each law that tells them apart: the authors and the year, else the whole name.
 * @param {any[]} laws
 */
export function shortNames(laws) {
  const cites = laws.map((law) => (law.entry.kind === "fit" ? law.entry.name : String(law.entry.cite || law.entry.name).split(",")[0]));
  return laws.map((law, i) => (cites.filter((cite) => cite === cites[i]).length > 1 ? law.entry.name : cites[i]));
}

/** A unit as it may follow a number; a description of several words may not.
 * @param {string} unit
 */
export function brief(unit) {
  return unit && !/\s/.test(unit) ? ` ${unit}` : "";
}

/** A value on the axis. @param {any} found @param {number} x */
export function onAxis(found, x) {
  return `${shown(x, found.unit)}${found.unit && found.unit !== "1" ? ` ${found.unit}` : ""}`;
}

/** What ten times the axis does, from a slope. @param {number} slope */
function tenfold(slope) {
  const factor = 10 ** -Math.abs(slope);
  return slope > 0 ? `multiplies by ${plain(1 / factor, 3)}` : `divides by ${plain(1 / factor, 3)}`;
}

/** @param {any} found */
export function headline(found) {
  const { members, pairs, over, x, log } = found;
  if (!members.length) return "None of these laws can be drawn over this axis.";
  const value = (/** @type {any} */ m) => `${m.name} ${shown(m.now.value.value, m.law.entry.unit)}${brief(m.law.entry.unit)}`;
  const parts = [`At ${over} = ${onAxis(found, x)}: ${members.map(value).join("; ")}.`];
  const level = pairs.find((/** @type {any} */ p) => !p.why);
  if (level) parts.push(crossWords(found, level));
  if (pairs.some((/** @type {any} */ p) => p.why)) {
    const steep = members.filter((/** @type {any} */ m) => Number.isFinite(m.now.slope.value));
    const alone = (/** @type {any} */ m) => !["your runs", "not said"].includes(m.modality) && steep.every((/** @type {any} */ o) => o === m || o.modality !== m.modality);
    const who = (/** @type {any} */ m) => (alone(m) ? `${m.modality} (${m.letter})` : `${m.letter}, ${m.name}`);
    const falls = steep.every((/** @type {any} */ m) => m.now.slope.value <= 0);
    const words = steep.map((/** @type {any} */ m, /** @type {number} */ i) => `${falls && i ? plain(10 ** -m.now.slope.value, 3) : tenfold(m.now.slope.value)} for ${who(m)}`).join("; ");
    parts.push(`${pairs.every((/** @type {any} */ p) => p.why) ? "Their heights cannot be compared" : "Not all heights can be compared"}, their slopes can${log && steep.length ? `: ten times the ${word(over)} ${words}` : ""}.`);
    if (log && steep.length && falls && steep.every((/** @type {any} */ m) => !(m.now.slope.low <= -0.5))) parts.push("None is anywhere near proportional, which would divide by 10.");
  }
  return parts.join(" ");
}

/** @param {string} over */
function word(over) {
  return /** @type {Record<string, string>} */ ({ C: "compute", N: "size", D: "data" })[over] ?? over;
}

/** The crossing nearest to the place that is asked about. @param {any} found @param {any} pair */
export function nearestCrossing(found, pair) {
  const far = (/** @type {any} */ one) => Math.abs(found.log ? Math.log(one.at / found.x) : one.at - found.x);
  return pair.cross.list.reduce((/** @type {any} */ best, /** @type {any} */ one) => (!best || far(one) < far(best) ? one : best), null);
}

/** @param {any} found @param {any} p */
function crossWords(found, p) {
  const names = `${p.a.name} and ${p.b.name}`;
  const one = nearestCrossing(found, p);
  if (p.cross.same) return `${names} are one curve.`;
  if (one && !p.cross.pairs) return `${names} cross at ${onAxis(found, one.at)}${outside(p, one.at)}; nothing is known of its error.`;
  if (one && one.sure) return `${names} cross at ${onAxis(found, one.at)} (${Math.round(100 * p.cross.level)} %: ${ends(found, one)})${outside(p, one.at)}.`;
  if (p.cross.none) return `${names} do not cross in the range shown.`;
  return `Whether ${names} cross${one ? ` near ${onAxis(found, one.at)}${outside(p, one.at)}` : ""}, one cannot tell: they do in ${percent(one ? one.share : p.cross.share)} of the pairs of draws.`;
}

/** Whose runs a place lies beyond. @param {any} p @param {number} x */
function outside(p, x) {
  const letters = [p.a, p.b].filter((m) => m.curve.known && m.curve.status(x).status !== "inside").map((m) => m.letter);
  return letters.length ? `, beyond the runs of ${letters.join(" and ")}` : "";
}

/** @param {any} found @param {any} one */
function ends(found, one) {
  return span([one.low, one.high], found.unit, one.at);
}

/** @param {number} share */
function percent(share) {
  return share === share ? `${Number((100 * share).toFixed(share > 0.99 || share < 0.01 ? 1 : 0))} %` : "unknown";
}

/** @param {any} found @returns {Fact[]} */
export function facts(found) {
  const { members, pairs, over, x, log } = found;
  /** @type {Fact[]} */
  const list = [];
  for (const m of members) {
    const { entry } = m.law, { value, slope } = m.now;
    list.push({ key: `value-${m.letter}`, label: `${m.letter}, ${m.name}: ${entry.target}${entry.unit ? `, ${entry.unit}` : ""}`, value: precise(value.value, Math.max(Math.abs(value.high - value.low) / 3.3, 2e-5 * Math.abs(value.value))), interval: wide(m.law, value, entry.unit), explain: valueSteps(found, m) });
    list.push({ key: `slope-${m.letter}`, label: log ? `${m.letter}: slope d ln ${entry.target} / d ln ${over}` : `${m.letter}: relative change of ${entry.target} per unit of ${over}`, value: plain(slope.value, 3), interval: wide(m.law, slope, ""), explain: [
      ...(log ? [`ten times the ${word(over)} ${tenfold(slope.value).replace(" by", ` the ${entry.target} by`)} there`] : []),
      m.curve.splits ? `along the best splits: at each the slope in C is that in ${over === "C" ? "N" : over} alone, with D held` : `the change of the ${entry.target} over that of ${over}, both relative, at ${onAxis(found, x)}`,
      `it is the slope of the whole curve, floor included; a power law without a floor has the same everywhere`] });
  }
  for (const p of pairs.filter((/** @type {any} */ one) => !one.why).slice(0, 3)) list.push(crossFact(found, p));
  return list;
}

/** @param {any} law @param {any} e @param {string} unit */
function wide(law, e, unit) {
  const words = span([e.low, e.high], unit, e.value);
  return !law.count || words === "held" || words === "no interval" ? "no interval: nothing is known of the errors" : `${Math.round(100 * law.level)} %: ${words}`;
}

/** @param {any} found @param {any} m */
function valueSteps(found, m) {
  const { entry } = m.law;
  const at = m.curve.inputs(found.x);
  const words = (/** @type {any} */ values) => Object.entries(values).map(([name, value]) => `${name} = ${Number(Number(value).toPrecision(6))}`).join(", ");
  return [
    entry.formula, `with ${words(Object.fromEntries(entry.parameters.map((/** @type {any} */ p) => [p.name, p.value])))}`,
    ...(m.curve.splits ? [`C = 6 N D is shared so that one percent more of N or of D lowers the ${entry.target} by the same`] : []),
    ...(Number.isFinite(m.now.value.value) ? [`at ${words(at)}`, `gives ${m.now.value.value.toPrecision(8)}`] : ["which has no value there"]),
  ];
}

/** @param {any} found @param {any} p @returns {Fact} */
function crossFact(found, p) {
  const one = nearestCrossing(found, p);
  const shares = p.cross.pairs ? `${percent(one ? one.share : p.cross.share)} of ${p.cross.pairs} pairs of draws cross${one ? " there" : ""}` : "no interval: nothing is known of the errors";
  const label = `crossing of ${p.a.letter} and ${p.b.letter}`, key = `cross-${p.a.letter}${p.b.letter}`;
  const explain = [
    `${p.a.letter} and ${p.b.letter} were set equal and solved for ${found.over}; each pair of draws, one of each law, in the same way, within the range shown`,
    `the interval holds the crossings of those pairs that cross; below ${Math.round(100 * p.cross.level)} % of pairs it is called open`,
    ...(p.cross.list.length > 1 ? [`the curves cross at ${p.cross.list.map((/** @type {any} */ c) => onAxis(found, c.at)).join(" and ")}; this is the one nearest to ${onAxis(found, found.x)}`] : []),
    ...(p.below === p.below ? [`at ${onAxis(found, found.x)} ${p.a.letter} is the lower one in ${percent(p.below)} of the pairs`] : []),
  ];
  if (p.cross.same) return { key, label, value: "the same curve", explain: explain.slice(0, 1) };
  if (one && (one.sure || !p.cross.pairs)) return { key, label, value: shown(one.at, found.unit), unit: found.unit, interval: p.cross.pairs ? `${Math.round(100 * p.cross.level)} %: ${ends(found, one)}; ${shares}${outside(p, one.at)}` : `${shares}${outside(p, one.at)}`, explain };
  return { key, label, value: p.cross.none || !p.cross.pairs ? "none in view" : "cannot tell", interval: one ? `near ${onAxis(found, one.at)}; ${shares}${outside(p, one.at)}` : shares, explain };
}

/** @param {any} found @returns {Table} */
export function pairRows(found) {
  const rows = found.pairs.map((/** @type {any} */ p) => {
    const one = p.cross ? nearestCrossing(found, p) : null;
    const lower = p.why ? `not comparable: ${p.why}` : p.below !== p.below ? "no draws" : p.below >= 0.5 ? `${p.a.letter} in ${percent(p.below)}` : `${p.b.letter} in ${percent(1 - p.below)}`;
    const cross = p.why ? "not asked" : p.cross.same ? "one curve" : one ? `at ${onAxis(found, one.at)}${p.cross.pairs ? `, in ${percent(one.share)}${one.sure ? `: ${ends(found, one)}` : ": cannot tell"}` : ""}${outside(p, one.at)}` : p.cross.none || !p.cross.pairs ? "none in view" : `cannot tell: in ${percent(p.cross.share)}`;
    const steeper = p.steeper !== p.steeper ? "no draws" : p.steeper >= 0.5 ? `${p.a.letter} in ${percent(p.steeper)}` : `${p.b.letter} in ${percent(1 - p.steeper)}`;
    return [`${p.a.letter}\u00a0and\u00a0${p.b.letter}`, lower, cross, steeper];
  });
  return { head: ["pair", `lower at ${onAxis(found, found.x)}`, "crossing", "steeper there"], rows };
}

/** @param {any} found */
export function warnings(found) {
  const { members, left, pairs, over } = found, list = [];
  for (const { law, why } of left) list.push(`${law.entry.name} is left out: ${why}.`);
  const why = [...new Set(pairs.map((/** @type {any} */ p) => p.why).filter(Boolean))];
  if (why.length) list.push(`Heights cannot be compared where ${why.join("; where ")}. No crossing is given there.`);
  const counted = new Map(members.map((/** @type {any} */ m) => [m.letter, countOf(m, over)]));
  const known = [...counted].filter(([, words]) => words);
  if (new Set(known.map(([, words]) => words)).size > 1) list.push(`${over} is not counted alike: ${known.map(([letter, words]) => `${letter} counts ${words}`).join("; ")}.`);
  const papers = pairs.filter((/** @type {any} */ p) => !p.why && differ(p.a.law.entry, p.b.law.entry));
  if (papers.length) list.push(`${papers.map((/** @type {any} */ p) => `${p.a.letter} and ${p.b.letter}`).join("; ")}: measured on other data, so a difference in height may be that of the data.`);
  const rounded = members.filter((/** @type {any} */ m) => m.law.entry.basis === "rounding").map((/** @type {any} */ m) => m.letter);
  if (rounded.length) list.push(`No errors are printed for ${rounded.join(", ")}: the interval shows what the rounding of the numbers alone leaves open.`);
  const bare = members.filter((/** @type {any} */ m) => !m.law.count).map((/** @type {any} */ m) => m.letter);
  if (bare.length) list.push(`No errors are known for ${bare.join(", ")}, so there is no interval.`);
  for (const m of members) {
    if (!Number.isFinite(m.now.value.value)) list.push(`${m.letter} has no value at ${onAxis(found, found.x)}${m.curve.splits ? ": it has no best split there" : ""}.`);
    if (m.law.entry.certified === false) list.push(`${m.letter} is not certified: other numbers may fit as well.`);
  }
  return list;
}

/** @param {any} m @param {string} over */
function countOf(m, over) {
  if (m.law.entry.kind === "fit") return "";
  if (over === "C" && splits(m.law)) return `6 N D with N ${m.law.variable("N").counts || "as its source counts it"}`;
  const v = m.law.variable(over);
  return v?.counts ? v.counts.replace("-non-embedding", " without embeddings") : v?.meaning ?? "";
}

/** Whether two laws rest on other data, as far as their sources say. @param {any} a @param {any} b */
function differ(a, b) {
  if (a.kind === "fit" || b.kind === "fit") return a.cite !== b.cite;
  return a.cite !== b.cite && !(a.family && a.family === b.family && /Hoffmann/.test(`${a.cite}${a.setup?.data}`) && /Hoffmann/.test(`${b.cite}${b.setup?.data}`));
}

/** @param {any} found */
export function program(found) {
  const { members, over, x } = found;
  const published = members.filter((/** @type {any} */ m) => m.law.entry.kind !== "fit");
  const lines = [...(published.length < members.length ? ["import isoloss"] : []), ...(published.length ? ["from isoloss.law import published_laws"] : []), ""];
  if (published.length) lines.push("laws = published_laws()");
  for (const m of members) {
    const [id, set] = m.law.key.split(":");
    const held = Object.entries(m.curve.held).map(([name, value]) => `"${name}": ${value}`);
    if (m.law.entry.kind === "fit") {
      lines.push(`fit = isoloss.Fit.load("${m.law.key}.json")`, m.curve.splits ? `print(fit.plan(compute=${x}).optimum["loss"])` : `print(fit.predict({${[...held, `"${over}": ${x}`].join(", ")}}))`);
    } else if (m.curve.splits) {
      lines.push(`print(laws["${id}"].plan(compute=${x}${held.length ? `, at={${held.join(", ")}}` : ""}${set ? `, coefficients="${set}"` : ""}).optimum["loss"])`);
    } else lines.push(`print(laws["${id}"].evaluate({${[...held, `"${over}": ${x}`].join(", ")}}${set ? `, "${set}"` : ""}))`);
  }
  return members.length ? `${lines.join("\n").trimStart()}\n` : "";
}

