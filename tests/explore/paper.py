"""A document for Node that only ever takes text: what a view builds on it can be looked through."""

from __future__ import annotations

# elements with what the views need of the browser's; anything that would read markup throws
PAPER = """
const refuse = () => { throw new Error("markup was read"); };
const MARKUP = ["innerHTML", "outerHTML", "srcdoc", "insertAdjacentHTML", "write", "writeln"];
class Paper {
  constructor(tag) {
    Object.assign(this, { tag, children: [], attributes: {}, listeners: {}, dataset: {} });
    Object.assign(this, { parentElement: null, text: "", style: {}, open: false });
    made.add(tag);
    for (const name of MARKUP) Object.defineProperty(this, name, { get: refuse, set: refuse });
    this.classList = { toggle() {}, add() {}, remove() {} };
  }
  get textContent() {
    const texts = this.children.map((one) => (one instanceof Paper ? one.textContent : one));
    return this.text + texts.join("");
  }
  set textContent(text) { this.children = []; this.text = String(text); }
  setAttribute(name, value) {
    if (name.startsWith("on")) throw new Error(`attribute ${name}`);
    if (name === "href" && !/^https?:/.test(value)) throw new Error(`link to ${value}`);
    this.attributes[name] = value;
    if (name.startsWith("data-")) this.dataset[name.slice(5)] = value;
  }
  getAttribute(name) { return this.attributes[name] ?? null; }
  removeAttribute(name) { delete this.attributes[name]; }
  addEventListener(name, act) { this.listeners[name] = act; }
  fire(name, event = {}) {
    this.listeners[name]?.({ target: this, preventDefault() {}, ...event });
  }
  take(nodes) {
    for (const node of nodes.filter((one) => one instanceof Paper)) {
      node.remove();
      node.parentElement = this;
    }
    return nodes;
  }
  append(...nodes) { const taken = this.take(nodes); this.children.push(...taken); }
  prepend(...nodes) { const taken = this.take(nodes); this.children.unshift(...taken); }
  replaceChildren(...nodes) { this.children = []; this.append(...nodes); }
  remove() {
    const place = this.parentElement;
    if (place) place.children = place.children.filter((one) => one !== this);
    this.parentElement = null;
  }
  get all() {
    return this.children.flatMap((one) => (one instanceof Paper ? [one, ...one.all] : []));
  }
  querySelectorAll(wanted) {
    const role = /role=(.*)]/.exec(wanted)?.[1];
    return this.all.filter((one) => role && one.attributes.role === role);
  }
  querySelector(wanted) { return this.querySelectorAll(wanted)[0] ?? null; }
  contains(node) { return this === node || this.all.includes(node); }
  focus() { document.activeElement = this; }
  scrollIntoView() {}
}
const made = new Set();
globalThis.document = { createElement: (tag) => new Paper(tag), activeElement: null };
"""

# what may be made at all
TAGS = {
    "a", "b", "br", "button", "caption", "code", "dd", "details", "div", "dl", "dt", "fieldset",
    "h2", "h3", "i", "input", "label", "legend", "li", "main", "nav", "ol", "optgroup",
    "option", "p", "pre", "section", "select", "span", "sub", "summary", "sup", "table",
    "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
