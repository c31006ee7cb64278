// A fit: on its way with progress and a way to stop it, then whether to believe it, and its numbers.

import { Charts } from "isoloss/chart.js";
import { make, optionNodes, say, tableOf } from "isoloss/dom.js";
import { copy, csv, save } from "isoloss/export.js";
import { formulaNode } from "isoloss/formula.js";
import { residualFigure, ways } from "isoloss/data/residuals.js";

const STATES = { "use it": "inside", "use it with care": "edge", "do not use it there": "outside" };
const SIGNS = { "use it": "✓", "use it with care": "◐", "do not use it there": "✕" };
const OPEN = [["allocate", "Allocate"], ["surface", "Surface"], ["curves", "Curves"]];

export class Fitted {
  /** @param {Context} context @param {() => void} cancel */
  constructor(context, cancel) {
    this.context = context;
    this.progress = make("progress", { "aria-label": "The fit is under way" });
    this.doing = make("p", { class: "told", role: "status" });
    this.stop = make("button", { type: "button", onclick: cancel }, "Cancel");
    this.under = make("div", { class: "under-way", hidden: true }, this.progress, this.doing, this.stop);
    this.trouble = make("p", { class: "trouble", role: "alert", hidden: true });
    this.result = make("div");
    this.node = make("section", { "aria-label": "The fit", hidden: true }, make("h2", { text: "The fit" }), this.under, this.trouble, this.result);
    this.charts = new Charts();
    this.drawn = "";
  }

  /** @param {any} fit as the server has it, or nothing */
  show(fit) {
    this.node.hidden = !fit;
    if (!fit) return;
    const going = fit.state === "queued" || fit.state === "running";
    this.under.hidden = !going;
    if (going) {
      const before = fit.place ? `${fit.place} ${fit.place > 1 ? "fits" : "fit"} before it` : "next";
      const seconds = fit.seconds >= 2 ? `, for ${Math.round(fit.seconds)} s` : "";
      say(this.doing, fit.state === "queued" ? `Waiting: ${before}` : `${fit.message.replace(/^./, (/** @type {string} */ c) => c.toUpperCase())}${seconds}`);
    }
    const why = fit.state === "failed" ? fit.message : fit.state === "cancelled" ? "This fit was cancelled; fit the law again when you want it." : fit.state === "lost" ? fit.message : "";
    say(this.trouble, why);
    this.trouble.hidden = !why;
    if (fit.state !== "done") {
      this.result.replaceChildren();
      this.drawn = "";
    } else if (this.drawn !== fit.id) {
      this.drawn = fit.id;
      this.result.replaceChildren(...this.parts(fit));
    }
  }

  /** @param {any} fit */
  parts(fit) {
    const interval = `${Math.round(100 * fit.level)} % interval`;
    const head = ["parameter", "value", interval, "standard error", "meaning"];
    const rows = fit.parameters.map((/** @type {any} */ p) => [p.name, p.value, p.interval, p.se, p.meaning]);
    return [
      verdict(fit), make("div", { class: "lawbox" }, formulaNode(fit.entry.formula_nodes, fit.entry.formula), make("p", { class: "help", text: fit.parameters.map((/** @type {any} */ p) => `${p.name} = ${p.value}`).join(", ") })),
      this.buttons(fit),
      make("h3", { text: "Parameters" }), tableOf({ head, rows }, "Parameters with intervals"),
      make("dl", { class: "lines" },
        ...[["Runs", fit.runs], ["Certificate", fit.certificate.line], ["Objective", fit.objective], ["Draws", fit.draws]].map(([word, text]) => make("div", null, make("dt", { text: word }), make("dd", { text })))),
      ...reasons(fit), this.residuals(fit), programs(fit),
    ];
  }

