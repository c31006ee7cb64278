// A law with its draws, as a page evaluates it. The functions are those that Python generated from
// the same formula; see explore/javascript.py.

import { interval, scientific } from "isoloss/numbers.js";

/** @param {string} data base64 of little-endian float64 */
export function unpack(data) {
  const text = atob(data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Float64Array(bytes.buffer);
}

export class Law {
  /**
   * @param {EntryDocument} entry
   * @param {LawFunctions} functions
   */
  constructor(entry, functions) {
    this.entry = entry;
    this.key = entry.key;
    this.functions = functions;
    this.names = entry.variables.map((v) => v.name);
    this.theta = unpack(entry.theta.data);
    this.rows = entry.theta.rows;
    this.width = entry.parameters.length;
    /** The numbers of the point. */
    this.point = this.theta.subarray(0, this.width);
    /** Those of the draws, row after row. */
    this.draws = this.theta.subarray(this.width);
    this.count = this.rows - 1;
    this.level = entry.level;
    this.out = new Float64Array(this.count);
  }

  /** Whether it is a law of N and D (and what is held). */
  get plans() {
    return this.names.includes("N") && this.names.includes("D");
  }

  /** @param {string} name */
  variable(name) {
    return this.entry.variables.find((v) => v.name === name);
  }

  /** Values in the order of the variables.
   * @param {Record<string, number>} at
   */
  inputs(at) {
    return this.names.map((name) => at[name]);
  }

  /** The value by the point.
   * @param {ArrayLike<number>} x values in the order of the variables
   */
  value(x) {
    return this.functions.one(x, this.point);
  }

  /** The value by one draw.
   * @param {ArrayLike<number>} x
   * @param {number} row
   */
  drawn(x, row) {
    return this.functions.one(x, this.draws.subarray(row * this.width, (row + 1) * this.width));
  }

  /** Values by all draws; the array is used again by the next call.
   * @param {ArrayLike<number>} x
   */
  sample(x) {
    this.functions.many(this.out, this.draws, x);
    return this.out;
  }

  /** Value and interval at a point.
   * @param {ArrayLike<number>} x
   * @returns {{value: number, low: number, high: number}}
   */
  estimate(x) {
    const value = this.value(x);
    if (!this.count) return { value, low: value, high: value };
    const [low, high] = interval(this.sample(x), this.level);
    return { value, low, high };
  }

  /** A curve with its band along one or more variables.
   * @param {number[][]} points inputs of every point of the curve
   */
  band(points) {
    const value = new Array(points.length), low = new Array(points.length), high = new Array(points.length);
    for (let i = 0; i < points.length; i++) {
      const e = this.estimate(points[i]);
      value[i] = e.value;
      low[i] = e.low;
      high[i] = e.high;
    }
    return { value, low, high };
  }

  /** Where a point lies in relation to the runs: as `trust.Place` in Python.
   * @param {Record<string, number>} at
   */
  place(at) {
    const found = [];
    for (const direction of this.entry.directions) {
      if (direction.of.some(([name]) => !(name in at))) continue;
      const value = direction.linear
        ? at[direction.of[0][0]]
        : direction.of.reduce((product, [name, power]) => product * at[name] ** power, 1);
      found.push({ ...direction, value, decades: beyond(direction, value) });
    }
    found.sort((a, b) => b.decades - a.decades);
    if (!found.length) {
      return { status: "unknown", decades: NaN, words: "unknown: the source does not say which runs the law rests on" };
    }
    const status = statusOf(found[0].decades);
    const outside = found.filter((d) => statusOf(d.decades) !== "inside");
    const words = outside.length ? `${status}: ${outside.map(describe).join("; ")}` : "inside: runs surround this point";
    return { status, decades: found[0].decades, words };
  }
}

/** @param {DirectionDocument} direction @param {number} value */
function beyond({ low, high, linear }, value) {
  if (linear || !(low > 0)) return Math.max(low - value, value - high, 0) / (high - low || 1);
  return Math.max(Math.log10(low / value), Math.log10(value / high), 0);
}

/** @param {number} decades */
export function statusOf(decades) {
  return decades <= 0.01 ? "inside" : decades <= Math.log10(2) ? "edge" : "outside";
}

/** @param {any} d */
function describe(d) {
  const side = d.value > d.high ? "above" : "below";
  const times = 10 ** d.decades;
  const far = times >= 10 ? Math.round(times) : Number(times.toPrecision(2));
  const words = (/** @type {number} */ v) => worded(d.name, v);
  return d.linear
    ? `${d.name} = ${words(d.value)} lies ${side} the runs (${words(d.low)} to ${words(d.high)})`
    : `${d.name} = ${words(d.value)} lies ${far} times ${side} the runs (${words(d.low)} to ${words(d.high)})`;
}

/** @param {string} name @param {number} value */
function worded(name, value) {
  if (name === "C") return scientific(value);
  if (!/^\w+$/.test(name)) return value.toPrecision(2).replace(/e\+?/, "e");
  for (const [scale, letter] of /** @type {[number, string][]} */ ([[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]])) {
    if (scale <= value && value < 1e3 * scale) return `${Number((value / scale).toPrecision(3))}${letter}`;
  }
  return String(Number(value.toPrecision(3)));
}
