// Figures of an error study. Names come from logs of others: Plotly reads a few tags in texts, so
// every name goes through `safe`.

import { axis, COLOURS, layout, line, points as dots } from "isoloss/chart.js";
import { escape } from "isoloss/export.js";
import { amount } from "isoloss/numbers.js";
import { ALL, ends, FEW, fixed, known, many, NONE, pairOf, percent, sentence } from "isoloss/views/errors_study.js";

const MOST_TASKS = 36, ROW = 42;
/** Neighbours in a stack differ in hue for every kind of colour vision, and in their pattern. */
const LAYERS = [
  [COLOURS.law, "", "■"], [COLOURS.accent, "/", "▨"], [COLOURS.teal, "x", "▩"], [COLOURS.marked, "-", "▤"],
  [COLOURS.violet, "|", "▥"], ["#6f8428", "+", "▦"], ["#b0528f", "\\", "▧"],
];
const REST = ["#7a828c", ".", "▒"];
/** @type {Record<string, [string, string, string]>} colour, symbol of Plotly, mark of the legend */
const VERDICTS = {
  improves: [COLOURS.teal, "triangle-up", "▲"], better: [COLOURS.teal, "triangle-up", "▲"],
  worsens: [COLOURS.marked, "triangle-down", "▼"], worse: [COLOURS.marked, "triangle-down", "▼"],
  flat: [COLOURS.law, "square", "■"], "same within margin": [COLOURS.law, "square", "■"],
  "cannot tell": [COLOURS.data, "circle-open", "○"],
};

/** @param {string} text @param {number} [most] */
export function safe(text, most = 40) {
  const line = text.replace(/\s+/g, " ");
  return escape(line.length > most ? `${line.slice(0, most - 1)}…` : line);
}

/** Sizes as a logarithmic axis, with a tick at every model that there is room for.
 * @param {any[]} models
 */
function sizes(models) {
  const values = models.map((model) => model.params);
  const room = Math.max(1.25, (values[values.length - 1] / values[0]) ** 0.1);
  const low = values[0] / room, high = values[values.length - 1] * room;
  const width = Math.log(high / low);
  const least = (7 * Math.max(...models.map((model) => Math.min(model.label.length, 14))) + 6) / 240;
  /** @type {number[]} */
  const kept = [];
  for (const i of [0, values.length - 1, ...values.keys()]) {
    if (kept.every((j) => Math.abs(Math.log(values[i] / values[j])) >= least * width)) kept.push(i);
  }
  kept.sort((a, b) => a - b);
  return { ...axis("parameters", low, high, true, "parameters"), tickvals: kept.map((i) => values[i]), ticktext: kept.map((i) => safe(models[i].label, 14)) };
}

/** A linear axis in percent round values.
 * @param {string} title
 * @param {(number | null)[]} values
 * @param {boolean} [free] may leave 0 to 100
 */
function shares(title, values, free = false) {
  const there = /** @type {number[]} */ (values.filter(known));
  const [least, most] = there.length ? [Math.min(...there), Math.max(...there)] : [0, 100];
  const room = Math.max(0.08 * (most - least), 2);
  const low = free ? least - room : Math.max(-2, least - room), high = free ? most + room : Math.min(102, most + room);
  const made = axis(title, low, high, false, "", 5);
  if (free) return made;
  const inside = made.tickvals.map((/** @type {number} */ v, /** @type {number} */ i) => [v, made.ticktext[i]]).filter(([v]) => Number(v) >= 0 && Number(v) <= 100);
  return { ...made, tickvals: inside.map(([v]) => v), ticktext: inside.map(([, t]) => t) };
}

/** Intervals as bars of an error. @param {any[]} found @param {string} colour @param {number} [scale] */
function bars(found, colour, scale = 100) {
  const wide = (/** @type {any} */ e, /** @type {"low" | "high"} */ end) => (known(e[end]) && known(e.value) ? Math.max(0, scale * (end === "high" ? e.high - e.value : e.value - e.low)) : 0);
  return { type: "data", symmetric: false, array: found.map((e) => wide(e, "high")), arrayminus: found.map((e) => wide(e, "low")), color: colour, thickness: 1.6, width: 0 };
}

/** @param {any} e @param {number} [scale] */
const at = (e, scale = 100) => (known(e.value) ? scale * e.value : NaN);
/** @param {any} e */
const cells = (e) => [e.value, e.low, e.high].map((v) => (known(v) ? Number((100 * v).toPrecision(12)) : "—"));

