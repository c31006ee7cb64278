// The controls of a view: a slider with a typed value beside it, a choice, several choices, a switch.
// Sliders are the browser's own, so that arrows, Page, Home, End and touch work as everywhere.

import { freshId, make, optionNodes, say } from "isoloss/dom.js";
import { readAmount, shown } from "isoloss/numbers.js";

const STEPS = 400;

/** The controls as elements that stay while their values change.
 * @param {(key: string, value: string | number | boolean) => void} change
 * @param {{name: string, factor: number, of: string}[]} units
 */
export class Controls {
  /**
   * @param {(key: string, value: string | number | boolean) => void} change
   * @param {Bundle["units"]} units
   */
  constructor(change, units) {
    this.change = change;
    this.units = units;
    this.place = make("div", { class: "controls" });
    /** @type {Map<string, {signature: string, node: HTMLElement, set: (field: any, value: any) => void}>} */
    this.known = new Map();
    /** @type {Map<string, {node: HTMLElement, place: HTMLElement, summary: HTMLElement}>} */
    this.folds = new Map();
  }

  /** Show these fields with these values; elements of fields that stay are kept.
   * @param {Field[]} fields
   * @param {State} state
   */
  update(fields, state) {
    /** @type {HTMLElement[]} */
    const wanted = [];
    /** @type {Map<string, HTMLElement[]>} */
    const folded = new Map();
    /** @type {Map<string, number>} */
    const changed = new Map();
    for (const field of fields.filter((one) => !one.apart)) {
      const signature = `${field.kind} ${field.label} ${"options" in field ? JSON.stringify(field.options) : ""} ${field.help ?? ""}`;
      let found = this.known.get(field.key);
      if (!found || found.signature !== signature) {
        const built = this.build(field);
        found = { signature, ...built };
        this.known.set(field.key, found);
      }
      found.set(field, state[field.key] ?? field.start);
      if (!field.fold) {
        wanted.push(found.node);
        continue;
      }
      const { node } = this.fold(field.fold);
      if (!wanted.includes(node)) wanted.push(node);
      folded.set(field.fold, [...folded.get(field.fold) ?? [], found.node]);
      // what differs from its start is not hidden from who comes by a link
      if ((state[field.key] ?? field.start) !== field.start) changed.set(field.fold, (changed.get(field.fold) ?? 0) + 1);
    }
    for (const [words, nodes] of folded) {
      const { place, summary } = this.fold(words), count = changed.get(words);
      arrange(place, nodes);
      say(summary, count ? `${words}: ${count} changed` : words);
    }
    arrange(this.place, wanted);
  }

  /** @param {string} words */
  fold(words) {
    const found = this.folds.get(words);
    if (found) return found;
    const place = make("div", { class: "controls" });
    const summary = make("summary", { text: words });
    const made = { place, summary, node: make("details", { class: "fold" }, summary, place) };
    this.folds.set(words, made);
    return made;
  }

  /** @param {Field} field */
  build(field) {
    if (field.kind === "slider") return this.slider(field);
    if (field.kind === "choice") return this.choice(field);
    if (field.kind === "several") return this.several(field);
    if (field.kind === "text") return this.text(field);
    return this.toggle(field);
  }

