// Numbers for people, read from people, and intervals: the same rules as report/numbers.py and
// fit.interval in Python.

const LETTERS = [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]];
const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** Percentile interval of draws: linear between neighbours; draws that are NaN are left out.
 *
 * Infinite draws are the largest, and between them and finite ones nothing is interpolated.
 * @param {ArrayLike<number>} draws
 * @param {number} level nominal coverage
 * @returns {[number, number]}
 */
export function interval(draws, level) {
  if (room.length < draws.length) room = new Float64Array(draws.length);
  let count = 0, finite = true;
  for (let i = 0; i < draws.length; i++) {
    const value = draws[i];
    if (value !== value) continue;
    room[count++] = value;
    if (value === Infinity || value === -Infinity) finite = false;
  }
  const good = room.subarray(0, count);
  const tail = (1 - level) / 2;
  return [quantile(partly(good, tail), tail, finite), quantile(partly(good, 1 - tail), 1 - tail, finite)];
}

// reused by every call: a curve asks for hundreds of intervals before it is drawn
let room = new Float64Array(512);

/** Order an array just so far that its quantile stands where a sorted array has it, with the next
 * larger value after it.
 * @param {Float64Array} values
 * @param {number} share
 */
function partly(values, share) {
  const count = values.length;
  if (count < 2) return values;
  const ranks = [Math.floor(share * (count - 1)), Math.min(count - 1, Math.max(0, Math.ceil(share * count) - 1))];
  for (const rank of ranks) {
    select(values, rank);
    let least = rank + 1;
    for (let i = rank + 2; i < count; i++) if (values[i] < values[least]) least = i;
    if (least < count) [values[rank + 1], values[least]] = [values[least], values[rank + 1]];
  }
  return values;
}

/** Hoare's selection: what stands at `rank` is what a sorted array has there, smaller before it.
 * @param {Float64Array} values
 * @param {number} rank
 */
function select(values, rank) {
  let low = 0, high = values.length - 1;
  while (low < high) {
    const pivot = middle(values[low], values[(low + high) >> 1], values[high]);
    let i = low, j = high;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i <= j) {
        const kept = values[i];
        values[i++] = values[j];
        values[j--] = kept;
      }
    }
    if (rank <= j) high = j;
    else if (rank >= i) low = i;
    else return;
  }
}

/** @param {number} a @param {number} b @param {number} c */
function middle(a, b, c) {
  return a < b ? (b < c ? b : a < c ? c : a) : a < c ? a : b < c ? c : b;
}

/** One quantile of sorted draws.
 * @param {Float64Array} sorted
 * @param {number} share
 * @param {boolean} [linear]
 */
export function quantile(sorted, share, linear = true) {
  const count = sorted.length;
  if (!count) return NaN;
  if (!linear) return sorted[Math.min(count - 1, Math.max(0, Math.ceil(share * count) - 1))];
  const place = share * (count - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, count - 1);
  const part = place - low;
  // as numpy.quantile: from the nearer end, so that the last digits agree
  const step = sorted[high] - sorted[low];
  return part < 0.5 ? sorted[low] + step * part : sorted[high] - step * (1 - part);
}

/** A count with a letter: `57.3M`, `1.4T`.
 * @param {number} value
 * @param {number} [digits]
 */
export function amount(value, digits = 3) {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e16) return scientific(value, digits);
  const rounded = Number(value.toPrecision(digits));
  for (const [size, letter] of /** @type {[number, string][]} */ (LETTERS)) {
    if (Math.abs(rounded) >= size) return `${Number((rounded / size).toPrecision(digits))}${letter}`;
  }
  return sign(String(rounded));
}

/** `3.2 × 10²¹`, and `10²¹` for a whole power of ten.
 * @param {number} value
 * @param {number} [digits]
 */
export function scientific(value, digits = 3) {
  if (!Number.isFinite(value)) return value > 0 ? "unbounded" : "unknown";
  if (value === 0) return "0";
  const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
  const power = "10" + [...String(Number(exponent))].map((c) => RAISED[/** @type {keyof typeof RAISED} */ (c)]).join("");
  return Number(mantissa) === 1 ? power : `${sign(String(Number(mantissa)))} × ${power}`;
}

/** A number that has no better form.
 * @param {number} value
 * @param {number} [digits]
 */
export function plain(value, digits = 4) {
  if (!Number.isFinite(value)) return value > 0 ? "unbounded" : "unknown";
  if (value && !(Math.abs(value) >= 1e-4 && Math.abs(value) < 1e7)) return scientific(value, digits);
  return sign(String(Number(value.toPrecision(digits))));
}

/** A value of a quantity by its unit.
 * @param {number} value
 * @param {string} unit
 * @param {number} [digits]
 */
export function shown(value, unit, digits) {
  if (unit === "FLOP" || unit.startsWith("FLOP")) return scientific(value, digits ?? 3);
  if (counts(unit)) return amount(value, digits ?? 3);
  return plain(value, digits ?? 4);
}

/** Whether a unit counts things, which are written with letters.
 * @param {string} unit
 */
