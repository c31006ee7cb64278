// Small helpers to make elements. Text is only ever put in as text.

/** Make an element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} name
 * @param {Record<string, any> | null} [attributes] `class`, `text`, `on*` listeners, or attributes
 * @param {...(Node | string | null | undefined | false)} inside
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(name, attributes, ...inside) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") element.className = value;
    else if (key === "text") element.textContent = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && typeof value !== "string") /** @type {any} */ (element)[key] = value;
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(.../** @type {(Node | string)[]} */ (inside.filter((part) => part !== null && part !== undefined && part !== false)));
  return element;
}

/** Put a text into an element if it is another one: nothing is drawn anew for the same words.
 * @param {Element} element
 * @param {string} text
 */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** A table with a head.
 * @param {Table} table
 * @param {string} [caption]
 */
export function tableOf(table, caption) {
  const numeric = table.head.map((_, i) => table.rows.length > 0 && table.rows.every((row) => /^[−\-+≤≥~]?[\d.]/.test(String(row[i] ?? "")) || row[i] === "" || row[i] === "—"));
  const cell = (/** @type {"th" | "td"} */ name, /** @type {string | number} */ text, /** @type {number} */ i) =>
    // a head that says nothing is none
    make(text === "" ? "td" : name, { class: numeric[i] ? "num" : null, scope: name === "th" && text !== "" ? "col" : null, text: String(text) });
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption ?? "table" },
    make("table", null,
      caption ? make("caption", { class: "unseen", text: caption }) : null,
      make("thead", null, make("tr", null, ...table.head.map((text, i) => cell("th", text, i)))),
      make("tbody", null, ...table.rows.map((row) => make("tr", null, ...row.map((text, i) => cell("td", text, i)))))));
}

let made = 0;
/** An id that no other element has.
 * @param {string} word
 */
export function freshId(word) {
  return `${word}-${++made}`;
}

/** A program in one line of a list of options, such as a select.
 * @param {{value: string, label: string, group?: string}[]} options
 */
export function optionNodes(options) {
  const nodes = [];
  /** @type {Map<string, HTMLOptGroupElement>} */
  const groups = new Map();
  for (const { value, label, group } of options) {
    const option = make("option", { value, text: label });
    if (!group) nodes.push(option);
    else {
      let place = groups.get(group);
      if (!place) {
        place = make("optgroup", { label: group });
        groups.set(group, place);
        nodes.push(place);
      }
      place.append(option);
    }
  }
  return nodes;
}