  /** @param {Extract<Field, {kind: "slider"}>} first */
  slider(first) {
    let field = first;
    const id = freshId("field");
    const range = make("input", { type: "range", id, min: "0", max: String(STEPS), step: "1", "aria-describedby": `${id}-help` });
    const typed = make("input", { type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false", "aria-label": `${first.label}, typed`, "aria-describedby": `${id}-error` });
    const error = make("p", { class: "error", id: `${id}-error`, hidden: true });
    const words = (/** @type {number} */ x) => (field.shown ? field.shown(x) : `${shown(x, field.unit)}${field.unit && field.unit !== "1" ? ` ${field.unit}` : ""}`);
    const toShare = (/** @type {number} */ x) => {
      const { low, high, log } = field;
      const share = log ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low);
      return Math.min(1, Math.max(0, share));
    };
    const fromShare = (/** @type {number} */ share) => {
      const { low, high, log } = field;
      if (share <= 0) return low;
      if (share >= 1) return high;
      const x = log ? low * (high / low) ** share : low + (high - low) * share;
      return field.whole ? Math.max(1, Math.round(x)) : Number(x.toPrecision(6));
    };
    const send = (/** @type {number} */ value) => this.change(field.key, value);
    range.addEventListener("input", () => send(fromShare(Number(range.value) / STEPS)));
    // a whole number may stay the same for a few small steps: an arrow always moves it by one
    range.addEventListener("keydown", (event) => {
      if (!field.whole) return;
      const way = event.key === "ArrowRight" || event.key === "ArrowUp" ? 1 : event.key === "ArrowLeft" || event.key === "ArrowDown" ? -1 : 0;
      if (!way) return;
      event.preventDefault();
      const now = Number(range.dataset.value);
      send(Math.min(field.high, Math.max(field.low, now + way)));
    });
    const read = () => {
      const text = typed.value;
      const value = field.read ? field.read(text) : readAmount(text, this.units);
      const good = Number.isFinite(value) && (!field.log || value > 0) && (!field.whole || Number.isInteger(value));
      error.hidden = good;
      typed.setAttribute("aria-invalid", String(!good));
      if (!good) {
        say(error, `${text ? `“${text}” is no ${field.whole ? "whole number" : "amount"}` : "Nothing was typed"}; write one such as ${words(fromShare(0.5))}`);
        return;
      }
      send(value);
    };
    typed.addEventListener("change", read);
    typed.addEventListener("keydown", (event) => {
      if (event.key === "Enter") read();
      if (event.key === "Escape") typed.value = words(Number(range.dataset.value));
    });
    const help = make("p", { class: "help", id: `${id}-help`, text: first.help ?? "" });
    help.hidden = !first.help;
    const node = make("div", { class: "field" }, make("label", { for: id, text: first.label }), typed, range, help, error);
    const set = (/** @type {Extract<Field, {kind: "slider"}>} */ now, /** @type {number} */ value) => {
      field = now;
      const number = Number(value);
      const place = String(Math.round(toShare(number) * STEPS));
      if (range.value !== place) range.value = place;
      range.dataset.value = String(number);
      range.setAttribute("aria-valuetext", words(number));
      if (document.activeElement !== typed || typed.dataset.sent === "yes") typed.value = words(number);
      range.disabled = typed.disabled = Boolean(now.off);
      node.classList.toggle("computed", Boolean(now.off));
      error.hidden = true;
      typed.removeAttribute("aria-invalid");
    };
    return { node, set };
  }

  /** @param {Extract<Field, {kind: "choice"}>} field */
  choice(field) {
    const id = freshId("field");
    const select = make("select", { id }, ...optionNodes(field.options));
    select.addEventListener("change", () => this.change(field.key, select.value));
    const help = field.help ? make("p", { class: "help", text: field.help }) : null;
    const node = make("div", { class: "field" }, make("label", { for: id, text: field.label }), select, help);
    return {
      node,
      set: (/** @type {any} */ _, /** @type {any} */ value) => {
        if (select.value !== String(value)) select.value = String(value);
      },
    };
  }

  /** @param {Extract<Field, {kind: "several"}>} first */
  several(first) {
    let field = first;
    let chosen = /** @type {string[]} */ ([]);
    const boxes = first.options.map((option) => {
      const box = make("input", { type: "checkbox", value: option.value });
      box.addEventListener("change", () => {
        const next = box.checked ? [...chosen, option.value] : chosen.filter((value) => value !== option.value);
        this.change(field.key, next.join(","));
      });
      return box;
    });
    const node = make("fieldset", { class: "field several" },
      make("legend", { text: first.label }),
      make("div", { class: "options" }, ...first.options.map((option, i) => make("label", null, boxes[i], make("span", { text: option.label })))),
      first.help ? make("p", { class: "help", text: first.help }) : null);
    return {
      node,
      set: (/** @type {Extract<Field, {kind: "several"}>} */ now, /** @type {any} */ value) => {
        field = now;
        chosen = String(value).split(",").filter(Boolean);
        const full = now.most !== undefined && chosen.length >= now.most;
        for (const box of boxes) {
          box.checked = chosen.includes(box.value);
          box.disabled = full && !box.checked;
        }
      },
    };
  }

  /** @param {Extract<Field, {kind: "text"}>} field */
  text(field) {
    const id = freshId("field");
    const input = make("input", { type: "search", id, autocomplete: "off", spellcheck: "false" });
    input.addEventListener("input", () => this.change(field.key, input.value));
    const help = field.help ? make("p", { class: "help", text: field.help }) : null;
    const node = make("div", { class: "field" }, make("label", { for: id, text: field.label }), input, help);
    return {
      node,
      set: (/** @type {any} */ _, /** @type {any} */ value) => {
        if (input.value !== String(value)) input.value = String(value);
      },
    };
  }

  /** @param {Extract<Field, {kind: "switch"}>} field */
  toggle(field) {
    const box = make("input", { type: "checkbox", role: "switch" });
    box.addEventListener("change", () => this.change(field.key, box.checked));
    const node = make("div", { class: "field switch" }, make("label", null, box, make("span", { text: field.label })),
      field.help ? make("p", { class: "help", text: field.help }) : null);
    return {
      node,
      set: (/** @type {any} */ _, /** @type {any} */ value) => {
        box.checked = Boolean(value);
      },
    };
  }
}

/** These children in this order; nothing is moved where they stand so already.
 * @param {HTMLElement} place
 * @param {HTMLElement[]} wanted
 */
function arrange(place, wanted) {
  const now = [...place.children];
  if (now.length !== wanted.length || wanted.some((node, i) => node !== now[i])) place.replaceChildren(...wanted);
}
