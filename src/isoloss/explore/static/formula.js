// A formula as nodes, built from plain lists (explore/formula.py): no markup is read. Only these
// elements and classes are made, whatever the lists say.

import { make } from "isoloss/dom.js";

const TAGS = new Set(["span", "i", "sub", "sup"]);
const CLASSES = new Set(["formula", "op", "thin", "word", "frac", "tall", "root"]);
const GREEK = Object.fromEntries("alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ tau τ upsilon υ phi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω".split(" ").reduce((/** @type {string[][]} */ pairs, word, i, all) => (i % 2 ? pairs : [...pairs, [word, all[i + 1]]]), []));

/** The formula, with its words for those who listen.
 * @param {FormulaNode} node
 * @param {string} words
 */
export function formulaNode(node, words) {
  return make("span", { class: "formula", role: "math", "aria-label": words }, build(typeof node === "string" ? node : ["span", "", ...node.slice(2)], 0));
}

/** @param {any} node @param {number} depth @returns {Node | string} */
function build(node, depth) {
  if (!Array.isArray(node)) return String(node);
  const [tag, name, ...inside] = node;
  if (depth > 60) return "…";
  return make(/** @type {"span"} */ (TAGS.has(tag) ? tag : "span"), { class: CLASSES.has(name) ? name : null }, ...inside.map((child) => build(child, depth + 1)));
}

/** A name of a formula as people write it: `alpha` is α, `N_c` has an index.
 * @param {string} name
 */
export function nameNode(name) {
  const [head, ...rest] = name.split("_");
  const word = (/** @type {string} */ part) => (Object.hasOwn(GREEK, part) ? GREEK[part] : part);
  return make("span", { class: "name" }, make(head.length > 1 && !Object.hasOwn(GREEK, head) ? "span" : "i", { text: word(head) }), rest.length ? make("sub", { text: rest.filter(Boolean).map(word).join(",") }) : null);
}
