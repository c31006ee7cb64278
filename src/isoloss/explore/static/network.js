// Clients around a server: the arithmetic of federated/network/star.py and timing.py, and rates,
// speeds and times as people write them.

import { plain } from "isoloss/numbers.js";

/** @typedef {{client_flops: number, up_bps: number, down_bps: number, server_bps: number, latency_s: number, up_bytes: number, down_bytes: number}} Star */

/** Names of the parts of the time, in the order that Python has them. */
export const PARTS = ["compute", "uplink", "downlink", "server", "latency"];

/** Seconds of one round by part. One client alone sends nothing.
 * @param {Star} star
 * @param {number} size N
 * @param {number} clients K
 * @param {number} steps H
 * @param {number} batch tokens of one client in one local step
 * @param {number} flop k in C = k N D
 * @returns {Record<string, number>}
 */
export function roundParts(star, size, clients, steps, batch, flop) {
  const parts = { compute: (flop * size * batch * steps) / star.client_flops, uplink: 0, downlink: 0, server: 0, latency: 0 };
  if (clients === 1) return parts;
  parts.latency = 2 * star.latency_s;
  const share = star.server_bps / clients;
  for (const [name, rate, sent] of /** @type {["uplink" | "downlink", number, number][]} */ ([["uplink", star.up_bps, star.up_bytes], ["downlink", star.down_bps, star.down_bytes]])) {
    // where the server's share is below a client's own rate, the time counts as the server's
    parts[share < rate ? "server" : name] += (8 * sent * size) / Math.min(rate, share);
  }
  return parts;
}

/** A whole run.
 * @param {Star} star
 * @param {{size: number, tokens: number, clients: number, steps: number, batch: number, flop: number}} run
 */
export function timing(star, { size, tokens, clients, steps, batch, flop }) {
  const rounds = tokens / (clients * batch * steps);
  const each = roundParts(star, size, clients, steps, batch, flop);
  const parts = Object.fromEntries(PARTS.map((name) => [name, each[name] * rounds]));
  const wall = PARTS.reduce((sum, name) => sum + parts[name], 0);
  const binds = PARTS.reduce((most, name) => (parts[name] > parts[most] ? name : most), PARTS[0]);
  const traffic = clients === 1 ? 0 : (star.up_bytes + star.down_bytes) * size * clients * rounds;
  return { rounds, parts, wall, binds, traffic, share: wall > 0 ? parts[binds] / wall : 1 };
}

const PREFIXES = /** @type {[number, string][]} */ ([[1e18, "E"], [1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]);
const SIZES = /** @type {Record<string, number>} */ ({ "": 1, k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15, e: 1e18 });

/** `20 Mb/s`, `93.6 TFLOP/s`, `1.36 PB`.
 * @param {number} value
 * @param {string} unit
 */
export function prefixed(value, unit) {
  const rounded = Number(value.toPrecision(3));
  for (const [size, letter] of PREFIXES) if (rounded >= size) return `${plain(rounded / size, 3)} ${letter}${unit}`;
  return `${plain(rounded, 3)} ${unit}`;
}

/** Bits a second; `B` is bytes.
 * @param {string} text
 */
export function readRate(text) {
  const match = /^\s*([\d.]+(?:e[+-]?\d+)?)\s*(?:([kmgt]?)(b|bit|bits)(?:\/s|ps)?)?\s*$/i.exec(text);
  if (!match) return NaN;
  return Number(match[1]) * SIZES[(match[2] ?? "").toLowerCase()] * (match[3] === "B" ? 8 : 1);
}

/** FLOP a second.
 * @param {string} text
 */
export function readSpeed(text) {
  const match = /^\s*([\d.]+(?:e[+-]?\d+)?)\s*(?:([kmgtpe]?)flop(?:\/s|s)?)?\s*$/i.exec(text);
  return match ? Number(match[1]) * SIZES[(match[2] ?? "").toLowerCase()] : NaN;
}

const TIMES = /** @type {Record<string, number>} */ ({ us: 1e-6, ms: 1e-3, s: 1, "": 1, min: 60, h: 3600, d: 86400 });

/** Seconds.
 * @param {string} text
 */
export function readSeconds(text) {
  const match = /^\s*([\d.]+(?:e[+-]?\d+)?)\s*(us|ms|s|min|h|d)?\s*$/i.exec(text);
  return match ? Number(match[1]) * TIMES[(match[2] ?? "").toLowerCase()] : NaN;
}

/** A time in the unit that people would use.
 * @param {number} seconds
 */
export function duration(seconds) {
  if (!(seconds > 0)) return "0 s";
  for (const [size, unit, from] of /** @type {[number, string, number][]} */ ([[31557600, "years", 2], [86400, "days", 2], [3600, "h", 1.5], [60, "min", 1.5], [1, "s", 1]])) {
    if (seconds >= size * from) return `${plain(seconds / size, 3)} ${unit}`;
  }
  return `${plain(seconds * 1000, 3)} ms`;
}

/** Round times for a logarithmic axis, from a millisecond to a thousand years.
 * @param {number} low seconds
 * @param {number} high
 */
export function timeTicks(low, high) {
  const known = /** @type {[number, string][]} */ ([[1e-3, "1 ms"], [1, "1 s"], [60, "1 min"], [3600, "1 h"], [86400, "1 day"], [864000, "10 days"], [8.64e6, "100 days"], [31557600, "1 year"], [315576000, "10 years"], [3155760000, "100 years"], [31557600000, "1000 years"]]);
  const inside = known.filter(([at]) => at >= low && at <= high);
  const chosen = inside.length >= 2 ? inside : [low, Math.sqrt(low * high), high].map((at) => /** @type {[number, string]} */ ([at, duration(at)]));
  return { values: chosen.map(([at]) => at), texts: chosen.map(([, text]) => text) };
}
