// The page around the views: which one is open, its controls and answer, undo, links, exports.

import { Answer } from "isoloss/answer.js";
import { Charts } from "isoloss/chart.js";
import { Controls } from "isoloss/controls.js";
import { make, say } from "isoloss/dom.js";
import { copy, csv, picture, save } from "isoloss/export.js";
import { complete, starts } from "isoloss/fields.js";
import { Law } from "isoloss/law.js";
import { History, readAddress, writeAddress } from "isoloss/state.js";

const ADDRESS_WAIT = 250, SAY_WAIT = 700, MOST_TURNS = 5;

export class Shell {
  /**
   * @param {HTMLElement} root
   * @param {Bundle} bundle
   * @param {Record<string, LawFunctions>} functions
   * @param {View[]} views
   * @param {{load?: (key: string) => Promise<{entry: EntryDocument, functions: LawFunctions}>, ask?: Context["ask"], address?: boolean, state?: State}} [outside]
   */
  constructor(root, bundle, functions, views, outside = {}) {
    this.root = root;
    this.bundle = bundle;
    this.views = views;
    this.outside = outside;
    this.usesAddress = outside.address ?? true;
    /** @type {Map<string, Law>} */
    this.laws = new Map();
    for (const entry of bundle.laws) this.laws.set(entry.key, new Law(entry, functions[entry.key]));
    this.history = new History();
    this.view = views.find((view) => view.id === bundle.view) ?? views[0];
    /** @type {State} */
    this.state = {};
    /** @type {Map<string, string>} laws that could not be loaded, and why */
    this.failed = new Map();
    /** @type {Map<string, Promise<Law>>} laws on their way */
    this.loading = new Map();
    /** @type {Record<string, ReturnType<typeof setTimeout>>} */
    this.waiting = {};
    this.written = this.usesAddress ? location.hash : "";
    this.drawn = 0;
    this.again = false;
    /** @type {Shown | null} */
    this.shown = null;
    /** @type {ReturnType<NonNullable<View["mount"]>> | null} */
    this.mounted = null;
    /** @type {Context} */
    this.context = {
      bundle, laws: this.laws,
      load: (key) => this.load(key),
      go: (id, part) => this.go(id, part),
      change: (part, step) => this.change(part, step),
      state: () => ({ ...this.state }),
      ask: outside.ask ?? (() => Promise.reject(new Error("This page has no server; open one with: isoloss explore"))),
      add: (entry, made) => { this.laws.set(entry.key, new Law(entry, made)); this.draw(); },
      announce: (text) => this.announce(text),
    };
    this.build();
    const start = this.usesAddress ? readAddress(location.hash) : { view: "", state: outside.state ?? {} };
    if (start.view) this.view = views.find((view) => view.id === start.view) ?? this.view;
    this.state = start.state;
    if (this.usesAddress) addEventListener("hashchange", () => this.follow());
    this.open();
  }

