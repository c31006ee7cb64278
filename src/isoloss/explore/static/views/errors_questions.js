// Single questions of an error study, to look at: filtered, searched, page by page. Their texts come
// from logs of others and are only ever put in as text.

import { freshId, make, optionNodes, say } from "isoloss/dom.js";
import { answers, fitting, many, NONE, read } from "isoloss/views/errors_study.js";

export const PAGE = 10;
export const WHICH = {
  any: "all",
  lost: "lost: the smaller is right, the larger wrong",
  gained: "gained: the larger is right, the smaller wrong",
  wrong: "both wrong", right: "both right",
  never: "no model is right", always: "every model is right",
};

/** The page that is shown, from 0.
 * @param {State} state
 * @param {number} count
 */
export function pageOf(state, count) {
  const last = Math.max(0, Math.ceil(count / PAGE) - 1);
  return Math.min(last, Math.max(0, Math.round(Number(state.page ?? 1)) - 1));
}

/** The list, with its own controls.
 * @param {Context} context
 * @param {() => any} current the study that is shown
 */
export function questionList(context, current) {
  const which = make("select", null, ...optionNodes(Object.entries(WHICH).map(([value, label]) => ({ value, label }))));
  which.addEventListener("change", () => context.change({ which: which.value, page: 1 }, true));
  const who = make("select");
  who.addEventListener("change", () => context.change({ who: who.value, page: 1 }, true));
  const find = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  find.addEventListener("input", () => context.change({ find: find.value, page: 1 }));
  const count = make("p", { class: "errors-count", role: "status" });
  const list = make("div", { class: "errors-list" });
  const before = make("button", { type: "button" }, "Earlier"), after = make("button", { type: "button" }, "Later");
  const place = make("span");
  const pages = make("nav", { class: "errors-pages", "aria-label": "Pages of questions" }, before, place, after);
  let shown = { page: 0, last: 0 };
  const turn = (/** @type {number} */ by) => {
    const next = Math.min(shown.last, Math.max(0, shown.page + by));
    if (next !== shown.page) context.change({ page: next + 1 }, true);
    // the button may have gone dead under the hand
    heading.focus();
  };
  before.addEventListener("click", () => turn(-1));
  after.addEventListener("click", () => turn(1));
  const heading = make("h2", { tabindex: "-1", text: "Questions to look at" });
  const labelled = (/** @type {string} */ text, /** @type {HTMLElement} */ control) => {
    control.id = freshId("field");
    return make("div", { class: "field" }, make("label", { for: control.id, text }), control);
  };
  const node = make("section", { class: "errors-questions" }, heading,
    make("div", { class: "errors-filters" }, labelled("Questions", which), labelled("Mistake made by", who), labelled("Search in texts", find)), count, list, pages);

  let whoNames = "", listed = "";
  /** @type {Map<string, HTMLElement>} */
  let known = new Map();
  /** @type {any} */
  let knownOf = null;

  const update = (/** @type {State} */ state) => {
    const study = current();
    if (study !== knownOf) {
      known = new Map();
      knownOf = study;
      listed = "";
    }
    const names = JSON.stringify(study.models);
    if (names !== whoNames) {
      whoNames = names;
      who.replaceChildren(...optionNodes([{ value: "", label: "any model" }, ...study.models.map((/** @type {any} */ m) => ({ value: m.name, label: `${m.name} (${m.label})` }))]));
    }
    which.value = String(state.which);
    who.value = String(state.who);
    if (find !== document.activeElement || find.value !== String(state.find)) find.value = String(state.find);
    const { all, readable, searched } = fitting(study, state);
    shown = { page: pageOf(state, readable.length), last: Math.max(0, Math.ceil(readable.length / PAGE) - 1) };
    const { small, large, mode, whole, part } = read(study, state);
    say(count, words(study, state, all, readable.length, searched));
    const indices = readable.slice(shown.page * PAGE, (shown.page + 1) * PAGE);
    const signature = JSON.stringify([indices, small, large, mode, whole, part.name]);
    if (signature !== listed) {
      listed = signature;
      list.replaceChildren(...indices.map((i) => {
        const key = `${i} ${small} ${large}`;
        const found = known.get(key) ?? questionNode(study, i, small, large);
        known.set(key, found);
        return found;
      }));
    }
    pages.hidden = readable.length <= PAGE;
    before.disabled = shown.page === 0;
    after.disabled = shown.page === shown.last;
    say(place, `${shown.page + 1} of ${shown.last + 1}`);
  };
  return { node, update };
}

