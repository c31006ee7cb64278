// The library as a list: which laws fit what is asked for, and in which order.

import { freshId, make, say } from "isoloss/dom.js";
import { memo } from "isoloss/views/memo.js";

/** How a number was read, strongest first, with a mark of its own shape.
 * @type {Record<string, {mark: string, says: string, used: boolean}>}
 */
export const EVIDENCE = {
  "your runs": { mark: "★", says: "fitted to your own runs", used: true },
  primary: { mark: "●", says: "read in the paper itself", used: true },
  "author-code": { mark: "◆", says: "read in code, results or sources that the authors released", used: true },
  refit: { mark: "▲", says: "fitted again to the runs that the authors released", used: true },
  secondary: { mark: "■", says: "read in a note, survey or program that quotes the paper", used: true },
  abstract: { mark: "◇", says: "read in the abstract alone", used: false },
  memory: { mark: "○", says: "read nowhere: it circulates, and no source was seen", used: false },
  contradicted: { mark: "✕", says: "read in a source that other evidence contradicts", used: false },
};
export const SORTS = { family: "family", evidence: "evidence, strongest first", newest: "year, newest first", oldest: "year, oldest first", name: "name" };
const LEVELS = Object.keys(EVIDENCE);

/** @typedef {CatalogueLaw & {year: number, text: string, group: string, order: number}} Row */

/** A badge: shape and word. A formula may be well read and its numbers not at all.
 * @param {string} evidence
 * @param {boolean} [usable] whether its numbers can be relied on
 */
export function badge(evidence, usable = true) {
  const known = Object.hasOwn(EVIDENCE, evidence) ? EVIDENCE[evidence] : { mark: "–", says: "", used: false };
  const lacks = known.used && !usable;
  return make("span", { class: `evidence is-${known.used && usable ? "used" : "unused"}`, title: known.says }, make("i", { "aria-hidden": "true", text: known.mark }), `${evidence}${lacks ? ", numbers missing" : ""}`);
}

/** Every law that the page lists: fits of the page, then the library.
 * @param {Context} context
 * @returns {Row[]}
 */
export function rows(context) {
  const { bundle, laws } = context;
  const fits = [...laws.values()].filter((law) => law.entry.kind === "fit");
  return memo(bundle, `rows ${JSON.stringify(fits.map((law) => law.key))}`, () => {
    const own = fits.map(({ entry }) => ({
      key: entry.key, name: entry.name, family: "", formula: entry.formula, evidence: "your runs", usable: true, target: entry.target, unit: entry.unit,
      inputs: entry.variables.map((/** @type {VariableDocument} */ v) => v.name), modality: [], cite: entry.cite, url: "", pitfalls: 0,
    }));
    return [...own, ...bundle.catalogue].map((row, order) => {
      const group = row.family ? bundle.families[row.family] ?? row.family : "In this page";
      const year = Number(/\b(19|20)\d\d\b/.exec(`${row.cite} ${row.key}`)?.[0] ?? /(19|20)\d\d/.exec(row.key)?.[0] ?? NaN);
      // a set of numbers without a title has the name of the law alone
      const name = row.name.replace(/,\s*$/, `, ${(row.key.split(":")[1] ?? "").replace(/_/g, " ")}`);
      return { ...row, name, order, group, year, text: [row.key, name, group, row.formula, row.target, row.unit, row.cite, row.evidence, ...row.inputs, ...row.modality].join("\n").toLowerCase() };
    });
  });
}

/** Those that fit, in order.
 * @param {Row[]} all
 * @param {State} state
 */
