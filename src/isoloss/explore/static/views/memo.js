// What was computed for a law is kept while the few values that it follows from stay.

const MOST = 8;
/** @type {WeakMap<object, Map<string, any>>} */
const kept = new WeakMap();

/** The value of `compute` for this object and key; the oldest of many is forgotten.
 * @template T
 * @param {object} owner
 * @param {string} key
 * @param {() => T} compute
 * @returns {T}
 */
export function memo(owner, key, compute) {
  let values = kept.get(owner);
  if (!values) {
    values = new Map();
    kept.set(owner, values);
  }
  if (values.has(key)) return values.get(key);
  const value = compute();
  values.set(key, value);
  if (values.size > MOST) values.delete(values.keys().next().value ?? "");
  return value;
}

/** @type {WeakMap<object, number>} */
const numbers = new WeakMap();
let last = 0;

/** A number that no other object has, to be part of a key.
 * @param {object} object
 */
export function idOf(object) {
  const found = numbers.get(object) ?? ++last;
  numbers.set(object, found);
  return found;
}

/** Rows of the draws, made once: a view of an array costs more than a value of a law.
 * @param {import("isoloss/law.js").Law} law
 * @returns {Float64Array[]}
 */
export function rowsOf(law) {
  return memo(law, "rows", () => Array.from({ length: law.count }, (_, i) => law.draws.subarray(i * law.width, (i + 1) * law.width)));
}
