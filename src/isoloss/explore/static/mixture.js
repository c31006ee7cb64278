// Laws of data mixtures: which there are in a page, and their loss at shares of the training data.

import { functions } from "isoloss/laws.js";
import { Law } from "isoloss/law.js";
import { lowest } from "isoloss/ternary.js";

/** A law whose inputs are shares of one whole.
 * @typedef {{key: string, name: string, law: Law, sets: {name: string, title: string, note: string, numbers: ArrayLike<number>}[], shares: string[], rest: string[], own: boolean}} Source
 */

export const MEAN = "mean";
/** @type {WeakMap<Bundle, Source[]>} */
const made = new WeakMap();

/** Every law of mixtures of a page: fits of one's own first, then the published ones.
 * @param {Context} context
 * @returns {Source[]}
 */
export function sourcesOf(context) {
  const own = [];
  for (const law of context.laws.values()) {
    const source = sourceOf(law, [{ name: law.entry.target, title: law.entry.target, note: "", numbers: law.point }], law.entry.kind === "fit");
    if (source.shares.length >= 3 && !context.bundle.mixtures.some(({ entry }) => entry.key === source.key.split(":")[0])) own.push(source);
  }
  let known = made.get(context.bundle);
  if (!known) {
    known = context.bundle.mixtures.map(({ entry, sets }) =>
      sourceOf(new Law(entry, functions[entry.key]), sets.map(({ values, ...set }) => ({ ...set, numbers: values })), false));
    made.set(context.bundle, known);
  }
  return [...own, ...known];
}

/** @param {any} law @param {Source["sets"]} sets @param {boolean} own @returns {Source} */
function sourceOf(law, sets, own) {
  const shares = law.entry.variables.filter((/** @type {VariableDocument} */ v) => v.share).map((/** @type {VariableDocument} */ v) => v.name);
  return { key: law.key, name: law.entry.name, law, sets, shares, rest: law.names.filter((/** @type {string} */ name) => !shares.includes(name)), own };
}

/** The name of a domain without the letter of its law: `r_academic` is academic.
 * @param {string} name
 */
export function domain(name) {
  return name.replace(/^[a-z]_/, "");
}

/** The loss on one validation set, or the plain mean over all of them.
 * @param {Source} source
 * @param {string} judge name of a set, or `mean`
 * @returns {(x: ArrayLike<number>) => number}
 */
export function lossOf(source, judge) {
  const { one } = source.law.functions;
  const chosen = source.sets.find((set) => set.name === judge);
  if (chosen) return (x) => one(x, chosen.numbers);
  return (x) => {
    let sum = 0;
    for (const set of source.sets) sum += one(x, set.numbers);
    return sum / source.sets.length;
  };
}

/** Three domains of a mixture, the others held: from parts of the triangle to inputs of the law.
 * @param {Source} source
 * @param {string[]} corners three shares
 * @param {Record<string, number>} at the other shares and inputs
 */
export function slice(source, corners, at) {
  const x = source.law.names.map((name) => at[name] ?? 0);
  const places = corners.map((name) => source.law.names.indexOf(name));
  const held = source.shares.filter((name) => !corners.includes(name)).reduce((sum, name) => sum + at[name], 0);
  const whole = Math.max(0, 1 - held);
  return {
    whole, held,
    /** The inputs; the array is used again by the next call. @param {ArrayLike<number>} parts */
    inputs(parts) {
      for (let i = 0; i < 3; i++) x[places[i]] = parts[i] * whole;
      return x;
    },
  };
}

/** The best parts of the triangle, looked for from the best of some.
 * @param {(parts: import("isoloss/ternary.js").Parts) => number} f
 * @param {import("isoloss/ternary.js").Parts[]} nodes
 * @param {ArrayLike<number>} values
 */
export function bestOf(f, nodes, values) {
  let at = -1;
  for (let i = 0; i < nodes.length; i++) if (Number.isFinite(values[i]) && (at < 0 || values[i] < values[at])) at = i;
  return at < 0 ? null : lowest(f, nodes[at]);
}
