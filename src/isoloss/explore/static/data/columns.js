// Which column is which quantity, in which unit, counted how; and what is remarkable about the runs.

import { freshId, make, optionNodes, say } from "isoloss/dom.js";
import { shown } from "isoloss/numbers.js";
import { readPairs, writePairs } from "isoloss/data/pairs.js";

const ALWAYS = ["N", "D", "loss"];
const OTHER = "\u0000expression";
/** Notices that say what was understood, not what is odd. */
const UNDERSTOOD = /^(guessed-|encoding)/;

export class Columns {
  /** @param {(part: State) => void} change @param {any} choices */
  constructor(change, choices) {
    this.change = change;
    this.quantities = new Map(choices.quantities.map((/** @type {any} */ one) => [one.name, one]));
    /** @type {Map<string, any>} */
    this.rows = new Map();
    this.table = /** @type {any} */ (null);
    this.state = /** @type {State} */ ({});
    this.list = make("div", { class: "mapping" });
    const addId = freshId("add"), whereId = freshId("where"), perId = freshId("per"), targetId = freshId("target");
    this.adding = make("input", { type: "text", id: addId, list: `${addId}-names`, autocomplete: "off", spellcheck: "false", placeholder: "U, C, lr …" });
    this.known = make("datalist", { id: `${addId}-names` });
    const add = () => {
      const name = this.adding.value.trim();
      if (!/^[A-Za-z_]\w*$/.test(name)) return;
      this.adding.value = "";
      this.open(name);
    };
    this.adding.addEventListener("keydown", (event) => { if (event.key === "Enter") add(); });
    this.target = make("select", { id: targetId, onchange: () => this.change({ target: this.target.value }) });
    this.where = make("textarea", { id: whereId, rows: 2, spellcheck: "false", placeholder: "D/N > 1", onchange: () => this.change({ where: this.where.value.trim() }) });
    this.per = make("input", { type: "text", id: perId, autocomplete: "off", onchange: () => this.change({ per: this.per.value.trim() }) });
    this.perField = make("div", { class: "field" }, make("label", { for: perId, text: "Bytes per token: a number or a column" }), this.per);
    this.trouble = make("p", { class: "trouble", role: "alert", hidden: true });
    this.read = make("p", { class: "told", role: "status" });
    this.problems = make("ul", { class: "warnings" });
    this.node = make("section", { "aria-label": "Columns" },
      make("h2", { text: "What the columns are" }), this.list,
      make("div", { class: "beside" },
        make("div", { class: "field" }, make("label", { for: addId, text: "Another input" }), make("span", { class: "row" }, this.adding, make("button", { type: "button", onclick: add }, "Add")), this.known),
        make("div", { class: "field" }, make("label", { for: targetId, text: "The law predicts" }), this.target),
        this.perField,
        make("div", { class: "field" }, make("label", { for: whereId, text: "Keep rows where (one condition a line)" }), this.where)),
      this.trouble, this.read, this.problems);
  }

  /** @param {any} table @param {State} state */
  show(table, state) {
    if (table !== this.table) {
      this.table = table;
      this.rows.clear();
      this.list.replaceChildren();
    }
    this.state = state;
    const map = this.map();
    for (const name of new Set([...ALWAYS.filter((one) => this.quantities.has(one) && (one !== "loss" || !("accuracy" in map || "error" in map))), ...Object.keys(map)])) if (!this.rows.has(name)) this.row(name);
    for (const [name, row] of this.rows) row.set(map[name] ?? "", readPairs(state.units)[name] ?? "", readPairs(state.counted)[name] ?? "");
    const names = Object.keys(map);
    const known = ["loss", "accuracy", "error"].find((name) => name in map) ?? "nothing yet";
    if (names.join() !== this.target.dataset.names) {
      this.target.dataset.names = names.join();
      this.target.replaceChildren(...optionNodes([{ value: "", label: known }, ...names.map((value) => ({ value, label: value }))]));
      this.known.replaceChildren(...[...this.quantities.keys()].filter((name) => !this.rows.has(name)).map((value) => make("option", { value })));
    }
    this.target.value = String(state.target ?? "");
    if (document.activeElement !== this.where) this.where.value = String(state.where ?? "");
    if (document.activeElement !== this.per) this.per.value = String(state.per ?? "");
    this.perField.hidden = !Object.values(readPairs(state.units)).some((unit) => unit.endsWith("/byte")) && !state.per;
  }

  map() {
    return this.state.map ? readPairs(this.state.map) : { ...(this.table?.guess.map ?? {}) };
  }