/** Accuracy against size.
 * @param {any} study
 * @param {any} now
 * @returns {Figure}
 */
export function accuracyFigure(study, { part, small, large, whole }) {
  const models = study.models;
  const x = sizes(models);
  const found = part.accuracy;
  const guess = part.guess > 0 ? 100 * part.guess : null;
  const data = [];
  if (part.line) {
    const [from, to] = x.range;
    const grid = Array.from({ length: 50 }, (_, i) => from + ((to - from) * i) / 49);
    const { level, slope, middle, floor } = part.line;
    data.push(line(grid.map((s) => 10 ** s), grid.map((s) => 100 * (floor + (1 - floor) / (1 + Math.exp(-(level + slope * (s - middle)))))), COLOURS.law, { width: 1.6, opacity: 0.6 }));
  }
  if (guess !== null) data.push(line(x.range.map((s) => 10 ** s), [guess, guess], COLOURS.accent, { dash: "dot", width: 1.8 }));
  const compared = models.map((/** @type {any} */ _, /** @type {number} */ i) => i === small || i === large);
  data.push(dots(models.map((/** @type {any} */ m) => m.params), found.map((/** @type {any} */ e) => at(e)), COLOURS.law, {
    size: 10, symbol: compared.map((/** @type {boolean} */ yes) => (yes ? "circle" : "circle-open")), error_y: bars(found, COLOURS.law),
    text: models.map((/** @type {any} */ m, /** @type {number} */ i) => `<b>${safe(m.name, 60)}</b><br>${percent(found[i].value)} ${ends(found[i])}`), hoverinfo: "text",
  }));
  const y = shares("accuracy, %", [...found.flatMap((/** @type {any} */ e) => [at(e), e.low * 100, e.high * 100]), guess]);
  const level = `${Math.round(100 * study.level)} %`;
  return {
    id: "accuracy", title: whole ? "Accuracy against size" : `Accuracy on “${part.name}” against size`,
    caption: `Bars are ${level} intervals over ${many(part.n, "question")}; how models of one size differ from one another no number of questions shows. ${part.line ? "The curve is the line of log odds that the verdict rests on." : "Two sizes allow a comparison and no trend."}${guess === null ? " What guessing gets right is not known here." : ` Guessing gets ${percent(part.guess, 0)} right.`}`,
    legend: [
      { colour: COLOURS.law, mark: "●", words: "the two that are compared" }, ...(models.length > 2 ? [{ colour: COLOURS.law, mark: "○", words: "other sizes" }] : []),
      ...(part.line ? [{ colour: COLOURS.law, mark: "─", words: "line through all" }] : []), ...(guess === null ? [] : [{ colour: COLOURS.accent, mark: "┄", words: "guessing" }]),
    ],
    data, layout: layout(x, y),
    table: {
      head: ["model", "parameters", "questions", "accuracy, %", "low", "high", "guessing, %"],
      rows: models.map((/** @type {any} */ m, /** @type {number} */ i) => [m.name, amount(m.params), part.n, ...cells(found[i]), guess === null ? "—" : Number(guess.toPrecision(12))]),
    },
  };
}

/** Failure modes as a stack for every size.
 * @param {any} study
 * @param {any} now
 * @param {boolean} asShares
 * @returns {Figure | null}
 */
