// Names with texts, as they stand in an address and as the server takes them.

/** `N=params,D=tokens`; what would separate is coded.
 * @param {Record<string, string>} pairs
 */
export function writePairs(pairs) {
  return Object.entries(pairs).filter(([, text]) => text).map(([name, text]) => `${name}=${encodeURIComponent(text)}`).join(",");
}

/** @param {unknown} text @returns {Record<string, string>} */
export function readPairs(text) {
  /** @type {Record<string, string>} */
  const found = {};
  for (const part of String(text ?? "").split(",")) {
    const at = part.indexOf("=");
    if (at < 1) continue;
    try {
      found[part.slice(0, at)] = decodeURIComponent(part.slice(at + 1));
    } catch {
      found[part.slice(0, at)] = part.slice(at + 1);
    }
  }
  return found;
}

/** How the columns are read: what the server needs to read the runs.
 * @param {State} state
 * @param {Record<string, string>} guessed the mapping where none was chosen
 */
export function reading(state, guessed) {
  const map = state.map ? readPairs(state.map) : guessed;
  const kept = (/** @type {Record<string, string>} */ pairs) => Object.fromEntries(Object.entries(pairs).filter(([name]) => name in map));
  return {
    map, units: kept(readPairs(state.units)), conventions: kept(readPairs(state.counted)),
    target: String(state.target ?? "") in map ? String(state.target) : "",
    where: String(state.where ?? "").split("\n").map((line) => line.trim()).filter(Boolean),
    bytes_per_token: String(state.per ?? ""),
  };
}

/** The law that is to be fitted.
 * @param {State} state
 */
export function lawOf(state) {
  return state.form === "own" ? String(state.formula ?? "").trim() : String(state.form);
}

/** A whole number that was typed, or what stands for it.
 * @param {unknown} text
 * @param {number} usual
 */
export function whole(text, usual) {
  const cleaned = String(text ?? "").replace(/[\s,]/g, "");
  return /^\d{1,9}$/.test(cleaned) ? Number(cleaned) : usual;
}
