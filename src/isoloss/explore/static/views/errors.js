// Errors: what a bigger model gets wrong, from the answers of every size to the same questions.

import { make, say } from "isoloss/dom.js";
import { plain } from "isoloss/numbers.js";
import { accuracyFigure, flipsFigure, modeFigure, modesFigure, tasksFigure } from "isoloss/views/errors_figures.js";
import { questionList, WHICH } from "isoloss/views/errors_questions.js";
import { ALL, chosen, ends, FEW, fixed, flips, known, many, NONE, pairOf, percent, points, read, related, sentence, studyNames } from "isoloss/views/errors_study.js";

const SHARES = { rates: "of all questions (rates)", shares: "of the errors (shares)" };
const DOES = { improves: "rises with size", worsens: "falls with size", flat: "is flat over size" };

/** @type {View} */
export const view = {
  id: "errors",
  title: "Errors",
  asks: "What does a bigger model get wrong?",

  fields(state, context) {
    const study = chosen(state, context);
    if (!study) return [];
    const studies = context.bundle.studies;
    const { small } = read(study, state);
    const names = study.models.map((/** @type {any} */ m) => ({ value: m.name, label: `${m.label}${m.label === m.name ? "" : `: ${m.name}`}` }));
    /** @type {Field[]} */
    const fields = [];
    if (studies.length > 1) {
      const all = studyNames(studies);
      fields.push({ kind: "choice", key: "study", label: "Answers", start: all[0], options: all.map((value) => ({ value, label: value })) });
    }
    if (study.parts.length > 1) fields.push({ kind: "choice", key: "task", label: "Questions", start: ALL, options: study.parts.map((/** @type {any} */ part) => ({ value: part.name, label: part.task === null ? part.name : `${part.name} (${part.n})` })) });
    fields.push({ kind: "choice", key: "small", label: "From", start: names[0].value, options: names.slice(0, -1), help: study.models.length > 2 ? "Two sizes to compare question by question" : "" });
    fields.push({ kind: "choice", key: "large", label: "To", start: names[names.length - 1].value, options: names.slice(small + 1) });
    const modes = Object.entries(study.modes);
    if (modes.length) {
      fields.push({ kind: "choice", key: "as", label: "Mistakes as a part", start: "rates", options: Object.entries(SHARES).map(([value, label]) => ({ value, label })), help: "Shares grow when other mistakes get rarer" });
      fields.push({ kind: "choice", key: "mode", label: "One kind of mistake", start: NONE, options: [{ value: NONE, label: "all of them" }, ...modes.map(([value, mode]) => ({ value, label: /** @type {any} */ (mode).title }))] });
    }
    return [...fields,
      { kind: "choice", key: "which", label: "Questions", start: "any", options: Object.entries(WHICH).map(([value, label]) => ({ value, label })), apart: true },
      { kind: "choice", key: "who", label: "Mistake made by", start: "", options: [{ value: "", label: "any model" }, ...names], apart: true },
      { kind: "text", key: "find", label: "Search in texts", start: "", apart: true },
      { kind: "slider", key: "page", label: "Page", low: 1, high: 1e6, log: false, whole: true, unit: "", start: 1, apart: true },
    ];
  },

  show(state, context) {
    const study = chosen(state, context);
    if (!study) return { headline: "This page holds no answers.", warnings: [], facts: [], figures: [], python: "" };
    const now = read(study, state);
    const asShares = state.as === "shares";
    const moved = flips(study, now.part, now.small, now.large);
    const figures = [
      accuracyFigure(study, now), modesFigure(study, now, asShares), now.mode === NONE ? null : modeFigure(study, now), tasksFigure(study, now), flipsFigure(study, now),
    ].filter((figure) => figure !== null);
    return {
      headline: headline(study, now, moved),
      warnings: warningsOf(study),
      facts: factsOf(study, now, moved),
      figures: /** @type {Figure[]} */ (figures),
      python: program(study, now),
      numbers: {
        family: study.family, condition: study.condition, made: study.made, questions: now.part.n, part: now.part.name,
        models: study.models.map((/** @type {any} */ m, /** @type {number} */ i) => ({ ...m, accuracy: now.part.accuracy[i] })),
        slope: now.part.slope, guess: now.part.guess, modes: now.part.modes, from: study.models[now.small].name, to: study.models[now.large].name,
        ...moved, pair: pairOf(study, now.small, now.large), change: now.ends ? now.part.change : null, contrast: now.whole && now.ends ? study.contrast : null,
      },
    };
  },

  mount(place, context) {
    const answer = make("p", { class: "errors-answer" });
    const packaged = make("p", { class: "soft" }), labels = make("p", { class: "soft" }), reach = make("p", { class: "soft" });
    const notes = make("ul", { class: "errors-notes" });
    const flags = make("dl", { class: "errors-flags" });
    const behind = make("section", null, make("h2", { text: "What lies behind" }), flags);
    let study = /** @type {any} */ (null);
    const list = questionList(context, () => study);
    const bring = bringing();
    place.append(list.node, make("section", null, make("h2", { text: "The whole answer in words" }), answer, packaged, labels, reach, notes), behind, bring);
    return {
      update(state) {
        const now = chosen(state, context);
        if (now && now !== study) {
          study = now;
          say(answer, study.answer);
          say(packaged, study.packaged);
          say(labels, study.labels);
          say(reach, `What can be seen: ${study.reach}`);
          notes.replaceChildren(...[...study.notes, ...Object.entries(study.missing).map(([what, why]) => `${what}: ${why}`)].map((text) => make("li", { text })));
          flags.replaceChildren(...study.flags.flatMap((/** @type {any} */ flag) => [make("dt", { text: flag.code.replace(/-/g, " ") }), make("dd", { text: flag.seen }), make("dd", { class: "soft", text: [flag.why, flag.remedy].map(sentence).join(" ") })]));
          behind.hidden = !study.flags.length;
          bring.hidden = !study.made;
        }
        for (const node of place.children) if (node !== bring) /** @type {HTMLElement} */ (node).hidden = !study || (node === behind && !study.flags.length);
        if (study) list.update(state);
      },
    };
  },
};