  build() {
    const controls = new Controls((key, value) => this.change({ [key]: value }), this.bundle.units);
    this.controls = controls;
    this.answer = new Answer();
    this.charts = new Charts(this.answer.facts);
    this.live = make("div", { class: "unseen", role: "status", "aria-live": "polite" });
    this.links = new Map(this.views.map((view) => [view.id, make("a", {
      href: `#${view.id}`, text: view.title,
      onclick: (/** @type {Event} */ event) => { event.preventDefault(); this.go(view.id); },
    })]));
    this.undoButton = make("button", { type: "button", title: "Undo (Ctrl+Z)", onclick: () => this.undo() }, "Undo");
    this.redoButton = make("button", { type: "button", title: "Redo (Ctrl+Shift+Z)", onclick: () => this.redo() }, "Redo");
    this.linkButton = make("button", { type: "button", onclick: () => this.copyLink() }, "Copy link");
    this.linkButton.hidden = !this.usesAddress;
    this.theme = make("select", { "aria-label": "Colours of the page", onchange: () => this.setTheme(this.theme?.value ?? "") },
      ...[["", "System"], ["light", "Light"], ["dark", "Dark"]].map(([value, text]) => make("option", { value, text })));
    this.presets = make("div", { class: "presets" });
    this.title = make("h1", { tabindex: "-1" });
    this.own = make("div", { class: "own" });
    this.take = this.exports();
    this.side = make("div", { class: "side", role: "group", "aria-label": "Controls" }, controls.place, this.presets);
    this.trouble = make("p", { class: "trouble", role: "alert", hidden: true });
    this.work = make("div", { class: "work" }, this.side, make("div", { class: "result" }, this.answer.node, this.charts.place, this.own, this.take.node));
    const main = make("main", { id: "main" }, this.title, this.trouble, this.work);
    this.root.replaceChildren(
      make("a", { class: "skip", href: "#main", text: "Skip to the answer", onclick: (/** @type {Event} */ event) => { event.preventDefault(); this.title?.focus(); } }),
      make("header", { class: "top" },
        make("span", { class: "brand", text: "isoloss" }),
        make("nav", { "aria-label": "Views" }, ...this.links.values()),
        make("div", { class: "tools" }, this.undoButton, this.redoButton, this.linkButton, this.theme)),
      main, this.live,
      make("footer", null, make("p", { text: `isoloss ${this.bundle.isoloss}. Intervals are of the numbers of a law, not of a new run, and hold if its form is right. ${this.bundle.server ? "Nothing leaves this machine." : "This page works without a network."}` })));
    // in a notebook the keys of other cells are none of ours
    const listens = this.usesAddress ? document : this.root;
    listens.addEventListener("keydown", (event) => this.key(/** @type {KeyboardEvent} */ (event)));
    if (this.usesAddress) try { this.setTheme(localStorage.getItem("isoloss-theme") ?? ""); } catch { /* a page from a file may have no storage */ }
  }

  exports() {
    const button = (/** @type {string} */ text, /** @type {() => void} */ act) => make("button", { type: "button", onclick: act }, text);
    const which = make("select", { "aria-label": "Figure to save" });
    const chosen = () => this.shown?.figures[Math.max(0, which.selectedIndex)];
    const draw = async (/** @type {"svg" | "png"} */ format) => {
      const figure = chosen();
      if (!(/** @type {any} */ (globalThis).Plotly)) this.announce("A picture needs Plotly, which is not here; take the table");
      else if (figure) save(`${this.view.id}-${figure.id}.${format}`, await picture(figure, format));
    };
    const code = make("code");
    const program = make("details", { class: "program" }, make("summary", { text: "The same in Python" }), make("pre", { tabindex: "0" }, code),
      button("Copy the program", async () => this.announce((await copy(code.textContent ?? "")) ? "The program was copied" : "Copying is not allowed here; select the text")));
    const pictures = make("span", { class: "row" }, which, button("SVG", () => draw("svg")), button("PNG", () => draw("png")),
      button("CSV", () => { const figure = chosen(); if (figure) save(`${this.view.id}-${figure.id}.csv`, csv(figure.table), "text/csv"); }));
    const data = button("JSON", () => save(`${this.view.id}.json`, JSON.stringify(this.document(), null, 1), "application/json"));
    const node = make("div", { class: "take", role: "group", "aria-label": "Take with you" }, make("span", { text: "Take with you" }), pictures, data, program);
    return {
      node,
      update: (/** @type {Shown} */ shown) => {
        const names = shown.figures.map((figure) => figure.title);
        if (names.join("\n") !== which.dataset.names) {
          which.dataset.names = names.join("\n");
          which.replaceChildren(...names.map((text) => make("option", { text })));
        }
        which.hidden = names.length < 2;
        pictures.hidden = !names.length;
        say(code, shown.python);
        program.hidden = !shown.python;
        node.hidden = !names.length && !shown.python;
      },
    };
  }

  /** Everything that the page says just now, as a document. */
  document() {
    const shown = this.shown;
    return {
      schema: "isoloss/explore@1", isoloss: this.bundle.isoloss, view: this.view.id, state: this.full(),
      address: this.usesAddress ? location.href : "",
      result: shown ? {
        headline: shown.headline, place: shown.place ?? null, warnings: shown.warnings, numbers: shown.numbers ?? {},
        facts: shown.facts.map(({ key, label, value, interval, unit, from }) => ({ key, label, value, interval, unit, from: from?.map((one) => one.words) })),
        figures: shown.figures.map(({ id, title, caption, table }) => ({ id, title, caption, table })),
      } : null,
    };
  }

