// The Data view with a server: what stands in the address decides what is asked, and what comes back
// is shown. Answers that are older than the last question are dropped.

import { make, say } from "isoloss/dom.js";
import { Choice } from "isoloss/data/choice.js";
import { Columns } from "isoloss/data/columns.js";
import { Fitted } from "isoloss/data/fitted.js";
import { lawOf, reading, whole } from "isoloss/data/pairs.js";
import { Upload } from "isoloss/data/upload.js";

const CHECK_WAIT = 250, POLL_WAIT = 400;
/** What belongs to one table and one fit. */
const FRESH = { map: "", units: "", counted: "", target: "", where: "", per: "", job: "" };

/**
 * @param {HTMLElement} place
 * @param {Context} context
 */
export function open(place, context) {
  const panel = new Panel(place, context);
  return { update: (/** @type {State} */ state) => panel.update(state), close: () => panel.close() };
}

class Panel {
  /** @param {HTMLElement} place @param {Context} context */
  constructor(place, context) {
    this.context = context;
    this.closed = false;
    this.state = /** @type {State} */ ({});
    this.table = /** @type {any} */ (null);
    this.limit = 50 * 2 ** 20;
    /** What was asked last, by kind: so that nothing is asked twice and old answers are dropped. */
    this.asked = /** @type {Record<string, string>} */ ({});
    this.timers = /** @type {Record<string, ReturnType<typeof setTimeout>>} */ ({});
    this.upload = new Upload((name, content) => this.send(name, content), () => this.limit);
    this.fitted = new Fitted(context, () => this.cancel());
    this.steps = make("div");
    this.earlier = make("section", { "aria-label": "Fits kept here", hidden: true });
    place.append(make("div", { class: "data" }, this.upload.node, this.steps, this.fitted.node, this.earlier));
    this.start();
  }

  async start() {
    const choices = await this.context.ask("choices");
    if (this.closed) return;
    this.limit = choices.limit ?? this.limit;
    this.columns = new Columns((part) => this.context.change({ ...part, job: "" }, true), choices);
    this.choice = new Choice((part) => this.context.change({ ...part, job: "" }), choices, () => this.fit());
    this.columns.node.hidden = this.choice.node.hidden = true;
    this.steps.append(this.columns.node, this.choice.node);
    this.update(this.state);
    this.list();
  }

  close() {
    this.closed = true;
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
  }

  /** @param {State} state */
  update(state) {
    this.state = state;
    if (!this.columns || !this.choice) return;
    this.once("table", String(state.table ?? ""), (id) => this.load(id));
    this.once("job", String(state.job ?? ""), (id) => this.poll(id));
    if (!this.table || this.table.id !== state.table) return;
    const how = reading(state, this.table.guess.map);
    this.columns.show(this.table, state);
    this.choice.show(state, Object.keys(how.map).filter((name) => name !== (how.target || this.target())));
    this.once("check", JSON.stringify([state.table, how]), () => this.later("check", () => this.check(how)));
    this.once("law", JSON.stringify([state.table, how, lawOf(state)]), () => this.later("law", () => this.look(how)));
  }

  target() {
    return ["loss", "accuracy", "error"].find((name) => name in reading(this.state, this.table.guess.map).map) ?? "loss";
  }

  /** Do it when the question is another one than the last. @param {string} what @param {string} question @param {(question: string) => void} act */
  once(what, question, act) {
    if (this.asked[what] === question) return;
    this.asked[what] = question;
    act(question);
  }

  /** @param {string} what @param {() => void} act */
  later(what, act, wait = CHECK_WAIT) {
    clearTimeout(this.timers[what]);
    this.timers[what] = setTimeout(act, wait);
  }