export function modesFigure(study, { part, mode, whole }, asShares) {
  const mix = part.modes;
  if (!mix?.modes.length) return null;
  const models = study.models;
  // a mode keeps its colour whatever task is shown; the chosen one always has one
  const order = Object.keys(study.modes);
  const top = order.slice(0, LAYERS.length);
  if (mode !== NONE && !top.includes(mode)) top[LAYERS.length - 1] = mode;
  /** @type {{place: number, key: string, name: string, look: string[], values: number[]}[]} */
  const layers = [];
  const rest = new Array(models.length).fill(0);
  for (const one of mix.modes) {
    const place = top.indexOf(one.name);
    if (place < 0) one.counts.forEach((/** @type {number} */ count, /** @type {number} */ i) => { rest[i] += count; });
    else layers.push({ place, key: one.name, name: study.modes[one.name]?.title ?? one.name, look: LAYERS[place], values: (asShares ? one.share : one.rate).map((/** @type {any} */ e) => at(e)) });
  }
  layers.sort((a, b) => a.place - b.place);
  const of = (/** @type {number[]} */ counts) => counts.map((count, i) => (100 * count) / Math.max(1, asShares ? mix.errors[i] : mix.n));
  if (rest.some(Boolean)) layers.push({ place: 90, key: "", name: "other modes", look: REST, values: of(rest) });
  if (!asShares && mix.silent.some(Boolean)) layers.push({ place: 91, key: "", name: "no mode known", look: ["#9aa1a9", "", "□"], values: of(mix.silent) });
  const x = models.map((/** @type {any} */ _, /** @type {number} */ i) => i);
  const data = layers.map(({ key, name, look, values }) => ({
    type: "bar", x, y: values, width: 0.62, opacity: mode === NONE || key === mode ? 1 : 0.3, hoverinfo: "text",
    marker: { color: look[0], line: { width: 0 }, pattern: { shape: look[1], solidity: 0.22, size: 7, bgcolor: look[0], fgcolor: "#ffffff", fgopacity: 0.6 } },
    hovertext: values.map((v, i) => `<b>${safe(name)}</b>, ${safe(models[i].label)}<br>${known(v) ? `${fixed(v)} %` : "not known"} of the ${asShares ? "errors" : "questions"}`),
  }));
  const high = asShares ? 100 : Math.max(1, ...x.map((/** @type {number} */ i) => layers.reduce((sum, one) => sum + (one.values[i] || 0), 0))) * 1.04;
  const stride = Math.ceil(models.length / 7);
  const steps = { ...axis("size, smallest first", -0.6, models.length - 0.4, false, ""), showgrid: false, tickvals: x.filter((/** @type {number} */ i) => i % stride === 0), ticktext: models.filter((/** @type {any} */ _, /** @type {number} */ i) => i % stride === 0).map((/** @type {any} */ m) => safe(m.label, 10)) };
  const where = whole ? "" : ` on “${part.name}”`;
  return {
    id: "modes", title: asShares ? `Which mistakes${where}: shares of the errors` : `Which mistakes${where}: of all questions`,
    caption: asShares
      ? "Shares mislead: they add up to 100 %, so a mode grows here when the others get rarer, though no more questions fail that way. Rates show whether they do."
      : `Each stack is as high as the model is wrong, and its layers are out of the same ${many(mix.n, "question")}: a layer that gets thinner is a mistake that gets rarer.`,
    legend: layers.map(({ look, name }) => ({ colour: look[0], mark: look[2], words: name })),
    data, layout: layout(steps, axis(asShares ? "share of the errors, %" : "failures, % of questions", 0, high, false, "", 5), { barmode: "stack", bargap: 0.3 }),
    table: {
      head: ["failure mode", "model", "answers", "of questions, %", "low", "high", "of errors, %", "low", "high"],
      rows: mix.modes.flatMap((/** @type {any} */ one) => models.map((/** @type {any} */ m, /** @type {number} */ i) => [study.modes[one.name]?.title ?? one.name, m.name, one.counts[i], ...cells(one.rate[i]), ...cells(one.share[i])])),
    },
  };
}

/** One failure mode: of the questions, and of the errors.
 * @param {any} study
 * @param {any} now
 * @returns {Figure | null}
 */
export function modeFigure(study, { part, mode, whole }) {
  const one = part.modes?.modes.find((/** @type {any} */ found) => found.name === mode);
  if (!one) return null;
  const models = study.models, x = models.map((/** @type {any} */ m) => m.params);
  const title = study.modes[mode].title;
  const trace = (/** @type {any[]} */ found, /** @type {string} */ colour, /** @type {string} */ symbol, /** @type {string} */ dash) => ({
    ...dots(x, found.map((e) => at(e)), colour, { symbol, size: 10 }), mode: "lines+markers", line: { color: colour, dash, width: 1.5 }, error_y: bars(found, colour),
    text: models.map((/** @type {any} */ m, /** @type {number} */ i) => `${safe(m.label)}: ${percent(found[i].value)} ${ends(found[i])}`), hoverinfo: "text",
  });
  const word = (/** @type {any} */ slope) => (slope ? `${slope.verdict}${known(slope.value) ? ` (${fixed(slope.value, 2, true)} logits a decade ${ends(slope, 2, 1)})` : ""}` : "no trend");
  return {
    id: "mode", title: `${title.replace(/^./, (/** @type {string} */ c) => c.toUpperCase())}${whole ? "" : ` on “${part.name}”`} against size`,
    caption: `${study.modes[mode].says ? `${sentence(study.modes[mode].says)} ` : ""}Of the questions: ${study.trend ? word(one.rate_slope) : "two sizes, no trend"}. Of the errors: ${study.trend ? word(one.share_slope) : "two sizes, no trend"}. A rate that falls improves; a share only grows or shrinks.`,
    legend: [{ colour: COLOURS.law, mark: "●", words: "of all questions" }, { colour: COLOURS.accent, mark: "■", words: "of the errors" }],
    data: [trace(one.rate, COLOURS.law, "circle", "solid"), trace(one.share, COLOURS.accent, "square", "dash")],
    layout: layout(sizes(models), shares("share, %", [...one.rate, ...one.share].flatMap((/** @type {any} */ e) => [at(e), known(e.low) ? 100 * e.low : null, known(e.high) ? 100 * e.high : null]))),
    height: 320,
    table: { head: ["model", "answers", "of questions, %", "low", "high", "of errors, %", "low", "high"], rows: models.map((/** @type {any} */ m, /** @type {number} */ i) => [m.name, one.counts[i], ...cells(one.rate[i]), ...cells(one.share[i])]) },
  };
}

