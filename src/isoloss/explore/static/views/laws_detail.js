// One law in full: its formula, its numbers as printed, its inputs, where it was read, its traps.

import { make, tableOf } from "isoloss/dom.js";
import { formulaNode, nameNode } from "isoloss/formula.js";
import { interval, plain, precise, shown } from "isoloss/numbers.js";
import { sentence } from "isoloss/views/errors_study.js";
import { badge, rows } from "isoloss/views/laws_list.js";

/** What the library knows of a set of numbers.
 * @param {Context} context
 * @param {string} key
 */
export function known(context, key) {
  const id = key.split(":")[0];
  const registry = context.bundle.registry ?? {};
  const law = Object.hasOwn(registry, id) ? registry[id] : null;
  const set = law && Object.hasOwn(law.sets, key) ? law.sets[key] : null;
  return { law, set };
}

/** Title, evidence and formula.
 * @param {Context} context
 * @param {string} key
 * @param {import("isoloss/views/laws_list.js").Row | undefined} row
 */
export function headNodes(context, key, row) {
  const entry = context.laws.get(key)?.entry;
  const { law } = known(context, key);
  const formula = law?.formula ?? entry?.formula_nodes;
  const words = row?.formula ?? entry?.formula ?? "";
  return [
    make("h2", { text: row?.name ?? entry?.name ?? key }),
    make("p", { class: "laws-line" }, badge(row?.evidence ?? entry?.evidence ?? "", row?.usable ?? true), make("span", { text: row?.group ?? "" }), make("span", { text: [...(row?.modality ?? [])].join(", ") }), make("code", { text: key })),
    make("div", { class: "lawbox", tabindex: "0", role: "region", "aria-label": "Formula" }, formula ? formulaNode(formula, words) : make("code", { text: words })),
  ];
}

/** Everything below the answer.
 * @param {Context} context
 * @param {string} key
 * @param {import("isoloss/views/laws_list.js").Row | undefined} row
 * @param {(key: string) => void} choose
 */
export function detailNodes(context, key, row, choose) {
  const { law, set } = known(context, key);
  const loaded = context.laws.get(key);
  const entry = loaded?.entry;
  /** @type {(HTMLElement | null)[]} */
  const nodes = [];
  nodes.push(section("Numbers", set ? printed(set, row) : entry ? fitted(loaded) : null));
  if (set?.unseen.length) nodes.push(make("p", { class: "soft", text: `Not read in any source: ${set.unseen.join(", ")}.` }));
  nodes.push(section("Inputs", set ? inputs(set) : entry ? inputsOfFit(entry) : null));
  if (set?.note) nodes.push(make("p", { class: "soft", text: sentence(set.note) }));
  const setup = law?.setup ?? entry?.setup ?? {};
  if (Object.keys(setup).length) nodes.push(section("What was trained", make("dl", { class: "laws-setup" }, ...Object.entries(setup).flatMap(([name, text]) => [make("dt", { text: name.replace(/_/g, " ") }), make("dd", { text: String(text) })]))));
  const pitfalls = law?.pitfalls ?? entry?.pitfalls ?? [];
  if (pitfalls.length) nodes.push(section("Traps", make("ul", { class: "laws-traps" }, ...pitfalls.map((/** @type {string} */ text) => make("li", { text })))));
  if (law?.optimum) nodes.push(section("Best allocation", make("p", { text: sentence(law.optimum) })));
  if (law?.misstated.length) nodes.push(section("Wrong forms in circulation", tableOf({ head: ["stated", "where", "right"], rows: law.misstated.map((one) => [one.stated, one.where, one.correct]) }, "Wrong forms in circulation")));
  nodes.push(section("Read in", sources(context, law?.sources ?? (entry?.cite ? [{ cite: entry.cite, where: entry.where ?? "", url: entry.url ?? "" }] : []))));
  const listed = new Set(rows(context).map((one) => one.key));
  const others = law ? Object.entries(law.sets).filter(([name]) => name !== key && listed.has(name)) : [];
  if (others.length) {
    nodes.push(section("Other numbers of this law", make("div", { class: "laws-sets" }, ...others.map(([name, one]) =>
      make("button", { type: "button", onclick: () => choose(name) }, one.set.replace(/_/g, " "))))));
  }
  return nodes.filter((node) => node !== null);
}

/** @param {string} title @param {HTMLElement | null} inside */
function section(title, inside) {
  return inside ? make("section", null, make("h3", { text: title }), inside) : null;
}