  /** @param {string} name */
  open(name) {
    if (!this.rows.has(name)) this.row(name);
    this.rows.get(name).select.focus();
  }

  /** One quantity: its column or an expression, unit, how it is counted. @param {string} name */
  row(name) {
    const kind = this.quantities.get(name) ?? this.quantities.get(name.split("_")[0]);
    const id = freshId("column");
    const columns = this.table.columns.map((/** @type {any} */ one) => ({ value: one.name, label: one.numbers ? one.name : `${one.name} (no numbers)` }));
    const select = make("select", { id }, ...optionNodes([{ value: "", label: "not used" }, ...columns, { value: OTHER, label: "computed from columns …" }]));
    const typed = make("input", { type: "text", spellcheck: "false", autocomplete: "off", "aria-label": `${name}, computed as`, placeholder: "flops/(6*params)", hidden: true });
    const units = kind ? make("select", { "aria-label": `Unit of ${name}` }, ...optionNodes([{ value: "", label: kind.unit }, ...kind.units.map((/** @type {string} */ value) => ({ value, label: value }))])) : null;
    const counted = kind?.conventions.length ? make("select", { "aria-label": `How ${name} is counted` }, ...optionNodes([{ value: "", label: "not said how counted" }, ...kind.conventions.map((/** @type {string} */ value) => ({ value, label: value }))])) : null;
    const range = make("span", { class: "range" });
    const put = (/** @type {string} */ text) => this.change({ map: writePairs({ ...this.map(), [name]: text }) });
    select.addEventListener("change", () => {
      typed.hidden = select.value !== OTHER;
      if (select.value === OTHER) typed.focus();
      else put(select.value);
    });
    typed.addEventListener("change", () => put(typed.value.trim()));
    units?.addEventListener("change", () => this.change({ units: writePairs({ ...readPairs(this.state.units), [name]: units.value }) }));
    counted?.addEventListener("change", () => this.change({ counted: writePairs({ ...readPairs(this.state.counted), [name]: counted.value }) }));
    const node = make("div", { class: "quantity" },
      make("label", { for: id }, make("b", { text: name }), kind ? ` ${kind.meaning}` : " an input of your own"),
      make("span", { class: "row" }, select, typed, units, counted), range);
    const set = (/** @type {string} */ text, /** @type {string} */ unit, /** @type {string} */ how) => {
      const plain = !text || this.table.columns.some((/** @type {any} */ one) => one.name === text);
      if (document.activeElement !== typed && !(select.value === OTHER && document.activeElement === select)) {
        select.value = plain ? text : OTHER;
        typed.hidden = plain;
        if (!plain) typed.value = text;
      }
      if (units) units.value = unit;
      if (counted) counted.value = how;
      node.classList.toggle("unused", !text);
      if (!text) say(range, "");
    };
    /** What is taken where nothing is chosen. @param {string} unit @param {string} how */
    const taken = (unit, how) => {
      if (units && !units.value && unit) say(units.options[0], unit);
      if (counted && !counted.value && how) say(counted.options[0], how === "unspecified" ? "not said how counted" : how);
    };
    this.rows.set(name, { select, set, range, taken });
    this.list.append(node);
  }

  /** What the server found. @param {any} found @param {string} error */
  found(found, error) {
    say(this.trouble, error);
    this.trouble.hidden = !error;
    if (!found) {
      say(this.read, "");
      this.problems.replaceChildren();
      return;
    }
    for (const [name, { range, taken }] of this.rows) {
      const ends = found.ranges[name];
      const base = (this.quantities.get(name) ?? this.quantities.get(name.split("_")[0]))?.unit ?? "";
      const how = found.conventions[name];
      taken(found.units[name], how);
      say(range, ends ? `${shown(ends[0], base)} to ${shown(ends[1], base)} ${base}${found.units[name] && found.units[name] !== base ? `, from ${found.units[name]}` : ""}` : "");
    }
    const odd = found.notices.filter((/** @type {any} */ one) => !UNDERSTOOD.test(one.code));
    const left = found.records - found.n;
    say(this.read, `${found.n} runs of ${found.inputs.join(", ")}, predicting ${found.target}${left > 0 ? `; ${left} rows are left out` : ""}. ${odd.length ? `${odd.length} ${odd.length > 1 ? "things" : "thing"} to know:` : "Nothing odd was found in the table."}`);
    this.problems.replaceChildren(...odd.map((/** @type {any} */ one) => make("li", { text: one.remedy ? `${one.message}. ${one.remedy.replace(/^./, (/** @type {string} */ c) => c.toUpperCase())}.` : `${one.message}.` })));
  }
}