/** How answers of one's own come into the page. */
function bringing() {
  return make("section", { class: "errors-bring" }, make("h2", { text: "Answers of your own" }),
    make("p", { text: "The page reads what evaluation harnesses log: lm-evaluation-harness, lmms-eval, VLMEvalKit, Inspect, HELM, OpenCompass and others, or a table with one row an answer. A small file says how large each model is." }),
    make("pre", { tabindex: "0" }, make("code", { text: "isoloss errors import logs/ --models models.yaml --out items.parquet\nisoloss explore items.parquet" })),
    make("p", { class: "soft", text: "It needs two sizes of one family that answered the same questions, and three for a trend." }));
}

/** @param {any} study @param {any} now @param {any} moved */
function headline(study, { part, small, large, whole, ends: outer }, moved) {
  const first = part.accuracy[0], last = part.accuracy[part.accuracy.length - 1];
  const a = study.models[small], b = study.models[large];
  const what = whole ? "Accuracy" : `Accuracy on “${part.name}”`;
  const span = `${percent(first.value)} at ${study.models[0].label}, ${percent(last.value)} at ${study.models[study.models.length - 1].label}`;
  const slope = part.slope;
  const number = `${fixed(slope.value, 2, true)} logits a decade ${ends(slope, 2, 1)}`;
  let said = "";
  if (study.trend) {
    const does = DOES[/** @type {keyof typeof DOES} */ (slope.verdict)];
    said = does ? `${what} ${does}: ${span}, ${number}.` : `Whether ${what.replace(/^A/, "a")} moves with size cannot be told: ${span}, ${number}${slope.reason ? `; ${slope.reason}` : ""}.`;
  } else if (part.change) {
    said = `${what}: ${span}, ${points(part.change.change)}: ${part.change.verdict}. Two sizes allow a comparison and no trend.`;
  }
  const bound = outer && study.contrast.source !== "upper bound" ? "" : " Some of both is chance.";
  return `${study.made ? "Worked example. " : ""}${said} From ${a.label} to ${b.label} ${many(moved.gained, "question")} ${moved.gained === 1 ? "is" : "are"} gained and ${moved.lost.toLocaleString("en")} lost, of ${part.n.toLocaleString("en")}.${bound}`;
}

/** @param {any} study */
function warningsOf(study) {
  const warnings = [];
  if (study.made) warnings.push(`These answers were ${study.made}. Bring your own with: isoloss explore items.parquet`);
  if (!Object.keys(study.modes).length) warnings.push("No failure modes are known for these answers.");
  return warnings;
}