/** Rows with a name over each: no margin is lost to long names on a small screen.
 * @param {{text: string, y: number}[]} rows
 */
function named(rows) {
  return rows.map(({ text, y }) => ({ x: 0, xref: "paper", xanchor: "left", y: y + 0.34, yref: "y", yanchor: "middle", text, showarrow: false, font: { size: 12 }, align: "left" }));
}

/** @param {number} count @param {object} x @param {object[]} annotations @param {object[]} [shapes] */
function rowsLayout(count, x, annotations, shapes = []) {
  return layout(x, { ...axis("", 0.4, count + 0.75, false, ""), showgrid: false, tickvals: [], ticktext: [] }, { annotations, shapes, margin: { l: 12, r: 16, t: 4, b: 46 } });
}

/** How accuracy changes in every task, with verdicts.
 * @param {any} study
 * @param {any} now
 * @returns {Figure | null}
 */
export function tasksFigure(study, { part: chosen }) {
  const tasks = study.parts.slice(1);
  if (!tasks.length) return null;
  const trend = study.trend, scale = trend ? 1 : 100;
  const found = tasks.map((/** @type {any} */ part) => ({ part, change: trend ? part.slope : part.change?.change, verdict: (trend ? part.slope : part.change)?.verdict ?? "cannot tell" }))
    .filter((/** @type {any} */ one) => one.change && known(one.change.value));
  const size = (/** @type {any} */ one) => Math.abs(one.change.value) + (one.verdict === "cannot tell" ? 0 : 1e6) + (one.part === chosen ? 1e9 : 0);
  const drawn = [...found].sort((a, b) => size(b) - size(a)).slice(0, MOST_TASKS).sort((a, b) => b.change.value - a.change.value);
  if (!drawn.length) return null;
  const words = [...new Set(drawn.map((one) => one.verdict))];
  const data = words.map((verdict) => {
    const mine = drawn.map((one, i) => ({ ...one, y: drawn.length - i })).filter((one) => one.verdict === verdict);
    const [colour, symbol] = VERDICTS[verdict] ?? VERDICTS["cannot tell"];
    return dots(mine.map((one) => scale * one.change.value), mine.map((one) => one.y), colour, { symbol, size: 11, error_x: bars(mine.map((one) => one.change), colour, scale) });
  });
  const values = drawn.flatMap((one) => [one.change.low, one.change.high, one.change.value]).filter(known).map((v) => scale * v);
  const title = trend ? "slope of accuracy, logits for ten times the parameters" : "change of accuracy, points";
  const x = shares(trend ? "slope, logits a decade" : title, [...values, 0], true);
  if (trend) Object.assign(x, axis("slope, logits a decade", Math.min(0, ...values) - 0.1, Math.max(0, ...values) + 0.1, false, "", 5));
  const labels = named(drawn.map((one, i) => ({ text: `${one.part === chosen ? "<b>" : ""}${safe(one.part.name, 34)}${one.part === chosen ? "</b>" : ""}: ${one.verdict}`, y: drawn.length - i })));
  const left = tasks.length - drawn.length;
  return {
    id: "tasks", title: trend ? "How accuracy moves with size, task by task" : "How accuracy changes, task by task",
    caption: `${title.replace(/^./, (c) => c.toUpperCase())}, with ${Math.round(100 * study.level)} % intervals over questions; right of the upright line the larger models are better. Verdicts are adjusted for ${tasks.length} tasks (Benjamini and Hochberg).${left ? ` ${left} more are in the table.` : ""}`,
    legend: Object.entries(VERDICTS).filter(([word]) => words.includes(word)).map(([word, [colour, , mark]]) => ({ colour, mark, words: word })),
    data, height: 70 + ROW * drawn.length,
    layout: rowsLayout(drawn.length, x, labels, [{ type: "line", x0: 0, x1: 0, yref: "paper", y0: 0, y1: 1, line: { width: 1.2, color: COLOURS.data } }]),
    table: {
      head: ["task", "questions", "guessing, %", `${study.models[0].label}, %`, `${study.models[study.models.length - 1].label}, %`, "change, points", "low", "high", ...(trend ? ["slope, logits a decade", "low", "high"] : []), "verdict"],
      rows: tasks.map((/** @type {any} */ part) => [part.name, part.n, part.guess > 0 ? Number((100 * part.guess).toPrecision(6)) : "—", cells(part.accuracy[0])[0], cells(part.accuracy[part.accuracy.length - 1])[0],
        ...(part.change ? cells(part.change.change) : ["—", "—", "—"]), ...(trend ? [part.slope.value, part.slope.low, part.slope.high].map((v) => (known(v) ? v : "—")) : []), (trend ? part.slope : part.change)?.verdict ?? "cannot tell"]),
    },
  };
}

