// The law to fit: a built-in form, that of a published law, or a formula that the server checks.

import { freshId, make, optionNodes, say } from "isoloss/dom.js";
import { formulaNode } from "isoloss/formula.js";
import { whole } from "isoloss/data/pairs.js";

const MOST_DRAWS = 10000;

export class Choice {
  /** @param {(part: State) => void} change @param {any} choices @param {() => void} fit */
  constructor(change, choices, fit) {
    this.forms = new Map(choices.forms.map((/** @type {any} */ one) => [one.id, one]));
    const id = freshId("form"), ownId = freshId("formula"), drawsId = freshId("draws"), seedId = freshId("seed");
    this.select = make("select", { id, onchange: () => change({ form: this.select.value }) });
    this.formula = make("input", { type: "text", id: ownId, spellcheck: "false", autocomplete: "off", placeholder: "E + A/N**alpha + B/D**beta", "aria-describedby": `${ownId}-said` });
    this.formula.addEventListener("input", () => change({ formula: this.formula.value }));
    this.own = make("div", { class: "field own-formula" }, make("label", { for: ownId, text: "Formula: inputs by their names above, anything else is a parameter" }), this.formula);
    this.said = make("div", { class: "lawbox", id: `${ownId}-said`, "aria-live": "polite" });
    this.wrong = make("p", { class: "trouble", hidden: true });
    this.help = make("p", { class: "help" });
    this.draws = make("input", { type: "text", id: drawsId, inputmode: "numeric", autocomplete: "off", onchange: () => change({ draws: String(Math.min(MOST_DRAWS, whole(this.draws.value, 1000))) }) });
    this.seed = make("input", { type: "text", id: seedId, inputmode: "numeric", autocomplete: "off", onchange: () => change({ seed: String(whole(this.seed.value, 0)) }) });
    this.go = make("button", { type: "button", class: "main", onclick: fit }, "Fit the law");
    this.node = make("section", { "aria-label": "Law" },
      make("h2", { text: "The law" }),
      make("div", { class: "beside" },
        make("div", { class: "field wide" }, make("label", { for: id, text: "Form" }), this.select),
        make("div", { class: "field" }, make("label", { for: drawsId, text: "Draws for the intervals, 0 for none" }), this.draws),
        make("div", { class: "field" }, make("label", { for: seedId, text: "Seed" }), this.seed)),
      this.own, this.said, this.wrong, this.help, make("p", null, this.go));
    this.listed = "";
  }

  /** @param {State} state @param {string[]} inputs names that are mapped */
  show(state, inputs) {
    const names = inputs.join();
    if (this.listed !== names || !this.select.options.length) {
      this.listed = names;
      const all = [...this.forms.values()];
      const fits = (/** @type {any} */ form) => form.inputs.every((/** @type {string} */ name) => inputs.includes(name));
      const label = (/** @type {any} */ form) => (form.name === form.id ? form.id : `${form.name} (${form.id})`);
      this.select.replaceChildren(...optionNodes([
        { value: "own", label: "a formula of my own …" },
        ...all.filter((form) => fits(form)).map((form) => ({ value: form.id, label: label(form), group: `Fits these columns: ${form.group}` })),
        ...all.filter((form) => !fits(form)).map((form) => ({ value: form.id, label: `${label(form)}: needs ${form.inputs.filter((/** @type {string} */ name) => !inputs.includes(name)).join(", ")}`, group: `Needs other columns: ${form.group}` })),
      ]));
    }
    this.select.value = String(state.form);
    const own = state.form === "own";
    this.own.hidden = !own;
    if (document.activeElement !== this.formula) this.formula.value = String(state.formula ?? "");
    if (document.activeElement !== this.draws) this.draws.value = String(state.draws);
    if (document.activeElement !== this.seed) this.seed.value = String(state.seed);
  }

  /** A law as the server understood it, or why it is none. @param {any} law @param {string} error */
  understood(law, error) {
    say(this.wrong, error);
    this.wrong.hidden = !error;
    this.said.hidden = !law;
    this.go.disabled = !law;
    if (!law) {
      say(this.help, "");
      return;
    }
    this.said.replaceChildren(formulaNode(law.nodes, law.formula));
    const ranges = law.parameters.map((/** @type {any} */ p) => `${p.name} from ${p.low} to ${p.high}`);
    say(this.help, `Inputs ${law.inputs.join(", ")}; ${law.parameters.length} parameters: ${ranges.join(", ")}.${law.guesses.length ? ` Taken for granted: ${law.guesses.join("; ")}.` : ""}`);
  }
}
