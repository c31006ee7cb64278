// The document of an error study, read: see explore/errors_part.py for what it holds. Numbers are
// those of the study; only counts of single questions are made here.

export const ALL = "all questions";
export const NONE = "";
/** Rates over fewer answers than these are not told: their intervals would claim too much. */
export const FEW = 10;

/** @typedef {{value: number | null, low: number | null, high: number | null, n: number}} Estimate */

/** The studies of a page and the one that is chosen.
 * @param {State} state
 * @param {Context} context
 */
export function chosen(state, context) {
  const studies = context.bundle.studies ?? [];
  return studies[Math.max(0, studyNames(studies).indexOf(String(state.study ?? "")))];
}

/** A name for each study that no other has.
 * @param {any[]} studies
 */
export function studyNames(studies) {
  const short = studies.map((one) => [one.family, one.condition.replace(/_/g, " ")].filter(Boolean).join(", "));
  const full = short.map((name, i) => (short.indexOf(name) === short.lastIndexOf(name) ? name : `${name}, ${studies[i].name}`));
  return full.map((name, i) => (full.indexOf(name) === i ? name : `${name} (${i + 1})`));
}

/** What the state means for a study: a part, two models, a failure mode.
 * @param {any} study
 * @param {State} state
 */
export function read(study, state) {
  const names = study.models.map((/** @type {any} */ model) => model.name);
  const last = names.length - 1;
  let small = names.indexOf(String(state.small)), large = names.indexOf(String(state.large));
  if (small < 0 || small >= last) small = 0;
  if (large <= small) large = last;
  const part = study.parts.find((/** @type {any} */ one) => one.name === state.task) ?? study.parts[0];
  const mode = Object.hasOwn(study.modes, String(state.mode)) ? String(state.mode) : NONE;
  return { small, large, ends: small === 0 && large === last, part, whole: part === study.parts[0], mode };
}

/** @type {WeakMap<object, {codes: Uint8Array, tasks: Uint16Array, count: number, words: string[]}>} */
const unpacked = new WeakMap();

/** Every answer as a digit, and the task of every question.
 * @param {any} study
 */
export function answers(study) {
  let found = unpacked.get(study);
  if (!found) {
    const bytes = (/** @type {string} */ text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const tasks = bytes(study.tasks);
    found = {
      codes: bytes(study.answers.data),
      tasks: new Uint16Array(tasks.buffer),
      count: study.answers.shape[1],
      words: study.questions.map((/** @type {any} */ q) => [q.item, q.question, q.gold, ...q.options.flat(), ...q.said, ...q.wrote].join("\n").toLowerCase()),
    };
    unpacked.set(study, found);
  }
  return found;
}

/** Right answers lost and gained from one model to another, question by question.
 * @param {any} study
 * @param {any} part
 * @param {number} small
 * @param {number} large
 */
export function flips(study, part, small, large) {
  const { codes, tasks, count } = answers(study);
  const found = { lost: 0, gained: 0, right: 0, wrong: 0 };
  for (let i = 0; i < count; i++) {
    if (part.task !== null && tasks[i] !== part.task) continue;
    const before = codes[small * count + i] === 0, after = codes[large * count + i] === 0;
    if (before) found.right++;
    else found.wrong++;
    if (before && !after) found.lost++;
    if (!before && after) found.gained++;
  }
  return found;
}

/** Rates of two models over all questions, with intervals.
 * @param {any} study
 * @param {number} small
 * @param {number} large
 * @returns {{regression: Estimate, fix: Estimate} | undefined}
 */
export function pairOf(study, small, large) {
  const a = study.models[small].name, b = study.models[large].name;
  return study.pairs.find((/** @type {any} */ one) => one.small === a && one.large === b);
}

/** Which questions of the page fit, and how many of all questions do.
 * @param {any} study
 * @param {State} state
 */
export function fitting(study, state) {
  const { part, small, large, mode } = read(study, state);
  const { codes, tasks, count, words } = answers(study);
  const models = study.models.length;
  const wanted = mode === NONE ? -1 : 2 + Object.keys(study.modes).indexOf(mode);
  const who = study.models.findIndex((/** @type {any} */ model) => model.name === state.who);
  const find = String(state.find ?? "").trim().toLowerCase();
  const at = (/** @type {number} */ model, /** @type {number} */ i) => codes[model * count + i];
  const fits = (/** @type {number} */ i) => {
    if (part.task !== null && tasks[i] !== part.task) return false;
    const before = at(small, i) === 0, after = at(large, i) === 0;
    let right = 0, made = false;
    for (let model = 0; model < models; model++) {
      const code = at(model, i);
      if (code === 0) right++;
      if ((who < 0 || who === model) && code !== 0 && (wanted < 0 || code === wanted)) made = true;
    }
    if ((wanted >= 0 || who >= 0) && !made) return false;
    switch (state.which) {
      case "lost": return before && !after;
      case "gained": return !before && after;
      case "wrong": return !before && !after;
      case "right": return before && after;
      case "never": return right === 0;
      case "always": return right === models;
      default: return true;
    }
  };
  let all = 0;
  for (let i = 0; i < count; i++) if (fits(i)) all++;
  const readable = [];
  for (let i = 0; i < study.questions.length; i++) {
    if (fits(study.questions[i].at) && (!find || words[i].includes(find))) readable.push(i);
  }
  return { all, readable, searched: Boolean(find) };
}

/** @param {number | null | undefined} value @param {number} [digits] @param {boolean} [signed] */
export function fixed(value, digits = 1, signed = false) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "not known";
  const text = value.toFixed(digits);
  const zero = Number(text) === 0;
  return `${signed && !zero && value > 0 ? "+" : ""}${zero ? text.replace("-", "") : text.replace("-", "−")}`;
}

/** `35.4 %`. @param {number | null | undefined} value @param {number} [digits] */
export function percent(value, digits = 1) {
  return known(value) ? `${fixed(100 * Number(value), digits)} %` : "not known";
}

/** `[32.7, 38.1]`, or that there is none.
 * @param {Estimate} found
 * @param {number} [digits]
 * @param {number} [scale]
 */
export function ends(found, digits = 1, scale = 100) {
  return known(found.low) && known(found.high) ? `[${fixed(scale * Number(found.low), digits)}, ${fixed(scale * Number(found.high), digits)}]` : "[no interval]";
}

/** `+6.0 points [3.8, 8.2]`. @param {Estimate} found */
export function points(found) {
  return known(found.value) ? `${fixed(100 * Number(found.value), 1, true)} points ${ends(found)}` : "not known";
}

/** @param {number | null | undefined} value */
export function known(value) {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** A probability behind a letter: `= 0.04`, `< 0.001`. @param {number | null} p */
export function related(p) {
  return !known(p) ? "is not known" : Number(p) < 0.001 ? "< 0.001" : `= ${Number(p).toFixed(Number(p) < 0.1 ? 3 : 2)}`;
}

/** `12 questions`. @param {number} count @param {string} one */
export function many(count, one) {
  return `${count.toLocaleString("en")} ${one}${count === 1 ? "" : "s"}`;
}

/** @param {string} text */
export function sentence(text) {
  const first = text.trim().replace(/^./, (c) => c.toUpperCase());
  return !first || /[.!?]$/.test(first) ? first : `${first}.`;
}