  /** The fields of the open view for a state that may lack values, and the state with every value.
   * @param {State} given
   */
  settled(given) {
    let fields = this.view.fields(given, this.context);
    let state = complete(fields, given);
    // what a law brings along appears once the law is known, and may bring more in its turn
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      fields = this.view.fields(state, this.context);
      const next = complete(fields, given);
      if (same(state, next)) break;
      state = next;
    }
    return { fields, state: complete(fields, given) };
  }

  fields() {
    return this.settled(this.state).fields;
  }

  full() {
    return this.settled(this.state).state;
  }

  /** @param {string} id @param {State} [part] */
  go(id, part = {}) {
    if (id === this.view.id) return;
    this.history.note({ view: this.view.id, state: { ...this.state } }, `view ${id}`, performance.now(), true);
    this.state = { ...this.state, ...part };
    this.view = this.views.find((view) => view.id === id) ?? this.view;
    this.open();
    this.title?.focus({ preventScroll: true });
    if (this.usesAddress) scrollTo({ top: 0 });
  }

  open() {
    this.mounted?.close?.();
    this.mounted = null;
    this.own?.replaceChildren();
    for (const [id, link] of this.links ?? []) {
      if (id === this.view.id) {
        link.setAttribute("aria-current", "page");
        // on a narrow screen the menu is wider than the screen
        if (link.parentElement) link.parentElement.scrollLeft = link.offsetLeft - link.parentElement.offsetLeft - 40;
      }
      else link.removeAttribute("aria-current");
    }
    if (this.title) say(this.title, this.view.asks);
    document.title = this.usesAddress ? `${this.view.title}, isoloss` : document.title;
    const presets = this.view.presets?.(this.context) ?? [];
    this.presets?.replaceChildren(...(presets.length ? [make("h2", { text: "Start from" }), ...presets.map(({ label, note, state }) =>
      make("button", { type: "button", title: note, onclick: () => { this.change(state, true); this.announce(`${label}: ${note}`); } }, make("b", { text: label }), make("small", { text: note })))] : []));
    if (this.view.mount && this.own) this.mounted = this.view.mount(this.own, this.context);
    this.draw();
  }

  /** Its place is taken away, as a cell of a notebook that is run again does. */
  close() {
    for (const waiting of Object.values(this.waiting)) clearTimeout(waiting);
    this.mounted?.close?.();
    this.charts?.close();
  }

  /** @param {State} part @param {boolean} [step] */
  change(part, step = false) {
    this.history.note({ view: this.view.id, state: { ...this.state } }, Object.keys(part).sort().join(), performance.now(), step);
    this.state = { ...this.state, ...part };
    this.draw();
  }

  undo() {
    this.back(this.history.undo({ view: this.view.id, state: { ...this.state } }), "Undone");
  }

  redo() {
    this.back(this.history.redo({ view: this.view.id, state: { ...this.state } }), "Done again");
  }

  /** @param {{view: string, state: State} | undefined} found @param {string} word */
  back(found, word) {
    if (!found) return;
    const moved = found.view !== this.view.id;
    this.state = found.state;
    this.view = this.views.find((view) => view.id === found.view) ?? this.view;
    if (moved) this.open();
    else this.draw();
    this.announce(word);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || !this.root.isConnected) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (target.matches?.("textarea, input[type=text]")) return;
    const letter = event.key.toLowerCase();
    if (letter === "z" || letter === "y") {
      event.preventDefault();
      if (letter === "y" || event.shiftKey) this.redo();
      else this.undo();
    }
  }

  /** The address was changed by hand, by a link or by going back. */
  follow() {
    if (location.hash === this.written) return;
    this.written = location.hash;
    const { view, state } = readAddress(location.hash);
    this.visit(view, state);
  }

  /** Show a state that comes from outside: an address, a cell of a notebook.
   * @param {string} view
   * @param {State} state
   */
  visit(view, state) {
    const wanted = this.views.find((one) => one.id === view);
    if (!wanted) return;
    this.history.note({ view: this.view.id, state: { ...this.state } }, "visit", performance.now(), true);
    const moved = wanted !== this.view;
    this.view = wanted;
    this.state = state;
    if (moved) this.open();
    else this.draw();
  }

  async copyLink() {
    this.write();
    this.announce((await copy(location.href)) ? "The link was copied" : "Copying is not allowed here; take the link from the address bar");
  }

  /** @param {string} theme */
  setTheme(theme) {
    if (this.theme) this.theme.value = theme;
    const place = this.usesAddress ? document.documentElement : this.root;
    if (theme) place.dataset.theme = theme;
    else delete place.dataset.theme;
    if (this.usesAddress) try { localStorage.setItem("isoloss-theme", theme); } catch { /* as above */ }
  }

  /** Draw at once after a pause; while changes stream in, once a frame. */
  draw() {
    if (this.drawn) {
      this.again = true;
      return;
    }
    this.drawn = requestAnimationFrame(() => this.frame());
    // after the listener that changed something, and before the frame that it waits for
    queueMicrotask(() => this.render());
  }

  /** What changed since the last frame is drawn now; the frame after it is waited for again. */
  frame() {
    this.drawn = 0;
    if (!this.again) return;
    this.again = false;
    this.drawn = requestAnimationFrame(() => this.frame());
    this.render();
  }

  render() {
    const { fields, state } = this.settled(this.state);
    this.controls?.update(fields, state);
    this.work?.classList.toggle("bare", !this.controls?.place.children.length && !this.presets?.children.length);
    if (this.undoButton) this.undoButton.disabled = !this.history.past.length;
    if (this.redoButton) this.redoButton.disabled = !this.history.future.length;
    this.later("address", ADDRESS_WAIT, () => this.write());
    const missing = (this.view.needs?.(state, this.context) ?? []).filter((key) => key && !this.laws.has(key));
    const broken = missing.find((key) => this.failed.has(key));
    this.complain(broken ? `${broken}: ${this.failed.get(broken)}` : "");
    if (missing.length) {
      for (const key of missing) if (!this.failed.has(key)) this.load(key).then(() => this.draw(), () => this.draw());
      return;
    }
    if (this.view.show) {
      const shown = this.view.show(state, this.context);
      this.shown = shown;
      this.answer?.update(shown);
      this.charts?.update(shown.figures);
      this.take?.update(shown);
      this.later("say", SAY_WAIT, () => this.announce(`${shown.headline} ${shown.place && shown.place.status !== "inside" ? shown.place.words : ""}`));
    }
    if (!this.view.show) this.shown = null;
    if (this.answer) this.answer.node.hidden = !this.view.show;
    if (this.charts) this.charts.place.hidden = !this.view.show;
    if (this.take && !this.view.show) this.take.node.hidden = true;
    this.mounted?.update(state);
    this.root.dispatchEvent(new CustomEvent("isoloss-drawn"));
  }

  /** @param {string} text */
  complain(text) {
    if (!this.trouble) return;
    say(this.trouble, text);
    this.trouble.hidden = !text;
  }

  write() {
    if (!this.usesAddress) return;
    // another address was gone to and its event has not come yet: it is not written over
    if (location.hash !== this.written) {
      this.follow();
      return;
    }
    const { fields, state } = this.settled(this.state);
    const brief = writeAddress(this.view.id, state, starts(fields));
    // a start that follows from other values may not be found again without them
    const back = this.settled(readAddress(brief).state).state;
    const wanted = same(back, state) ? brief : writeAddress(this.view.id, state);
    if (location.hash !== wanted) history.replaceState(null, "", wanted);
    // as the browser spells it
    this.written = location.hash;
  }

  /** @param {string} what @param {number} wait @param {() => void} act */
  later(what, wait, act) {
    clearTimeout(this.waiting[what]);
    this.waiting[what] = setTimeout(act, wait);
  }

  /** @param {string} text */
  announce(text) {
    if (this.live) say(this.live, text);
  }

  /** @param {string} key */
  async load(key) {
    const found = this.laws.get(key);
    if (found) return found;
    if (!this.outside.load) {
      this.failed.set(key, "this page does not hold this law; open it with: isoloss explore");
      throw new Error(this.failed.get(key));
    }
    let going = this.loading.get(key);
    if (!going) {
      going = this.outside.load(key).then(({ entry, functions }) => {
        const law = new Law(entry, functions);
        this.laws.set(key, law);
        return law;
      });
      going.catch((/** @type {Error} */ error) => this.failed.set(key, error.message)).finally(() => this.loading.delete(key));
      this.loading.set(key, going);
    }
    return going;
  }
}

/** @param {State} one @param {State} other */
function same(one, other) {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => Object.is(one[key], other[key]));
}
