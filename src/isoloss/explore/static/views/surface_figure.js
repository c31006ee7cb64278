// The figure of the surface: tints between lines of equal loss, budgets, the best path, the runs.

import { axis, COLOURS, faded, layout, line, points } from "isoloss/chart.js";
import { amount, plain, scientific, shown } from "isoloss/numbers.js";
import { unitOf } from "isoloss/views/curve.js";
import { mark, stroke } from "isoloss/views/marks.js";
import { memo } from "isoloss/views/memo.js";

// one hue, from clear to deep: the page shines through, so it reads on light and on dark
const TINT = COLOURS.law, PALE = 0.03, DEEP = 0.5;
/** The opening around a label, as a share of the figure. */
const GAP = 0.026;

/** @param {any} found @returns {Figure} */
export function surfaceFigure(found) {
  const { law, N, D, k, C, best, ground } = found;
  const { target, unit } = law.entry;
  const dUnit = unitOf(law, "D") || "tokens";
  const still = memo(ground, `still ${k}`, () => stillOf(law, ground, k));
  const shapes = [
    ...(best ? [stroke([N, D], [best.N.value, best.D.value], COLOURS.marked, 1.6, "dot"), mark("circle", best.N.value, best.D.value, COLOURS.teal, 5)] : []),
    mark("diamond", N, D, COLOURS.marked, 8),
  ];
  const runs = Array.isArray(law.entry.runs?.N);
  return {
    id: "surface",
    title: `${target.replace(/^./, (/** @type {string} */ c) => c.toUpperCase())}${unit ? `, ${unit},` : ""} over size and data`,
    caption: [
      `Lines join equal ${target}; ${ground.levels.length ? "the deeper the tint, the lower." : "it is the same everywhere here."}`,
      found.tokens ? "Straight lines down to the right spend the same compute." : "",
      ground.path ? "The best split of every budget runs along the solid path, where a line of equal compute touches one of equal loss." : "",
      ground.shape ? (ground.shape.length ? "The outlined area holds the runs that the law rests on; hatched grey beyond it is extrapolation." : "No run has these other inputs: all of it, hatched, is extrapolation.") : "The source does not say which runs the law rests on.",
      `The diamond is your point${best ? (seen(best.N.value, ground.view.N) && seen(best.D.value, ground.view.D) ? ", the dot at the end of the dotted line the best split of the same compute" : "; the dotted line leads to the best split of the same compute, beyond the figure") : ""}${found.tokens ? `, at ${scientific(C)} FLOP` : ""}.`,
      ground.path && law.count ? `The band around the path holds the best size in ${Math.round(100 * law.level)} % of the draws.` : "",
    ].filter(Boolean).join(" "),
    legend: [
      { colour: COLOURS.law, mark: "─", words: `equal ${target}` }, ...(found.tokens ? [{ colour: COLOURS.data, mark: "┈", words: "equal compute, FLOP" }] : []),
      ...(ground.path ? [{ colour: COLOURS.teal, mark: "━", words: law.count ? "best split, with its band" : "best split" }] : []),
      { colour: COLOURS.marked, mark: "◆", words: "your point" },
      ...(runs ? [{ colour: COLOURS.accent, mark: "○", words: "runs" }] : []),
      ...(ground.shape ? [{ colour: COLOURS.data, mark: "▨", words: "beyond the runs" }] : []),
    ],
    data: still.data,
    layout: { ...still.layout, shapes },
    table: still.table,
    height: 520,
  };

  /** @param {any} of @param {any} there @param {number} flop */
  function stillOf(of, there, flop) {
    return {
      data: [...tint(there, target, unit), ...(found.tokens ? budgets(there, flop) : []), ...beyondRuns(there), ...lines(there, unit), ...path(of, there), ...runPoints(of)],
      layout: layout(axis("parameters N", there.view.N[0], there.view.N[1], true, "parameters"), axis(`data D, ${dUnit}`, there.view.D[0], there.view.D[1], true, dUnit, 7)),
      table: table(of, there, target, unit, dUnit),
    };
  }
}

/** @param {number} value @param {[number, number]} ends */
function seen(value, ends) {
  return value >= ends[0] && value <= ends[1];
}

/** Tints between levels: the values are replaced by how many levels lie below them.
 * @param {any} ground @param {string} target @param {string} unit
 */