export function fitting(all, state) {
  const words = String(state.words ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const is = (/** @type {unknown} */ wanted, /** @type {string} */ value) => !wanted || wanted === value;
  const found = all.filter((row) => is(state.family, row.family) && is(state.evidence, row.evidence) && is(state.target, row.target)
    && (!state.modality || row.modality.includes(String(state.modality))) && (!state.input || row.inputs.includes(String(state.input)))
    && (!state.usable || row.usable) && words.every((word) => row.text.includes(word)));
  const level = (/** @type {Row} */ row) => LEVELS.indexOf(row.evidence) + (row.usable ? 0 : 0.5);
  const year = (/** @type {Row} */ row, /** @type {number} */ way) => (Number.isFinite(row.year) ? way * row.year : Infinity);
  const by = {
    family: (/** @type {Row} */ a, /** @type {Row} */ b) => Number(Boolean(a.family)) - Number(Boolean(b.family)) || a.group.localeCompare(b.group, "en"),
    evidence: (/** @type {Row} */ a, /** @type {Row} */ b) => level(a) - level(b),
    newest: (/** @type {Row} */ a, /** @type {Row} */ b) => minus(year(a, -1), year(b, -1)),
    oldest: (/** @type {Row} */ a, /** @type {Row} */ b) => minus(year(a, 1), year(b, 1)),
    name: (/** @type {Row} */ a, /** @type {Row} */ b) => a.name.localeCompare(b.name, "en"),
  };
  const compare = by[/** @type {keyof typeof by} */ (String(state.sort))] ?? by.family;
  return found.sort((a, b) => compare(a, b) || a.order - b.order);
}

/** @param {number} a @param {number} b */
function minus(a, b) {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** What can be chosen in the filters, most frequent first, with how many laws there are.
 * @param {Row[]} all
 * @param {(row: Row) => string[]} of
 * @param {(value: string) => string} [label]
 */
function options(all, of, label = (value) => value) {
  const counts = new Map();
  for (const row of all) for (const value of of(row)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [{ value: "", label: "any" }, ...[...counts].filter(([value]) => value).sort((a, b) => b[1] - a[1]).map(([value, count]) => ({ value, label: `${label(value)} (${count})` }))];
}

/** The filters as fields; the view shows them itself.
 * @param {Context} context
 * @returns {Field[]}
 */
export function filters(context) {
  const all = rows(context);
  return memo(all, "filters", () => {
    const choice = (/** @type {string} */ key, /** @type {string} */ label, /** @type {{value: string, label: string}[]} */ found, start = "") => ({ kind: "choice", key, label, options: found, start, apart: true });
    return /** @type {Field[]} */ ([
      { kind: "text", key: "words", label: "Search", start: "", apart: true },
      choice("family", "Family", options(all, (row) => [row.family], (value) => context.bundle.families[value] ?? value)),
      choice("modality", "Modality", options(all, (row) => row.modality)),
      choice("evidence", "Evidence", options(all, (row) => [row.evidence])),
      choice("target", "Gives", options(all, (row) => [row.target])),
      choice("input", "Takes", options(all, (row) => row.inputs)),
      choice("sort", "Sorted by", Object.entries(SORTS).map(([value, label]) => ({ value, label })), "family"),
      { kind: "switch", key: "usable", label: "Only laws with numbers to rely on", start: false, apart: true },
    ]);
  });
}

/** The filters and the list.
 * @param {Context} context
 * @param {import("isoloss/controls.js").Controls} controls
 * @param {(key: string) => void} choose
 */
export function lawList(context, controls, choose) {
  const count = make("p", { class: "laws-count", role: "status" });
  const list = make("div", { class: "laws-rows", role: "listbox", "aria-label": "Laws; arrows move, Enter opens" });
  const more = make("details", { class: "laws-filters" }, make("summary", { text: "Narrow down and sort" }), controls.place);
  const search = make("input", { type: "search", id: freshId("field"), placeholder: "chinchilla, video, batch size …", autocomplete: "off", spellcheck: "false" });
  const clear = make("button", { type: "button", onclick: () => context.change({ words: "", family: "", modality: "", evidence: "", target: "", input: "", usable: false }, true) }, "Show all");
  search.addEventListener("input", () => context.change({ words: search.value }));
  search.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    /** @type {HTMLElement | null} */ (list.querySelector("[tabindex='0']"))?.focus();
  });
  const node = make("section", { class: "laws-list", "aria-label": "The library" },
    make("div", { class: "field" }, make("label", { for: search.id, text: "Search the library" }), search), more, make("div", { class: "laws-told" }, count, clear), list);
  list.addEventListener("keydown", (event) => keys(event, list, choose));
  list.addEventListener("click", (event) => {
    const row = /** @type {HTMLElement} */ (event.target).closest("[role=option]");
    if (row instanceof HTMLElement) choose(row.dataset.key ?? "");
  });
  /** @type {Map<string, HTMLElement>} */
  const known = new Map();
  let shown = "", marked = "";
  const update = (/** @type {State} */ state) => {
    if (search !== document.activeElement || search.value !== String(state.words)) search.value = String(state.words);
    const all = rows(context);
    const found = fitting(all, state);
    const narrowed = ["words", "family", "modality", "evidence", "target", "input", "usable"].some((key) => state[key]);
    say(count, found.length === all.length ? `${all.length} laws` : `${found.length} of ${all.length} laws`);
    clear.hidden = !narrowed;
    const signature = `${state.sort}\n${found.map((row) => row.key).join("\n")}`;
    if (signature !== shown) {
      shown = signature;
      list.replaceChildren(...nodes(found, known, state.sort === "family"));
      if (!found.length) list.append(make("p", { class: "soft", text: "No law fits. Take back a filter." }));
      marked = "";
    }
    const key = String(state.law);
    if (key !== marked) {
      marked = key;
      for (const [name, row] of known) row.setAttribute("aria-selected", String(name === key));
      const options = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=option]")]);
      const current = options.find((row) => row.dataset.key === key);
      for (const row of options) row.tabIndex = row === (current ?? options[0]) ? 0 : -1;
      // only the list scrolls, never the page
      if (current && !list.contains(document.activeElement)) list.scrollTop = Math.max(0, current.offsetTop - list.offsetTop - list.clientHeight / 3);
    }
  };
  return { node, update };
}

/** @param {Row[]} found @param {Map<string, HTMLElement>} known @param {boolean} grouped */
function nodes(found, known, grouped) {
  const made = [];
  let group = "";
  /** @type {HTMLElement | null} */
  let place = null;
  for (const row of found) {
    let node = known.get(row.key);
    if (!node) {
      node = make("div", { role: "option", tabindex: "-1", "data-key": row.key, "aria-selected": "false" },
        make("span", { class: "name", text: row.name }),
        make("span", { class: "told" }, badge(row.evidence, row.usable), make("span", { text: Number.isFinite(row.year) ? String(row.year) : "" }), make("span", { class: "gives", text: `${row.target} of ${row.inputs.slice(0, 4).join(", ")}${row.inputs.length > 4 ? ", …" : ""}` })));
      known.set(row.key, node);
    }
    if (!grouped) made.push(node);
    else {
      if (!place || row.group !== group) {
        group = row.group;
        const id = freshId("group");
        place = make("div", { role: "group", "aria-labelledby": id }, make("div", { id, class: "laws-group", role: "presentation", text: group }));
        made.push(place);
      }
      place.append(node);
    }
  }
  return made;
}

/** @param {KeyboardEvent} event @param {HTMLElement} list @param {(key: string) => void} choose */
function keys(event, list, choose) {
  const options = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[role=option]")]);
  const at = options.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  if (at < 0) return;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: options.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    const next = options[Math.min(options.length - 1, Math.max(0, to))];
    options[at].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  } else if (event.key === "Enter" || event.key === " ") {
    event.preventDefault();
    choose(options[at].dataset.key ?? "");
  }
}

