// What a point on the surface says in words.

import { brief } from "isoloss/views/curves_words.js";
import { unitOf } from "isoloss/views/curve.js";
import { amount, plain, precise, scientific, shown, span } from "isoloss/numbers.js";

/** @param {any} found */
export function headline(found) {
  const { law, N, D, C, loss, best, ratio } = found;
  const { target, unit } = law.entry;
  if (!Number.isFinite(loss.value)) return `The law has no value at ${amount(N)} parameters and ${data(found, D)}.`;
  const first = `${amount(N)} parameters on ${data(found, D)} (${plain(ratio, 3)} for each parameter${found.tokens ? `, ${scientific(C)} FLOP` : ""}): expect a ${target} of ${precise(loss.value, spread(loss))}${brief(unit)}.`;
  if (!best) return first;
  if (!(best.factor.value > 1.005)) return `${first} No other split of this compute is better.`;
  return `${first} That spends ${plain(best.factor.value, 3)} times the compute which this ${target} needs; the best split of the same compute is ${amount(best.N.value)} on ${amount(best.D.value)}, for ${shown(best.loss.value, unit)}.`;
}

/** @param {any} found @param {number} D */
function data({ law }, D) {
  return `${amount(D)} ${unitOf(law, "D") || "tokens"}`;
}

/** @param {any} law @param {any} e @param {string} unit */
function wide(law, e, unit) {
  const words = span([e.low, e.high], unit, e.value);
  return !law.count || words === "held" || words === "no interval" ? "no interval: nothing is known of the errors" : `${Math.round(100 * law.level)} %: ${words}`;
}

/** Digits beyond the fifth tell nothing, however small the rounding. @param {any} e */
const spread = (e) => Math.max(Math.abs(e.high - e.low) / 3.3, 2e-5 * Math.abs(e.value));

/** @param {any} found @returns {Fact[]} */
export function facts(found) {
  const { law, held, N, D, k, C, loss, best, ratio } = found;
  const { target, unit, formula, parameters } = law.entry;
  const round = (/** @type {number} */ v, digits = 6) => Number(Number(v).toPrecision(digits));
  const at = Object.entries({ ...held, N, D }).map(([name, value]) => `${name} = ${round(value)}`).join(", ");
  /** @type {Fact[]} */
  const list = [
    { key: "loss", label: `${target}${unit ? `, ${unit}` : ""}`, value: precise(loss.value, spread(loss)), interval: wide(law, loss, unit), explain: [formula, `with ${parameters.map((/** @type {any} */ p) => `${p.name} = ${round(p.value)}`).join(", ")}`, `at ${at}`, `gives ${Number.isFinite(loss.value) ? loss.value.toPrecision(8) : "no value"}`] },
    ...(found.tokens ? [{ key: "C", label: "compute C", value: scientific(C), unit: "FLOP", explain: [`C = k N D = ${round(k, 4)} × ${round(N)} × ${round(D)} = ${scientific(C, 6)}`] }] : []),
    { key: "ratio", label: `${unitOf(law, "D") || "tokens"} per parameter`, value: plain(ratio, 3), explain: [`D / N = ${round(D)} / ${round(N)} = ${plain(ratio, 6)}`] },
  ];
  if (!best) return list;
  const solved = `where one percent more of N or of D lowers the ${target} by the same, with N D held at ${scientific(C / k, 4)}`;
  list.push(
    { key: "factor", label: `compute over what this ${target} needs`, value: Number.isFinite(best.factor.value) ? `${plain(best.factor.value, 3)} ×` : "unknown", interval: wide(law, best.factor, ""), explain: [`a best split reaches ${loss.value.toPrecision(6)} with ${scientific(best.least, 4)} FLOP`, `${scientific(C, 4)} / ${scientific(best.least, 4)} = ${plain(best.factor.value, 5)}`, "each draw of the numbers is asked the same, with its own loss at this point"] },
    { key: "bestN", label: "best N for this compute", value: amount(best.N.value), interval: wide(law, best.N, "parameters"), explain: [solved, `solved for N: ${best.N.value.toPrecision(7)}`] },
    { key: "bestD", label: "best D for this compute", value: amount(best.D.value), interval: wide(law, best.D, "tokens"), explain: [`D = C / (k N) = ${best.D.value.toPrecision(7)}`] },
    { key: "excess", label: `${target} above the best split`, value: precise(Math.max(0, best.excess.value), spread(best.excess)), interval: wide(law, best.excess, ""), explain: [`${loss.value.toPrecision(7)} − ${best.loss.value.toPrecision(7)} = ${plain(best.excess.value, 5)}`] },
  );
  return list;
}

/** @param {any} found */
export function warnings({ law, best, loss, ground, tokens }) {
  const list = [];
  if (!tokens) list.push(`D counts ${unitOf(law, "D")}, not tokens: k N D is no compute, so no budgets and no best splits are drawn.`);
  if (!law.count) list.push("No errors are known for this law, so there are no intervals.");
  else if (law.entry.basis === "rounding") list.push("No errors are printed for this law: the intervals show what the rounding of its numbers alone leaves open.");
  if (law.entry.certified === false) list.push("This fit is not certified: other numbers may fit as well.");
  if (!best && tokens && Number.isFinite(loss.value)) list.push(ground.path ? "At this compute the law has no best split of size and data, so none is drawn or compared here." : `A ${law.entry.target} has no best split of compute, so no path is drawn.`);
  if (!ground.shape) list.push("The source does not say which sizes and data the law rests on, so no area of runs is drawn.");
  return list;
}

/** @param {any} found */
export function program({ law, held, N, D, k, C, best }) {
  const [id, set] = law.key.split(":");
  const inputs = Object.entries({ ...held, N, D }).map(([name, value]) => `"${name}": ${value}`).join(", ");
  const options = [`compute=${C}`, `N=${N}`, ...(k !== 6 ? [`flop=${k}`] : [])];
  if (law.entry.kind === "fit") return `import isoloss\n\nfit = isoloss.Fit.load(${JSON.stringify(law.entry.file ?? "fit.json")})\nprint(fit.predict({${inputs}}))\n${best ? `print(fit.plan(${options.join(", ")}))\n` : ""}`;
  if (Object.keys(held).length) options.push(`at={${Object.entries(held).map(([name, value]) => `"${name}": ${value}`).join(", ")}}`);
  if (set) options.push(`coefficients="${set}"`);
  return `from isoloss.law import published_laws\n\nlaw = published_laws()["${id}"]\nprint(law.evaluate({${inputs}}${set ? `, "${set}"` : ""}))\n${best ? `print(law.plan(${options.join(", ")}))\n` : ""}`;
}