function tint({ ns, ds, z, levels }, target, unit) {
  const last = levels.length - 1;
  const rank = (/** @type {number} */ v) => {
    if (!Number.isFinite(v)) return null;
    const i = levels.findIndex((/** @type {number} */ level) => v < level);
    if (i === 0) return -0.5;
    if (i < 0) return last + 0.5;
    return i - 1 + (v - levels[i - 1]) / (levels[i] - levels[i - 1]);
  };
  if (last < 1) return [];
  return [{
    type: "heatmap", x: ns, y: ds, z: z.map((/** @type {number[]} */ row) => row.map(rank)), zmin: -0.5, zmax: last + 0.5, zsmooth: "best", showscale: false,
    colorscale: [[0, faded(TINT, DEEP)], [1, faded(TINT, PALE)]],
    customdata: z.map((/** @type {number[]} */ row) => row.map((v) => shown(v, unit))), hovertemplate: `N %{x:.3s}, D %{y:.3s}<br>${plainText(target)} %{customdata}<extra></extra>`, hoverongaps: false,
  }];
}

/** Text that is no tag and no template. @param {string} text */
function plainText(text) {
  return text.replace(/[<>&%{}]/g, "");
}

/** Lines of equal loss, open where their label stands. @param {any} ground @param {string} unit */
function lines({ lines: all, levels, view }, unit) {
  const wide = [Math.log(view.N[1] / view.N[0]), Math.log(view.D[1] / view.D[0])];
  /** @type {[number, number][][]} */
  const parts = [];
  const labels = { x: /** @type {number[]} */ ([]), y: /** @type {number[]} */ ([]), text: /** @type {string[]} */ ([]) };
  all.forEach((/** @type {[number, number][][]} */ chains, /** @type {number} */ i) => {
    const longest = chains.reduce((best, chain) => (chain.length > best.length ? chain : best), /** @type {[number, number][]} */ ([]));
    for (const chain of chains) {
      const middle = chain === longest && chain.length > 6 ? chain[Math.round((chain.length - 1) * (i % 2 ? 0.6 : 0.74))] : null;
      parts.push(...(middle ? opened(chain, middle, wide) : [chain]));
      if (middle) {
        labels.x.push(Math.exp(middle[0]));
        labels.y.push(Math.exp(middle[1]));
        labels.text.push(shown(levels[i], unit, 6));
      }
    }
  });
  return [
    line(strung(parts, 0), strung(parts, 1), COLOURS.law, { width: 1.5, connectgaps: false }),
    { type: "scatter", mode: "text", ...labels, textposition: "middle center", textfont: { size: 12 }, hoverinfo: "skip", cliponaxis: true },
  ];
}

/** Several lines as one trace with openings. @param {[number, number][][]} parts in logarithms @param {0 | 1} side @returns {any} */
function strung(parts, side) {
  return parts.flatMap((part, i) => [...(i ? [null] : []), ...part.map((p) => Math.exp(p[side]))]);
}

/** A line without what is close to a place. @param {[number, number][]} chain @param {[number, number]} middle @param {number[]} wide */
function opened(chain, middle, wide) {
  const far = (/** @type {[number, number]} */ p) => Math.hypot((p[0] - middle[0]) / wide[0], (p[1] - middle[1]) / wide[1]) - GAP;
  /** @type {[number, number][][]} */
  const parts = [[]];
  chain.forEach((p, i) => {
    const last = chain[i - 1], now = far(p);
    if (last && far(last) >= 0 !== now >= 0) {
      const share = far(last) / (far(last) - now);
      const edge = /** @type {[number, number]} */ ([last[0] + share * (p[0] - last[0]), last[1] + share * (p[1] - last[1])]);
      if (now >= 0) parts.push([edge]);
      else parts[parts.length - 1].push(edge);
    }
    if (now >= 0) parts[parts.length - 1].push(p);
  });
  return parts.filter((part) => part.length > 1);
}

/** Lines of equal compute. @param {any} ground @param {number} k */
function budgets({ view }, k) {
  const [n0, n1] = view.N, [d0, d1] = view.D;
  const low = Math.ceil(Math.log10(k * n0 * d0) + 0.5), high = Math.floor(Math.log10(k * n1 * d1) - 0.5);
  const stride = Math.max(1, Math.ceil((high - low + 1) / 6));
  /** @type {[number, number][][]} */
  const parts = [];
  const labels = { x: /** @type {number[]} */ ([]), y: /** @type {number[]} */ ([]), text: /** @type {string[]} */ ([]) };
  for (let e = low; e <= high; e += stride) {
    const product = 10 ** e / k;
    const from = Math.max(n0, product / d1), to = Math.min(n1, product / d0);
    parts.push([[Math.log(from), Math.log(product / from)], [Math.log(to), Math.log(product / to)]]);
    // at the lower end of each, where lines of equal loss are steep and labels of theirs are not
    const at = Math.exp(Math.log(to) - 0.07 * Math.log(n1 / n0));
    if (at > from) {
      labels.x.push(at);
      labels.y.push(product / at);
      labels.text.push(scientific(10 ** e));
    }
  }
  return [
    line(strung(parts, 0), strung(parts, 1), COLOURS.data, { width: 1, dash: "dot", connectgaps: false }),
    { type: "scatter", mode: "text", ...labels, textposition: "bottom left", textfont: { size: 11, color: COLOURS.data }, hoverinfo: "skip", cliponaxis: true },
  ];
}