  /** @param {string} path @param {object} body */
  post(path, body) {
    return this.context.ask(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }

  /** What was found, or why there is nothing. @param {string} path @param {object} body @returns {Promise<[any, string]>} */
  async answer(path, body) {
    try {
      const found = await this.post(path, body);
      return found.message ? [null, found.message] : [found, ""];
    } catch (wrong) {
      return [null, /** @type {Error} */ (wrong).message];
    }
  }

  /** @param {string} name @param {Blob} content */
  async send(name, content) {
    const table = await this.context.ask(`tables?name=${encodeURIComponent(name)}`, { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: content });
    if (this.closed) return;
    this.asked.table = table.id;
    this.take(table);
    this.context.change({ ...FRESH, table: table.id }, true);
    this.context.announce(`${table.name} was read: ${table.rows} rows`);
  }

  /** @param {string} id */
  async load(id) {
    this.take(null);
    if (!id) return;
    try {
      const table = await this.context.ask(`tables/${encodeURIComponent(id)}`);
      if (!this.closed && this.asked.table === id) this.take(table);
    } catch (error) {
      this.upload.complain(/** @type {Error} */ (error).message);
    }
    this.update(this.state);
  }

  /** @param {any} table */
  take(table) {
    this.table = table;
    this.upload.show(table);
    if (this.columns) this.columns.node.hidden = !table;
    if (this.choice) this.choice.node.hidden = !table;
    this.asked.check = this.asked.law = "";
  }

  /** @param {object} how */
  async check(how) {
    const question = this.asked.check;
    const [found, error] = await this.answer(`tables/${this.table.id}/check`, how);
    if (this.closed || this.asked.check !== question) return;
    const guess = this.state.map ? "" : this.table.guess.message;
    this.columns?.found(found, guess && guess !== error ? guess : error);
  }

  /** @param {object} how */
  async look(how) {
    const question = this.asked.law;
    const law = lawOf(this.state);
    const [found, error] = law ? await this.answer("laws", { ...how, table: this.table.id, law }) : [null, "Type a formula, such as E + A/N**alpha"];
    if (this.closed || this.asked.law !== question) return;
    this.choice?.understood(found, error);
  }

  async fit() {
    if (!this.table) return;
    const { state } = this;
    const how = reading(state, this.table.guess.map);
    try {
      const fit = await this.post("fits", { ...how, table: this.table.id, law: lawOf(state), draws: whole(state.draws, 1000), seed: whole(state.seed, 0) });
      if (this.closed) return;
      // one that failed or was cancelled before is asked for again under the same name
      this.asked.job = "";
      this.context.change({ job: fit.id }, true);
      this.fitted.node.scrollIntoView({ block: "nearest" });
    } catch (wrong) {
      this.choice?.understood(null, /** @type {Error} */ (wrong).message);
    }
  }

  async cancel() {
    const id = String(this.state.job ?? "");
    if (id) this.fitted.show(await this.context.ask(`fits/${encodeURIComponent(id)}`, { method: "DELETE" }));
  }

  /** Follow a fit until it is finished. @param {string} id */
  async poll(id) {
    clearTimeout(this.timers.poll);
    if (!id) {
      this.fitted.show(null);
      return;
    }
    let fit;
    try {
      fit = await this.context.ask(`fits/${encodeURIComponent(id)}`);
    } catch (wrong) {
      fit = { id, state: "lost", message: /** @type {Error} */ (wrong).message };
    }
    if (this.closed || this.asked.job !== id) return;
    if (fit.state === "done") await this.context.load(fit.key).catch(() => null);
    if (this.closed || this.asked.job !== id) return;
    this.fitted.show(fit);
    if (fit.state === "queued" || fit.state === "running") {
      this.later("poll", () => this.poll(id), POLL_WAIT);
      return;
    }
    if (fit.state === "done") this.context.announce(`The fit is done: ${fit.verdict.answer || "without a verdict"}`);
    this.list();
  }

  /** Fits that are kept, to come back to. */
  async list() {
    const { fits } = await this.context.ask("fits");
    if (this.closed) return;
    const others = fits.filter((/** @type {any} */ one) => one.id !== this.state.job && one.state !== "cancelled").slice(0, 20);
    this.earlier.hidden = !others.length;
    this.earlier.replaceChildren(make("h2", { text: "Fits kept here" }), make("ul", { class: "kept" }, ...others.map((/** @type {any} */ one) => make("li", null,
      make("button", { type: "button", onclick: () => this.reopen(one.id) }, `${one.law}, ${one.table || "a table that is gone"}`), make("span", { text: ` ${one.state}${one.seed ? `, seed ${one.seed}` : ""}` })))));
  }

  /** A fit with its table and everything that was asked. @param {string} id */
  async reopen(id) {
    const fit = await this.context.ask(`fits/${id}`);
    const { request } = fit;
    const built = this.choice?.forms.has(request.law);
    const pairs = (/** @type {Record<string, string> | null} */ found) => Object.entries(found ?? {}).map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join(",");
    this.context.change({
      table: request.table, map: pairs(request.map), units: pairs(request.units), counted: pairs(request.conventions), target: request.target ?? "", where: request.where.join("\n"), per: request.bytes_per_token ?? "",
      form: built ? request.law : "own", formula: built ? "" : request.law, draws: String(request.draws), seed: String(request.seed), job: id,
    }, true);
    say(this.upload.told, "");
  }
}