export function counts(unit) {
  return /^(parameters|tokens|samples|pairs|characters|bytes|items|clients|steps|unique)/.test(unit);
}

/** A number to the second digit of its spread, and at least three.
 * @param {number} value
 * @param {number} spread
 */
export function precise(value, spread) {
  if (!(spread > 0) || !Number.isFinite(spread) || !Number.isFinite(value)) return plain(value, 5);
  const size = Math.max(Math.abs(value), 1e-300);
  let places = 1 - Math.floor(Math.log10(spread));
  places = Math.min(Math.max(places, 2 - Math.floor(Math.log10(size))), 12);
  if (Math.abs(value) >= 1e7 || size < 1e-4) return scientific(value, Math.max(3, places + Math.floor(Math.log10(size)) + 1));
  return sign(value.toFixed(Math.min(Math.max(places, 0), 20)));
}

/** An interval in words; the digits of both ends are those of the spread between them.
 * @param {[number, number]} ends
 * @param {string} unit
 * @param {number} value
 */
export function span(ends, unit, value) {
  const [low, high] = ends;
  if (!(low === low && high === high)) return "no interval";
  if (Math.abs(high - low) <= 1e-9 * Math.abs(value)) return "held";
  if (counts(unit) || unit.startsWith("FLOP")) return `${shown(low, unit)} to ${shown(high, unit)}`;
  const se = Math.abs(high - low) / 3.3;
  return `${precise(low, se)} to ${precise(high, se)}`;
}

/** @param {string} text */
function sign(text) {
  return text.replace("-", "−");
}

const SIZES = { k: 1e3, K: 1e3, M: 1e6, G: 1e9, B: 1e9, T: 1e12, P: 1e15, E: 1e18, Z: 1e21, Y: 1e24 };

/** An amount as people write it: `70B`, `1.4T`, `3e21`, `2 × 10^21`, `512 A100-days`, `5 PF-days`.
 *
 * @param {string} text
 * @param {{name: string, factor: number}[]} [units] names of units with their size in base units
 * @returns {number} NaN where it cannot be read
 */
export function readAmount(text, units = []) {
  const cleaned = text.trim().replace(/[−–]/g, "-").replace(/,(?=\d{3}\b)/g, "")
    .replace(/\s*[x×*·]\s*10\s*\^?\s*([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|-?\d+)/i, (_, e) => "e" + lowered(e));
  const power = /^10\s*\^?\s*([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|-?\d+)(.*)$/.exec(cleaned);
  const body = power && /[\^⁻⁰¹²³⁴⁵⁶⁷⁸⁹]/.test(cleaned) ? `1e${lowered(power[1])}${power[2]}` : cleaned;
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)\s*(.*)$/i.exec(body);
  if (!match) return NaN;
  const value = Number(match[1]);
  const rest = match[2].trim();
  if (!rest) return value;
  for (const { name, factor } of units) if (rest.toLowerCase() === name.toLowerCase()) return value * factor;
  const letter = rest[0];
  const left = rest.slice(1).trim();
  const size = SIZES[/** @type {keyof typeof SIZES} */ (letter)];
  if (size === undefined) return NaN;
  if (!left) return value * size;
  for (const { name, factor } of units) if (left.toLowerCase() === name.toLowerCase()) return value * size * factor;
  return NaN;
}

/** @param {string} text */
function lowered(text) {
  const back = Object.fromEntries(Object.entries(RAISED).map(([low, high]) => [high, low]));
  return [...text].map((c) => back[c] ?? c).join("");
}

/** Round numbers for an axis, in natural units, with what is written there.
 * @param {number} low
 * @param {number} high
 * @param {boolean} log
 * @param {string} unit
 * @param {number} [most]
 * @returns {{values: number[], texts: string[]}}
 */
export function ticks(low, high, log, unit, most = 6) {
  if (log && low > 0 && Math.log10(high / low) >= 0.8) {
    const decades = Math.log10(high / low);
    const parts = decades > 2.4 ? [1] : decades > 1.5 ? [1, 3] : [1, 2, 5];
    /** @type {number[]} */
    let values = [];
    for (let e = Math.floor(Math.log10(low)); e <= Math.ceil(Math.log10(high)); e++) {
      for (const part of parts) {
        const value = Number(`${part}e${e}`);
        if (value >= low * 0.999 && value <= high * 1.001) values.push(value);
      }
    }
    const stride = Math.ceil(values.length / most);
    values = values.filter((_, i) => i % stride === 0);
    return { values, texts: values.map((v) => shown(v, unit)) };
  }
  const width = high - low;
  if (!(width > 0)) return { values: [low], texts: [shown(low, unit)] };
  const raw = width / most;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((part) => part * size >= raw * 0.999) ?? 10) * size;
  const values = [];
  for (let i = Math.ceil(low / step - 1e-9); i <= Math.floor(high / step + 1e-9); i++) {
    values.push(Number((i * step).toPrecision(12)));
  }
  return { values, texts: values.map((v) => shown(v, unit, 4)) };
}