  /** @param {any} fit */
  buttons(fit) {
    const { context } = this;
    const inputs = fit.entry.variables.map((/** @type {VariableDocument} */ v) => v.name);
    const plans = inputs.includes("N") && inputs.includes("D");
    const open = OPEN.filter(([id]) => (plans || id === "curves") && document.querySelector(`nav a[href="#${id}"]`));
    return make("p", { class: "row-of-buttons" },
      make("button", { type: "button", onclick: async () => {
        save("fit.json", await context.ask(`fits/${fit.id}/document`));
        context.announce("The fit was saved as fit.json");
      } }, "Save the fit"),
      ...open.map(([id, word]) => make("button", { type: "button", class: id === "allocate" ? "main" : null, onclick: () => context.go(id, { law: fit.key }) }, `Open in ${word}`)));
  }

  /** @param {any} fit */
  residuals(fit) {
    const units = Object.fromEntries(fit.entry.variables.map((/** @type {VariableDocument} */ v) => [v.name, v.unit]));
    const along = make("select", { "aria-label": "Along" }, ...optionNodes(ways(fit.left).map((value) => ({ value, label: `along ${value === "predicted" ? "the prediction" : value}` }))));
    const draw = () => this.charts.update([residualFigure(fit.left, along.value, units, fit.entry.unit)]);
    along.addEventListener("change", draw);
    const all = () => save("residuals.csv", csv(residualFigure(fit.left, along.value, units, fit.entry.unit).table), "text/csv");
    queueMicrotask(draw);
    return make("div", null, make("h3", { text: "What is left over" }), make("p", { class: "row-of-buttons" }, along, make("button", { type: "button", onclick: all }, "CSV")), this.charts.place);
  }
}

/** @param {any} fit */
function verdict(fit) {
  const answer = /** @type {keyof typeof STATES} */ (fit.verdict.answer);
  if (!(answer in STATES)) return make("p", { class: "where is-unknown", text: `No verdict: ${fit.verdict.message}` });
  const count = fit.verdict.findings.length;
  const certified = fit.certificate.certified ? "The optimum is certified." : "The optimum is not certified.";
  return make("p", { class: `where is-${STATES[answer]}` },
    make("b", null, make("span", { "aria-hidden": "true", text: `${SIGNS[answer]} ` }), answer), ` ${certified} ${count ? `${count} ${count > 1 ? "reasons" : "reason"} below.` : "Nothing speaks against it among these runs."}`);
}

/** @param {any} fit */
function reasons(fit) {
  const found = fit.verdict.findings;
  const seen = new Set(found.map((/** @type {any} */ one) => one.seen));
  const notes = fit.notices.filter((/** @type {any} */ one) => !one.code.startsWith("guessed-") && !seen.has(one.message));
  /** @type {HTMLElement[]} */
  const parts = [];
  if (found.length) {
    parts.push(make("h3", { text: "Why this verdict" }), make("ol", { class: "findings" }, ...found.map((/** @type {any} */ one) => make("li", { class: `is-${one.severity}` },
      make("b", { text: `${one.severity === "stop" ? "Against" : one.severity === "care" ? "Care" : "Note"}: ` }), sentence(one.seen),
      make("span", { class: "why", text: ` ${sentence(one.why)}` }), make("span", { class: "do", text: ` ${sentence(one.remedy)}` })))));
  }
  if (notes.length) parts.push(make("h3", { text: "Noted" }), make("ul", { class: "warnings" }, ...notes.map((/** @type {any} */ one) => make("li", { text: one.message }))));
  return parts;
}

/** @param {string} text */
function sentence(text) {
  const whole = text.trim().replace(/^[a-z]/, (c) => c.toUpperCase());
  return /[.!?]$/.test(whole) || !whole ? whole : `${whole}.`;
}

/** @param {any} fit */
function programs(fit) {
  const block = (/** @type {string} */ title, /** @type {string} */ text) => make("details", { class: "program" }, make("summary", { text: title }), make("pre", { tabindex: "0" }, make("code", { text })), make("button", { type: "button", onclick: () => copy(text) }, "Copy"));
  return make("div", null, fit.command ? block("The same from the command line", fit.command) : null, block("The same in Python", fit.python));
}
