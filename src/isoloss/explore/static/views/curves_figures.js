// The figures of a comparison: a panel for every quantity, and the slopes of all on one axis.

import { axis, band, COLOURS, faded, layout, line, points, SERIES, SYMBOLS } from "isoloss/chart.js";
import { plain } from "isoloss/numbers.js";
import { mark, stroke, upright } from "isoloss/views/marks.js";
import { idOf, memo } from "isoloss/views/memo.js";
import { onAxis } from "isoloss/views/curves_words.js";

const MARKS = ["●", "■", "◆", "▲"];
/** One dash for each modality: laws of one kind look alike. Dots are left for what lies beyond runs. */
/** @type {Record<string, {dash: string, mark: string}>} */
const KINDS = {
  language: { dash: "solid", mark: "━━━" }, vision: { dash: "dash", mark: "╸╺╸" }, multimodal: { dash: "dashdot", mark: "━╸·" },
  video: { dash: "longdash", mark: "━╸━" }, audio: { dash: "longdashdot", mark: "━━·" },
};

/** @param {string} modality */
function kind(modality) {
  return KINDS[modality] ?? KINDS.language;
}

/** A panel for every target and unit.
 * @param {any} found @param {boolean} logHeight @returns {Figure[]}
 */
export function panels(found, logHeight) {
  /** @type {Map<string, any[]>} */
  const groups = new Map();
  for (const m of found.members) {
    const key = `${m.law.entry.target}, ${m.law.entry.unit || "no stated unit"}`;
    groups.set(key, [...(groups.get(key) ?? []), m]);
  }
  return [...groups].map(([title, members], i) => panel(found, title, members, i, groups.size, logHeight));
}

/** @param {any} found @param {string} title @param {any[]} members @param {number} index @param {number} count @param {boolean} logHeight @returns {Figure} */
function panel(found, title, members, index, count, logHeight) {
  const { x } = found;
  const still = memo(members[0].curve, `panel ${keyOf(members)} ${logHeight}`, () => stillOf(found, title, members, logHeight));
  const moving = members.filter((m) => Number.isFinite(m.now.value.value)).map((m) => mark(SYMBOLS[m.slot], x, m.now.value.value, SERIES[m.slot]));
  const mixed = new Set(members.map((m) => m.modality)).size > 1;
  const shares = [...new Set(members.map((m) => m.modality))];
  return {
    id: `curves-${index + 1}`,
    title: `${title.replace(/_/g, " ").replace(/^./, (c) => c.toUpperCase())} against ${found.axisTitle}`,
    caption: [
      count > 1 ? `${index ? "A panel of its own" : "One of several panels"}, as laws of another quantity or unit share no axis.` : "",
      rangeWords(members),
      mixed ? `Laws of ${shares.slice(0, -1).join(", ")} and ${shares[shares.length - 1]} data stand on one axis to compare slopes: a token of one is not a token of another, so heights and crossings between them mean nothing.` : "",
      members.some((m) => m.curve.splits) ? "Laws of N and D are at their best split of every budget." : "",
      members.some((m) => m.law.entry.runs) ? runsWords(members) : "",
    ].filter(Boolean).join(" "),
    legend: [
      ...members.map((m) => ({ colour: SERIES[m.slot], mark: `${MARKS[m.slot]}\u00a0${kind(m.modality).mark}`, words: `${m.letter}, ${m.law.entry.name}: ${m.modality}${m.law.count ? "" : ", no errors known"}` })),
      ...(members.some((m) => m.curve.known && m.curve.parts.some((/** @type {any} */ p) => !p.inside)) ? [{ colour: COLOURS.data, mark: "·····", words: "beyond the runs" }] : []),
      ...(members.some((m) => m.law.count) ? [{ colour: COLOURS.data, mark: "▒", words: `${Math.round(100 * members[0].law.level)} % band` }] : []),
      ...(members.some((m) => m.law.entry.runs) ? [{ colour: COLOURS.data, mark: "○", words: "runs" }] : []),
    ],
    data: still.data,
    layout: { ...still.layout, shapes: [upright(x, COLOURS.data), ...moving] },
    table: still.table,
    height: count > 1 ? 330 : 400,
  };
}

/** @param {any[]} members */
function keyOf(members) {
  return members.map((m) => `${m.slot}:${idOf(m.curve)}`).join();
}

/** What stays while the place that is asked about moves.
 * @param {any} found @param {string} title @param {any[]} members @param {boolean} logHeight
 */
function stillOf(found, title, members, logHeight) {
  const { xs } = found;
  const finite = members.flatMap((m) => m.curve.value.filter(Number.isFinite));
  const log = logHeight && finite.every((v) => v > 0);
  const [bottom, top] = heights(members, finite, log);
  return {
    data: [...members.flatMap((m) => drawn(m, bottom, top)), ...members.filter((m, i) => members.findIndex((o) => o.law.entry.runs && o.law.entry.cite === m.law.entry.cite) === i).flatMap((m) => runsOf(found, m))],
    layout: layout(axis(axisName(found), xs[0], xs[xs.length - 1], found.log, found.unit), axis(title.replace(/_/g, " "), bottom, top, log, "", 6)),
    table: tableOf(found, members),
  };
}

