// The state of a page and its address. Everything that a page shows follows from the state, and the
// state stands in the part of the address after #: `#allocate?law=hoffmann2022_a3&C=1e21`. What
// has its starting value is left out; numbers are written so that they come back to the last digit.

/** Read an address.
 * @param {string} hash with or without #
 * @returns {{view: string, state: State}}
 */
export function readAddress(hash) {
  const text = hash.replace(/^#\/?/, "");
  const cut = text.indexOf("?");
  const view = decode(cut < 0 ? text : text.slice(0, cut));
  /** @type {State} */
  const state = {};
  if (cut >= 0) {
    for (const part of text.slice(cut + 1).split("&")) {
      const at = part.indexOf("=");
      if (at > 0) state[decode(part.slice(0, at))] = readValue(decode(part.slice(at + 1)));
    }
  }
  return { view, state };
}

/** Write an address.
 * @param {string} view
 * @param {State} state
 * @param {State} starts values that are left out
 */
export function writeAddress(view, state, starts = {}) {
  const parts = Object.keys(state).sort()
    .filter((key) => !Object.is(state[key], starts[key]))
    .map((key) => `${encode(key)}=${encode(writeValue(state[key]))}`);
  return `#${encode(view)}${parts.length ? `?${parts.join("&")}` : ""}`;
}

/** @param {string} text */
function readValue(text) {
  if (text === "yes") return true;
  if (text === "no") return false;
  // a text that looks like a number is marked, so that it comes back as text
  if (text.startsWith("'")) return text.slice(1);
  const value = Number(text);
  return text !== "" && Number.isFinite(value) && /^[+-]?(\d|\.\d)/.test(text) ? value : text;
}

/** @param {string | number | boolean} value */
function writeValue(value) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return String(value).replace("e+", "e");
  const bare = value === "yes" || value === "no" || value.startsWith("'") || typeof readValue(value) === "number";
  return bare ? `'${value}` : value;
}

/** @param {string} text */
function encode(text) {
  return encodeURIComponent(text).replace(/%3A/g, ":").replace(/%2C/g, ",").replace(/%2F/g, "/");
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** States that one can go back to. A change within a second of the last one, of the same keys, is
 * part of the same step: a slider that is dragged is undone at once. */
export class History {
  constructor() {
    /** @type {{view: string, state: State}[]} */
    this.past = [];
    /** @type {{view: string, state: State}[]} */
    this.future = [];
    this.last = { keys: "", time: 0 };
  }

  /** Note a state before it is changed.
   * @param {{view: string, state: State}} before
   * @param {string} keys what changes
   * @param {number} time in milliseconds
   * @param {boolean} [apart] a step of its own in any case
   */
  note(before, keys, time, apart = false) {
    const same = !apart && keys === this.last.keys && time - this.last.time < 1000;
    this.last = { keys, time };
    this.future = [];
    if (same && this.past.length) return;
    this.past.push(before);
    if (this.past.length > 200) this.past.shift();
  }

  /** @param {{view: string, state: State}} now */
  undo(now) {
    const found = this.past.pop();
    if (found) this.future.push(now);
    this.last = { keys: "", time: 0 };
    return found;
  }

  /** @param {{view: string, state: State}} now */
  redo(now) {
    const found = this.future.pop();
    if (found) this.past.push(now);
    this.last = { keys: "", time: 0 };
    return found;
  }
}