/** @param {any} study @param {any} now @param {any} moved @returns {Fact[]} */
function factsOf(study, { part, small, large, ends: outer, whole, mode }, moved) {
  const level = `${Math.round(100 * study.level)} %: `;
  const wide = (/** @type {any} */ e) => (known(e.low) && known(e.high) ? `${level}${ends(e).slice(1, -1).replace(", ", " to ")}` : "no interval: nothing is known of the errors");
  const a = study.models[small], b = study.models[large];
  const slope = part.slope;
  const draws = `the interval is of ${study.replicates.toLocaleString("en")} draws of the questions (seed ${study.seed})`;
  const one = (/** @type {number} */ i, /** @type {string} */ key) => {
    const e = part.accuracy[i], m = study.models[i];
    return { key, label: `accuracy of ${m.label}`, value: percent(e.value), interval: wide(e), explain: [`${Math.round(e.value * e.n).toLocaleString("en")} right of ${e.n.toLocaleString("en")} questions: ${plain(e.value, 6)}`, draws] };
  };
  /** @type {Fact[]} */
  const facts = [one(small, "small"), one(large, "large")];
  const difference = part.accuracy[large].value - part.accuracy[small].value;
  if (outer && part.change) {
    facts.push({ key: "change", label: "change", value: fixed(100 * part.change.change.value, 1, true), unit: "points", interval: `${wide(part.change.change)}; ${part.change.verdict}`, explain: [
      `(${moved.gained} gained − ${moved.lost} lost) / ${part.n} questions = ${plain(difference, 6)}`, `p ${related(part.change.p)} that gains and losses come from one coin (McNemar): ${part.change.verdict}`, draws] });
  } else {
    facts.push({ key: "change", label: "change", value: fixed(100 * difference, 1, true), unit: "points", interval: "no interval: it is drawn for the smallest and the largest model", explain: [`(${moved.gained} gained − ${moved.lost} lost) / ${part.n} questions = ${plain(difference, 6)}`] });
  }
  if (study.trend) {
    facts.push({ key: "slope", label: "trend over all sizes", value: fixed(slope.value, 2, true), unit: "logits a decade", interval: `${level}${ends(slope, 2, 1).slice(1, -1).replace(", ", " to ")}; ${slope.verdict}`, explain: [
      "the log odds of a right answer as a line over the log of the parameters, through all models", `q ${related(slope.q)} after adjusting for the number of tasks`, ...(slope.reason ? [slope.reason] : [])] });
  }
  facts.push(...lostFacts(study, small, large, whole, moved, wide, a, b));
  if (outer && whole) {
    const { format, capability, format_verdict, capability_verdict, valid_small, valid_large } = study.contrast;
    facts.push({ key: "format", label: "part that is format", value: fixed(100 * format.value, 1, true), unit: "points", interval: `${wide(format)}; ${format_verdict}`, explain: [
      `answers that can be read: ${percent(valid_small.value)} and ${percent(valid_large.value)}`, "the change of readable answers, at the mean accuracy among them (Kitagawa 1955)"] });
    facts.push({ key: "capability", label: "part that is capability", value: fixed(100 * capability.value, 1, true), unit: "points", interval: `${wide(capability)}; ${capability_verdict}`, explain: ["the change of accuracy among readable answers, at the mean share of them; both parts add up to the change"] });
  }
  const found = part.modes?.modes.find((/** @type {any} */ m) => m.name === mode);
  if (found) {
    const title = study.modes[mode].title;
    for (const i of [small, large]) facts.push({ key: `mode ${i === small ? "small" : "large"}`, label: `${title}, ${study.models[i].label}`, value: percent(found.rate[i].value), unit: "of questions", interval: wide(found.rate[i]), explain: [`${found.counts[i]} of ${part.modes.n} questions; ${percent(found.share[i].value)} ${ends(found.share[i])} of its ${part.modes.errors[i]} errors with a mode`] });
  }
  return facts;
}

/** Right answers lost and wrong ones mended.
 * @param {any} study @param {number} small @param {number} large @param {boolean} whole @param {any} moved
 * @param {(e: any) => string} wide @param {any} a @param {any} b
 * @returns {Fact[]}
 */
function lostFacts(study, small, large, whole, moved, wide, a, b) {
  const pair = whole ? pairOf(study, small, large) : undefined;
  const bound = study.contrast.source === "upper bound" ? "without a second run of one model chance is in it: an upper bound" : `the floor is known from ${study.contrast.source}`;
  const fact = (/** @type {string} */ key, /** @type {string} */ label, /** @type {number} */ count, /** @type {number} */ of, /** @type {any} */ rate, /** @type {string} */ words) => ({
    key, label, value: of >= FEW ? percent(rate?.value ?? count / of) : `${count} of ${of}`,
    interval: of < FEW ? `fewer than ${FEW} answers, so no rate is told` : rate ? wide(rate) : "no interval: it is drawn over all questions",
    explain: [`${count.toLocaleString("en")} of ${of.toLocaleString("en")} questions that ${a.name} ${words}`, bound],
  });
  return [
    fact("lost", `right answers lost by ${b.label}`, moved.lost, moved.right, pair?.regression, `gets right and ${b.name} fails`),
    fact("gained", `wrong answers mended by ${b.label}`, moved.gained, moved.wrong, pair?.fix, `fails and ${b.name} gets right`),
  ];
}

/** @param {any} study @param {any} now */
function program(study, { small, large }) {
  const text = JSON.stringify;
  const options = [study.condition ? `condition=${text(study.condition)}` : "", `replicates=${study.replicates}`, `seed=${study.seed}`].filter(Boolean).join(", ");
  const items = study.made ? "from isoloss.explore.errors_example import example_items\n\nitems = errors.label(example_items())" : '\nitems = errors.load_items("items.parquet")';
  return `from isoloss import errors\n${items}\nfound = errors.study(items, ${text(study.family)}, ${options})\nprint(errors.answer(found))\npair = errors.contrast(found.grid, ${text(study.models[small].name)}, ${text(study.models[large].name)}, replicates=${study.replicates}, seed=${study.seed})\nprint(pair.flips.regression, pair.flips.fix)\n`;
}