/** What is lost and gained between neighbouring sizes, and between the two that are compared.
 * @param {any} study
 * @param {any} now
 * @returns {Figure | null}
 */
export function flipsFigure(study, { small, large }) {
  const models = study.models, last = models.length - 1;
  const steps = models.slice(1, 13).map((/** @type {any} */ _, /** @type {number} */ i) => [i, i + 1]);
  for (const pair of [[0, last], [small, large]]) if (!steps.some((/** @type {number[]} */ s) => s[0] === pair[0] && s[1] === pair[1])) steps.push(pair);
  const found = steps.map((/** @type {number[]} */ [a, b]) => ({ a, b, pair: pairOf(study, a, b) })).filter((/** @type {any} */ one) => one.pair);
  if (!found.length) return null;
  const good = (/** @type {any} */ e) => (e.n >= FEW ? e : { ...e, value: null, low: null, high: null });
  const height = (/** @type {number} */ i) => found.length - i;
  const trace = (/** @type {"regression" | "fix"} */ key, /** @type {string} */ colour, /** @type {string} */ symbol, /** @type {number} */ up) => {
    const mine = found.map((/** @type {any} */ one) => good(one.pair[key]));
    return dots(mine.map((/** @type {any} */ e) => at(e)), found.map((/** @type {any} */ _, /** @type {number} */ i) => height(i) + up), colour, {
      symbol, size: 10, error_x: bars(mine, colour), hoverinfo: "text", text: mine.map((/** @type {any} */ e) => `${percent(e.value)} ${ends(e)} of ${e.n}`),
    });
  };
  const values = found.flatMap((/** @type {any} */ one) => [good(one.pair.regression), good(one.pair.fix)].flatMap((e) => [e.low, e.high])).filter(known).map((/** @type {number} */ v) => 100 * v);
  const bound = study.contrast.source === "upper bound";
  const word = (/** @type {any} */ one) => `${models[one.a].label} → ${models[one.b].label}`;
  return {
    id: "flips", title: "What is lost and gained on the way",
    caption: `Circle: of the questions that the smaller model gets right, how many the larger one fails. Diamond: of those it fails, how many the larger one gets right. Over ${ALL}, with ${Math.round(100 * study.level)} % intervals.${bound ? " Without a second run of one model chance is in both: they are upper bounds of what size does." : ""} Rates over fewer than ${FEW} answers are left out.`,
    legend: [{ colour: COLOURS.marked, mark: "●", words: "right answers lost" }, { colour: COLOURS.teal, mark: "◆", words: "wrong answers mended" }],
    data: [trace("regression", COLOURS.marked, "circle", 0.06), trace("fix", COLOURS.teal, "diamond", -0.16)],
    height: 70 + ROW * found.length,
    layout: rowsLayout(found.length, shares("share, %", [...values, 0]), named(found.map((/** @type {any} */ one, /** @type {number} */ i) => ({ text: one.a === small && one.b === large ? `<b>${safe(word(one))}</b>, compared` : safe(word(one)), y: height(i) })))),
    table: {
      head: ["from", "to", "right before", "of them lost, %", "low", "high", "wrong before", "of them mended, %", "low", "high"],
      rows: found.map((/** @type {any} */ one) => [models[one.a].name, models[one.b].name, one.pair.regression.n, ...cells(good(one.pair.regression)), one.pair.fix.n, ...cells(good(one.pair.fix))]),
    },
  };
}

