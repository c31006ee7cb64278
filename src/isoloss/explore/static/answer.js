// The answer of a view: a sentence, where it lies, warnings, and numbers that explain themselves.

import { make, say } from "isoloss/dom.js";

const SIGNS = { inside: "✓", edge: "◐", outside: "↗", unknown: "?" };
const WORDS = { inside: "inside the runs", edge: "at the edge of the runs", outside: "extrapolation", unknown: "runs unknown" };

export class Answer {
  constructor() {
    /** `facts` stand by themselves: the page puts them after the first figure. */
    this.headline = make("p", { class: "headline" });
    this.badge = make("span", { class: "badge" });
    this.where = make("p", { class: "where" });
    this.warnings = make("ul", { class: "warnings" });
    this.facts = make("dl", { class: "facts" });
    this.key = make("dd");
    this.keyNode = make("div", { class: "key" }, make("dt", { text: "From" }), this.key);
    this.node = make("div", { class: "answer" }, this.headline, this.where, this.warnings);
    /** @type {Map<string, any>} */
    this.known = new Map();
    this.warned = "";
  }

  /** @param {Shown} shown */
  update(shown) {
    say(this.headline, shown.headline);
    this.where.hidden = !shown.place;
    if (shown.place) {
      const status = /** @type {keyof typeof SIGNS} */ (shown.place.status in SIGNS ? shown.place.status : "unknown");
      this.where.className = `where is-${status}`;
      const rest = shown.place.words.replace(/^(inside|edge|outside|unknown): /, "");
      const label = shown.place.label ?? WORDS[status];
      if (this.where.dataset.text !== label + rest) {
        this.where.dataset.text = label + rest;
        this.where.replaceChildren(make("b", null, make("span", { "aria-hidden": "true", text: `${SIGNS[status]} ` }), label), ` ${rest}`);
      }
    }
    const text = shown.warnings.join("\n");
    if (text !== this.warned) {
      this.warned = text;
      this.warnings.replaceChildren(...shown.warnings.map((warning) => make("li", { text: warning })));
    }
    this.warnings.hidden = !shown.warnings.length;
    this.facts.hidden = !shown.facts.length;
    const wanted = shown.facts.map((fact) => {
      const found = this.known.get(fact.key) ?? this.build(fact);
      this.known.set(fact.key, found);
      found.set(fact);
      return found.node;
    });
    const tags = new Set(shown.facts.flatMap((fact) => fact.from ?? []).map(({ letter, words }) => `${letter} ${words}`));
    if (tags.size) {
      say(this.key, [...tags].join(", "));
      wanted.push(this.keyNode);
    }
    const now = [...this.facts.children];
    if (now.length !== wanted.length || wanted.some((node, i) => node !== now[i])) this.facts.replaceChildren(...wanted);
  }

  /** @param {Fact} first */
  build(first) {
    const label = make("dt"), value = make("span", { class: "value" }), unit = make("span", { class: "unit" });
    const interval = make("dd", { class: "interval" });
    const steps = make("ol");
    const details = make("details", null, make("summary", null, "Explain", make("span", { class: "unseen", text: ` ${first.label}` })), steps);
    let fact = first, told = "";
    const explain = () => {
      const text = (fact.explain ?? []).join("\n");
      if (!details.open || text === told) return;
      told = text;
      steps.replaceChildren(...(fact.explain ?? []).map((line) => make("li", { text: line })));
    };
    details.addEventListener("toggle", explain);
    const tags = make("span", { class: "from", "aria-hidden": "true" }), origin = make("span", { class: "unseen" });
    const node = make("div", { "data-fact": first.key }, label, make("dd", null, value, " ", unit, " ", tags, origin), interval, make("dd", { class: "why" }, details));
    const set = (/** @type {Fact} */ now) => {
      fact = now;
      say(label, now.label);
      say(value, now.value);
      say(unit, now.unit ?? "");
      say(interval, now.interval ?? "");
      say(tags, (now.from ?? []).map((one) => one.letter).join("+"));
      say(origin, now.from ? `from: ${now.from.map((one) => one.words).join(" and ")}` : "");
      interval.hidden = !now.interval;
      details.hidden = !now.explain?.length;
      explain();
    };
    return { node, set };
  }
}