/** What lies beyond the runs, hatched, and the outline of what does not. @param {any} ground */
function beyondRuns({ view, shape }) {
  if (!shape) return [];
  const [n0, n1] = view.N, [d0, d1] = view.D;
  const inner = shape.map((/** @type {[number, number]} */ p) => [Math.exp(p[0]), Math.exp(p[1])]);
  // around the view one way and around the area the other way leaves the area free
  const frame = [[n0, d0], [n0, d1], [n1, d1], [n1, d0], [n0, d0]];
  const ring = inner.length ? [...frame, ...inner, inner[0], frame[0]] : frame;
  const data = [{
    type: "scatter", mode: "lines", x: ring.map((p) => p[0]), y: ring.map((p) => p[1]), fill: "toself", line: { width: 0 }, hoverinfo: "skip",
    fillcolor: "rgba(128,136,146,0.10)", fillpattern: { shape: "/", size: 9, solidity: 0.1, fgcolor: "rgba(128,136,146,0.45)", bgcolor: "rgba(128,136,146,0.08)" },
  }];
  if (inner.length) data.push(/** @type {any} */ (line([...inner, inner[0]].map((p) => p[0]), [...inner, inner[0]].map((p) => p[1]), COLOURS.data, { width: 1.4 })));
  return data;
}

/** The best split of every budget with its band. @param {any} law @param {any} ground */
function path(law, { path: found }) {
  if (!found) return [];
  const { line: frontier, logN, low, high } = found;
  const places = logN.map((/** @type {number} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => Number.isFinite(logN[i]));
  if (places.length < 2) return [];
  const at = (/** @type {number[]} */ us, /** @type {number[]} */ order) => ({ x: order.map((i) => Math.exp(us[i])), y: order.map((i) => Math.exp(frontier.products[i] - us[i])) });
  const middle = at(logN, places), data = [];
  if (law.count) {
    const there = places.filter((/** @type {number} */ i) => Number.isFinite(low[i]) && Number.isFinite(high[i]));
    const left = at(low, there), right = at(high, [...there].reverse());
    data.push({ type: "scatter", mode: "lines", x: [...left.x, ...right.x], y: [...left.y, ...right.y], fill: "toself", fillcolor: faded(COLOURS.teal, 0.2), line: { width: 0 }, hoverinfo: "skip" });
  }
  return [...data, line(middle.x, middle.y, COLOURS.teal, { width: 2.6 })];
}

/** @param {any} law */
function runPoints(law) {
  const { runs, target } = law.entry;
  if (!Array.isArray(runs?.N) || !Array.isArray(runs?.D)) return [];
  const values = Array.isArray(runs[target]) ? runs[target] : [];
  return [points(runs.N, runs.D, COLOURS.accent, { symbol: "circle-open", size: 7, cliponaxis: true, hoverinfo: "text", hovertext: runs.N.map((/** @type {number} */ n, /** @type {number} */ i) => `run: ${amount(n)} on ${amount(runs.D[i])}${values.length ? `: ${plain(values[i], 5)}` : ""}`) })];
}

/** Values at round places. @param {any} law @param {any} ground @param {string} target @param {string} unit @param {string} dUnit @returns {Table} */
function table(law, { ns, ds, held }, target, unit, dUnit) {
  const round = (/** @type {number[]} */ values) => values.filter((_, i) => i % 8 === 0).map((v) => Number(v.toPrecision(2)));
  const value = (/** @type {number} */ N, /** @type {number} */ D) => law.value(law.inputs({ ...held, N, D }));
  const columns = round(ns);
  return {
    head: [`${target}${unit ? `, ${unit}` : ""}: D, ${dUnit} \\ N`, ...columns.map((N) => amount(N))],
    rows: round(ds).map((D) => [amount(D), ...columns.map((N) => (Number.isFinite(value(N, D)) ? Number(value(N, D).toPrecision(9)) : "—"))]),
  };
}