/** @param {any} found */
function axisName(found) {
  return `${found.axisTitle}${found.unit && found.unit !== "1" ? `, ${found.unit}` : ""}`;
}

/** Heights that the curves need, with bands as far as they do not swallow everything.
 * @param {any[]} members @param {number[]} finite @param {boolean} log
 * @returns {[number, number]}
 */
function heights(members, finite, log) {
  if (!finite.length) return [log ? 0.1 : 0, 1];
  const ends = (/** @type {"low" | "high"} */ side) => members.flatMap((m) => m.curve[side].filter((/** @type {number} */ v) => Number.isFinite(v) && (!log || v > 0)));
  const to = (/** @type {number} */ v) => (log ? Math.log(v) : v), back = (/** @type {number} */ v) => (log ? Math.exp(v) : v);
  let low = to(Math.min(...finite)), high = to(Math.max(...finite));
  const wide = high - low || Math.abs(high) * 0.1 || 1;
  low = Math.max(low - 0.5 * wide, Math.min(low, ...ends("low").map(to)));
  high = Math.min(high + 0.5 * wide, Math.max(high, ...ends("high").map(to)));
  return [back(low - 0.05 * wide), back(high + 0.05 * wide)];
}

/** A curve in its parts: thick within the runs, thin dots and pale beyond; symbols tell it apart.
 * @param {any} m @param {number} bottom @param {number} top
 */
function drawn(m, bottom, top) {
  const colour = SERIES[m.slot], { known, parts, xs, value } = m.curve, data = [];
  const hovertemplate = `${m.letter}, ${m.name.replace(/[<>&%{}]/g, "")}: %{y:.4f}<extra></extra>`;
  for (const pale of [true, false]) {
    const own = parts.filter((/** @type {any} */ part) => pale === (known && !part.inside));
    if (!own.length) continue;
    if (m.law.count) data.push(bands(own, colour, pale ? 0.09 : 0.2, (v) => Math.min(top, Math.max(bottom, v))));
    data.push(line(joined(own, "x"), joined(own, "value"), pale ? faded(colour, 0.75) : colour, { width: pale ? 1.5 : known ? 2.8 : 2, dash: pale ? "dot" : kind(m.modality).dash, hoverinfo: "x+y", hovertemplate, connectgaps: false }));
  }
  const every = 12, marks = xs.map((/** @type {number} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => i % every === 3 + 2 * m.slot && Number.isFinite(value[i]));
  data.push(points(marks.map((/** @type {number} */ i) => xs[i]), marks.map((/** @type {number} */ i) => value[i]), colour, { symbol: SYMBOLS[m.slot], size: 7, cliponaxis: true }));
  return data;
}

/** Parts as one line that is open between them. @param {any[]} parts @param {string} name @returns {any} */
function joined(parts, name) {
  return parts.flatMap((part, i) => [...(i ? [null] : []), ...part[name].map((/** @type {number} */ v) => (Number.isFinite(v) ? v : null))]);
}

/** Bands of several parts. @param {any[]} parts @param {string} colour @param {number} opacity @param {(v: number) => number} clip */
function bands(parts, colour, opacity, clip) {
  const pieces = parts.map((part) => {
    const keep = part.x.map((/** @type {number} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => part.low[i] === part.low[i] && part.high[i] === part.high[i]);
    const of = (/** @type {number[]} */ values) => keep.map((/** @type {number} */ i) => values[i]);
    return band(of(part.x), of(part.low).map(clip), of(part.high).map(clip), colour, opacity);
  });
  const flat = (/** @type {"x" | "y"} */ name) => pieces.flatMap((piece, i) => [...(i ? [null] : []), ...piece[name]]);
  return { ...pieces[0], x: flat("x"), y: flat("y") };
}

/** The runs of a fit. @param {any} found @param {any} m */
function runsOf(found, m) {
  const { runs, target } = m.law.entry;
  if (!runs || !Array.isArray(runs[target])) return [];
  const xs = m.curve.splits ? runs.N.map((/** @type {number} */ n, /** @type {number} */ i) => 6 * n * runs.D[i]) : runs[found.over];
  if (!Array.isArray(xs)) return [];
  return [points(xs, runs[target], faded(SERIES[m.slot], 0.55), { symbol: `${SYMBOLS[m.slot]}-open`, size: 6, cliponaxis: true })];
}

/** @param {any[]} members */
function runsWords(members) {
  const letters = members.filter((m) => m.law.entry.runs).map((m) => m.letter).join(", ");
  const splits = members.some((m) => m.law.entry.runs && m.curve.splits);
  const others = members.some((m) => m.law.entry.runs && Object.keys(m.curve.held).length);
  return `Open symbols are the runs of ${letters}${splits ? "; each has a split of its own, so they lie above the curve" : others ? "; they have other values of what is held" : ""}.`;
}

/** @param {any[]} members */
function rangeWords(members) {
  const known = members.filter((m) => m.curve.known), lost = members.filter((m) => !m.curve.known);
  const beyond = known.filter((m) => m.curve.parts.some((/** @type {any} */ p) => !p.inside));
  const all = known.filter((m) => !m.curve.parts.some((/** @type {any} */ p) => p.inside)).map((m) => m.letter);
  return [
    beyond.length ? "Thin dots are beyond the runs that a law rests on." : known.length ? "All of it is within the runs." : "",
    all.length ? `${all.join(", ")}: no part lies within them.` : "",
    lost.length ? `The ${lost.length > 1 ? "sources" : "source"} of ${lost.map((m) => m.letter).join(", ")} ${lost.length > 1 ? "do" : "does"} not say which runs the law rests on.` : "",
  ].filter(Boolean).join(" ");
}

/** @param {any} found @param {any[]} members @returns {Table} */
function tableOf(found, members) {
  const number = (/** @type {number} */ v) => (Number.isFinite(v) ? Number(v.toPrecision(9)) : "—");
  const places = found.xs.map((/** @type {number} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => i % 4 === 0);
  return {
    head: [axisName(found), ...members.flatMap((m) => [`${m.letter} ${m.law.entry.target}`, ...(m.law.count ? [`${m.letter} low`, `${m.letter} high`] : []), `${m.letter} runs`])],
    rows: places.map((/** @type {number} */ i) => [Number(found.xs[i].toPrecision(9)), ...members.flatMap((m) => [number(m.curve.value[i]), ...(m.law.count ? [number(m.curve.low[i]), number(m.curve.high[i])] : []), !m.curve.known ? "not said" : m.curve.flags[i] ? "within" : "beyond"])]),
  };
}

