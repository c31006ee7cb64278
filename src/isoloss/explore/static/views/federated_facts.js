// The numbers of a federated plan, each with its bands, where it comes from, and how it was found.

import { duration, prefixed, PARTS } from "isoloss/network.js";
import { amount, plain, precise, scientific, span } from "isoloss/numbers.js";

/** @param {any} law @param {any} asked @param {any} found @param {any} time @param {Fact["from"]} origin of what the law says @param {Fact["from"]} counted of what is worked out from it @returns {Fact[]} */
export function factsOf(law, asked, found, time, origin, counted) {
  const { unit, target } = law.entry;
  const { clients, rho, flop, compute, star, held } = asked;
  const { N, D, perClient, loss, ratio, gap, multiplier } = found.values;
  const own = compute / clients ** rho.value;
  const wide = clients > 1 && rho.low < rho.high;
  const bands = (/** @type {any} */ e, /** @type {string} */ u) => {
    const parts = [];
    const over = span(e.rho, u, e.value), drawn = span(e.law, u, e.value);
    if (wide && over !== "held") parts.push(`ρ ${plain(rho.low)} to ${plain(rho.high)}: ${over}.`);
    if (drawn === "no interval" && !law.count) parts.push("No interval: nothing is known of the errors.");
    else if (drawn !== "held" && drawn !== "no interval") parts.push(`${Math.round(100 * law.level)} %: ${drawn}.`);
    return parts.join(" ");
  };
  const se = (/** @type {any} */ e) => Math.abs(e.law[1] - e.law[0]) / 3.3;
  const put = `${law.entry.formula}, with ${law.entry.parameters.map((/** @type {any} */ p) => `${p.name} = ${Number(p.value.toPrecision(6))}`).join(", ")}`;
  const more = Object.entries(held).map(([name, value]) => `, ${name} = ${Number(Number(value).toPrecision(6))}`).join("");
  const worth = `K^ρ = ${clients}^${plain(rho.value)} = ${plain(clients ** rho.value, 5)}`;
  /** @type {Fact[]} */
  const facts = [
    { key: "N", label: "parameters N", value: amount(N.value), from: origin, interval: bands(N, "parameters"), explain: [
      `${clients} clients learn as one machine with D / K^ρ; ${worth}`,
      `so the best size at C = ${scientific(compute, 4)} is that of one machine at C / K^ρ = ${scientific(own, 5)}`,
      put, `solved for N: ${N.value.toPrecision(7)}`, `ρ: ${rho.meaning}`] },
    { key: "loss", label: `${target}${unit ? `, ${unit}` : ""}`, value: precise(loss.value, se(loss)), from: origin, interval: bands(loss, unit), explain: [
      put, `at N = ${N.value.toPrecision(6)} and D / K^ρ = ${(D.value / clients ** rho.value).toPrecision(6)}${more}`, `gives ${loss.value.toPrecision(8)}`] },
    { key: "gap", label: `${target} above one machine’s`, value: plain(gap.value, 3), from: origin, interval: bands(gap, ""), explain: [
      `one machine with all ${scientific(compute, 4)} FLOP reaches ${found.central.loss.toPrecision(8)} with N = ${found.central.N.toPrecision(6)}`, `${loss.value.toPrecision(8)} − ${found.central.loss.toPrecision(8)} = ${plain(gap.value, 5)}`] },
    { key: "multiplier", label: "compute to catch up", value: plain(multiplier.value, 3), unit: "times", from: origin, interval: bands(multiplier, ""), explain: [
      `C K^ρ among K clients does what C does on one machine: ${worth}`] },
    { key: "gain", label: "gain over a client alone", value: plain(Math.max(0, found.gain), 3), from: origin, interval: `${wide ? `ρ ${plain(rho.low)} to ${plain(rho.high)}: ${plain(Math.max(0, Math.min(...found.gains)), 3)} to ${plain(Math.max(0, ...found.gains), 3)}.` : ""}`, explain: [
      `a client alone has C / K = ${scientific(compute / clients, 4)} FLOP and at best reaches ${Number.isFinite(found.alone.loss) ? found.alone.loss.toPrecision(8) : "nothing that the law has a value for"}`, "at ρ = 1 the law gives a federation the same, so the gain is nothing"] },
    { key: "ratio", label: "N over one machine’s", value: plain(ratio.value, 3), from: origin, interval: bands(ratio, ""), explain: [`${N.value.toPrecision(6)} / ${found.central.N.toPrecision(6)} = ${plain(ratio.value, 6)}`] },
    { key: "D", label: "tokens, all clients", value: amount(D.value), from: origin, interval: bands(D, "tokens"), explain: [`D = C / (k N) = ${scientific(compute, 4)} / (${flop} × ${N.value.toPrecision(5)}) = ${D.value.toPrecision(7)}`] },
    { key: "perClient", label: "tokens, one client", value: amount(perClient.value), from: counted, interval: bands(perClient, "tokens"), explain: [`D / K = ${D.value.toPrecision(6)} / ${clients} = ${perClient.value.toPrecision(7)}`] },
    { key: "rounds", label: "rounds", value: amount(time.rounds), from: counted, explain: [`D / (K × batch × H) = ${D.value.toPrecision(6)} / (${clients} × ${asked.batch} × ${asked.steps}) = ${time.rounds.toPrecision(6)}`] },
    { key: "wall", label: "wall clock", value: duration(time.wall), from: counted, interval: binding(time), explain: [
      `a round computes k N × batch × H / speed = ${flop} × ${N.value.toPrecision(4)} × ${asked.batch} × ${asked.steps} / ${prefixed(star.client_flops, "FLOP/s")} = ${duration(time.parts.compute / time.rounds)}`,
      ...(clients === 1 ? ["one client alone sends nothing"] : [
        `and sends 8 × ${star.up_bytes} × N bits: ${duration((8 * star.up_bytes * N.value) / Math.min(star.up_bps, star.server_bps / clients))} up at ${prefixed(Math.min(star.up_bps, star.server_bps / clients), "b/s")}, ${duration((8 * star.down_bytes * N.value) / Math.min(star.down_bps, star.server_bps / clients))} down at ${prefixed(Math.min(star.down_bps, star.server_bps / clients), "b/s")}, and waits 2 × ${duration(star.latency_s)}`,
        ...(star.server_bps / clients < Math.max(star.up_bps, star.down_bps) ? [`the server’s ${prefixed(star.server_bps, "b/s")} among ${clients} clients is ${prefixed(star.server_bps / clients, "b/s")} for each, which counts as the server’s time where it is the slower`] : [])]),
      `over ${time.rounds.toPrecision(4)} rounds: ${PARTS.filter((name) => time.parts[name] > 0).map((name) => `${name} ${duration(time.parts[name])}`).join(", ")}`] },
    { key: "traffic", label: "traffic, all clients", value: prefixed(time.traffic, "B"), from: counted, explain: [clients === 1 ? "one client alone sends nothing" : `(${star.up_bytes} + ${star.down_bytes}) bytes × N × K × rounds = ${star.up_bytes + star.down_bytes} × ${N.value.toPrecision(4)} × ${clients} × ${time.rounds.toPrecision(4)}`] },
  ];
  return clients > 1 ? facts : facts.filter((fact) => !["gap", "multiplier", "gain", "ratio", "perClient"].includes(fact.key));
}

/** The parts that matter, by share. @param {any} time */
function binding(time) {
  const shares = PARTS.map((name) => ({ name, share: time.parts[name] / time.wall })).filter((one) => one.share >= 0.01).sort((a, b) => b.share - a.share);
  return `${shares.map(({ name, share }) => `${name.replace("link", "-link")} ${Math.round(100 * share)} %`).join(", ")}.`;
}