/** How many questions fit, in words.
 * @param {any} study
 * @param {State} state
 * @param {number} all
 * @param {number} readable
 * @param {boolean} searched
 */
export function words(study, state, all, readable, searched) {
  const { mode, part, whole } = read(study, state);
  const where = [whole ? "" : `of “${part.name}”`, mode === NONE ? "" : `with the mistake “${study.modes[mode].title}”`].filter(Boolean).join(" ");
  const fit = `${all.toLocaleString("en")} of ${many(study.count, "question")} ${all === 1 ? "fits" : "fit"}${where ? ` (${where})` : ""}`;
  const held = study.questions.length < study.count ? `; the texts of ${study.questions.length.toLocaleString("en")}, some of every kind, are in this page` : "";
  if (searched) return `${fit}${held}. ${readable.toLocaleString("en")} that can be read here ${readable === 1 ? "holds" : "hold"} the words.`;
  return readable === all ? `${fit}.` : `${fit}${held}: ${readable.toLocaleString("en")} of the fitting ones can be read here.`;
}

/** One question, closed: what is asked and who is right; open: everything.
 * @param {any} study
 * @param {number} index
 * @param {number} small
 * @param {number} large
 */
function questionNode(study, index, small, large) {
  const question = study.questions[index];
  const { codes, tasks, count } = answers(study);
  const right = (/** @type {number} */ model) => codes[model * count + question.at] === 0;
  const models = study.models;
  const marks = models.map((/** @type {any} */ m, /** @type {number} */ i) =>
    make("span", { class: right(i) ? "yes" : "no", title: `${m.name}: ${right(i) ? "right" : "wrong"}` }, right(i) ? "✓" : "✗"));
  const told = models.map((/** @type {any} */ m, /** @type {number} */ i) => `${m.label} ${right(i) ? "right" : "wrong"}`).join(", ");
  const task = study.parts.find((/** @type {any} */ part) => part.task === tasks[question.at]);
  const moved = right(small) === right(large) ? "" : right(small) ? "lost" : "gained";
  const details = make("details", { class: "errors-question" },
    make("summary", null,
      make("span", { class: "asked", text: question.question || `Question ${question.item}` }),
      make("span", { class: "marks" }, make("span", { "aria-hidden": "true" }, ...marks), make("span", { class: "unseen", text: told }), moved ? make("span", { class: `moved ${moved}`, text: moved }) : null)));
  // most questions are never opened
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(inside(study, question, task, small, large));
  });
  return details;
}

/** @param {any} study @param {any} question @param {any} task @param {number} small @param {number} large */
function inside(study, question, task, small, large) {
  const { codes, count } = answers(study);
  const modes = Object.values(study.modes);
  const wrote = question.wrote.some(Boolean);
  const mode = (/** @type {number} */ i) => {
    const code = codes[i * count + question.at];
    return code === 0 ? "right" : code === 1 ? "wrong" : `wrong: ${/** @type {any} */ (modes[code - 2])?.title ?? "no mode known"}`;
  };
  const head = ["model", "answer", "right or wrong", ...(wrote ? ["what it wrote"] : [])];
  return make("div", { class: "errors-inside" },
    make("p", { class: "asked", text: question.question || "The log holds no text of this question." }),
    question.options.length ? make("ul", { class: "options-asked" }, ...question.options.map((/** @type {string[]} */ [letter, text]) => make("li", null, letter ? make("b", { text: `${letter} ` }) : null, text))) : null,
    make("p", null, "Right answer: ", make("b", { text: question.gold || "not known" }), make("span", { class: "soft", text: `${task ? ` · ${task.name}` : ""} · ${question.item}` })),
    make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Answers of every model to ${question.item}` }, make("table", null,
      make("thead", null, make("tr", null, ...head.map((text) => make("th", { scope: "col", text })))),
      make("tbody", null, ...study.models.map((/** @type {any} */ m, /** @type {number} */ i) => make("tr", { class: i === small || i === large ? "compared" : null },
        make("th", { scope: "row", text: m.name }), make("td", { text: question.said[i] ?? "none could be read" }), make("td", { class: codes[i * count + question.at] === 0 ? "yes" : "no", text: `${codes[i * count + question.at] === 0 ? "✓" : "✗"} ${mode(i)}` }),
        wrote ? make("td", { class: "wrote", text: question.wrote[i] ?? "" }) : null))))));
}