/** The slopes of all laws: numbers without a unit, so they share an axis.
 * @param {any} found @returns {Figure}
 */
export function slopes(found) {
  const { members, x } = found;
  const still = memo(members[0].curve, `slopes ${keyOf(members)}`, () => stillSlopes(found));
  const shown = members.filter((/** @type {any} */ m) => Number.isFinite(m.now.slope.value));
  const moving = shown.flatMap((/** @type {any} */ m) => {
    const { value, low, high } = m.now.slope, colour = SERIES[m.slot];
    return [...(m.law.count && Number.isFinite(low) && Number.isFinite(high) ? [stroke([x, low], [x, high], colour, 2)] : []), mark(SYMBOLS[m.slot], x, value, colour, 6)];
  });
  const steepest = Math.min(still.low, ...shown.map((/** @type {any} */ m) => m.now.slope.value));
  return {
    id: "slopes",
    title: `How steep they are: the slope of each at every ${found.axisTitle}`,
    caption: `The relative change for a small relative change of ${found.over}: at −0.05 ten times as much divides by ${Number((10 ** 0.05).toPrecision(3))}, at −1 by ten. ${steepest > -1 ? `Everything here lies between ${plain(steepest, 2)} and ${plain(still.high, 2)}: nothing falls in proportion, let alone faster.` : "A slope below −1 falls faster than in proportion."} Slopes have no unit, so laws of different quantities may be compared here; a floor in a law makes its slope fade. Bars at ${onAxis(found, x)} are intervals of the slope there.`,
    legend: members.map((/** @type {any} */ m) => ({ colour: SERIES[m.slot], mark: `${MARKS[m.slot]}\u00a0${kind(m.modality).mark}`, words: `${m.letter}, ${m.name}: ${m.modality}` })),
    data: still.data,
    layout: { ...still.layout, shapes: [upright(x, COLOURS.data), ...moving] },
    table: still.table,
    height: 300,
  };
}

/** @param {any} found */
function stillSlopes({ members, xs, over, axisTitle, unit }) {
  const finite = members.flatMap((/** @type {any} */ m) => m.curve.slopes.filter(Number.isFinite));
  const low = Math.max(-3, Math.min(0, ...finite)), high = Math.min(3, Math.max(0, ...finite)), room = 0.08 * (high - low || 0.1);
  const name = axisName({ axisTitle, unit });
  const data = members.flatMap((/** @type {any} */ m) => {
    const { known, flags, slopes: all } = m.curve, colour = SERIES[m.slot];
    const ys = all.map((/** @type {number} */ v) => (Number.isFinite(v) ? v : null));
    return [
      ...(known ? [line(xs, ys, faded(colour, 0.75), { width: 1.5, dash: "dot" })] : []),
      line(xs, ys.map((/** @type {any} */ v, /** @type {number} */ i) => (!known || flags[i] ? v : null)), colour, { width: known ? 2.8 : 2, dash: kind(m.modality).dash }),
    ];
  });
  const places = xs.map((/** @type {number} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => i % 4 === 0);
  return {
    low, high, data,
    layout: layout(axis(name, xs[0], xs[xs.length - 1], true, unit), axis(`slope d ln value / d ln ${over}`, low - room, high + room, false, "", 5)),
    table: { head: [name, ...members.map((/** @type {any} */ m) => `${m.letter} slope`)], rows: places.map((/** @type {number} */ i) => [Number(xs[i].toPrecision(9)), ...members.map((/** @type {any} */ m) => (Number.isFinite(m.curve.slopes[i]) ? Number(m.curve.slopes[i].toPrecision(9)) : "—"))]) },
  };
}