/** Numbers as their source prints them.
 * @param {RegistrySet} set
 * @param {import("isoloss/views/laws_list.js").Row | undefined} row
 */
function printed(set, row) {
  if (!set.numbers.length) return make("p", { class: "soft", text: "No source that was read prints them." });
  const alike = set.numbers.every((one) => one.evidence === row?.evidence);
  const error = (/** @type {RegistrySet["numbers"][0]} */ one) => (one.exact ? "exact" : one.interval ? `${Math.round(100 * (one.level ?? 0.95))} %: ${plain(one.interval[0], 5)} to ${plain(one.interval[1], 5)}` : one.se !== undefined ? `± ${plain(one.se, 4)}` : "none printed");
  const about = (/** @type {RegistrySet["numbers"][0]} */ one) => [one.meaning, one.where, one.note].filter(Boolean).join("; ");
  const told = set.numbers.some(about);
  const head = ["number", "as printed", "error", ...(alike ? [] : ["evidence"]), ...(told ? ["about it"] : [])];
  const table = make("table", null, make("thead", null, make("tr", null, ...head.map((text, i) => make("th", { scope: "col", class: i === 1 ? "num" : null, text })))),
    make("tbody", null, ...set.numbers.map((one) => make("tr", null, make("th", { scope: "row" }, nameNode(one.name)), make("td", { class: "num", text: one.printed.replace(/-/g, "−") }), make("td", { text: error(one) }),
      alike ? null : make("td", null, badge(one.evidence)), told ? make("td", { text: about(one) }) : null))));
  return make("div", null, make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Numbers" }, table),
    make("p", { class: "soft", text: `${set.where ? `${sentence(set.where)} ` : ""}Digits are those of the source, in the units that its formula takes.${set.correlation ? ` How their errors go together: ${sentence(set.correlation)}` : ""}` }));
}

/** Numbers of a fit, with the intervals of its draws.
 * @param {import("isoloss/law.js").Law} law
 */
function fitted(law) {
  const column = (/** @type {number} */ i) => Float64Array.from({ length: law.count }, (_, row) => law.draws[row * law.width + i]);
  const level = Math.round(100 * law.level);
  return tableOf({
    head: ["number", "value", `${level} % interval`, "meaning"],
    rows: law.entry.parameters.map((p, i) => {
      const [low, high] = law.count ? interval(column(i), law.level) : [NaN, NaN];
      const spread = Math.abs(high - low) / 3.3;
      return [p.name, precise(p.value, spread), Number.isFinite(spread) ? `${precise(low, spread)} to ${precise(high, spread)}` : "none", p.meaning];
    }),
  }, "Numbers of the fit");
}

/** @param {RegistrySet} set */
function inputs(set) {
  const span = (/** @type {RegistrySet["inputs"][0]} */ one) => (one.range ? `${shown(one.range[0], one.unit)} to ${shown(one.range[1], one.unit)}` : "not stated");
  return inputTable(set.inputs.map((one) => [one.name, one.unit || "a number", one.counts || "not stated", span(one), one.meaning]));
}

/** @param {EntryDocument} entry */
function inputsOfFit(entry) {
  return inputTable(entry.variables.map((v) => [v.name, v.unit || "a number", v.counts || "as your runs count", v.known ? `${shown(v.low, v.unit)} to ${shown(v.high, v.unit)}` : "not stated", v.meaning]));
}

/** @param {string[][]} lines */
function inputTable(lines) {
  const head = ["input", "unit", "counts", "fitted range", "meaning"];
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Inputs" }, make("table", null,
    make("thead", null, make("tr", null, ...head.map((text) => make("th", { scope: "col", text })))),
    make("tbody", null, ...lines.map(([name, ...rest]) => make("tr", null, make("th", { scope: "row" }, nameNode(name)), ...rest.map((text) => make("td", { text })))))));
}

/** Where it was read. A page with a server links to it; one from a disk may have no network.
 * @param {Context} context
 * @param {{cite: string, where: string, url: string}[]} found
 */
function sources(context, found) {
  if (!found.length) return null;
  const address = (/** @type {string} */ url) => (context.bundle.server && /^https?:\/\//.test(url)
    ? make("a", { href: url, rel: "noreferrer noopener", target: "_blank", text: url }) : make("span", { class: "address", text: url }));
  return make("ul", { class: "laws-sources" }, ...found.map(({ cite, where, url }) => make("li", null, make("span", { text: cite }), where ? make("span", { class: "soft", text: `, ${where}` }) : null, url ? make("br") : null, url ? address(url) : null)));
}
