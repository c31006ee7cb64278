// From what stands in an address to values that a view can rely on.

/** Every field of a view with a value that fits it: what does not fit is replaced by the start.
 * @param {Field[]} fields
 * @param {State} state
 * @returns {State}
 */
export function complete(fields, state) {
  /** @type {State} */
  const whole = {};
  for (const field of fields) whole[field.key] = fits(field, state[field.key]) ? state[field.key] : field.start;
  return whole;
}

/** Starting values by key.
 * @param {Field[]} fields
 * @returns {State}
 */
export function starts(fields) {
  return Object.fromEntries(fields.map((field) => [field.key, field.start]));
}

/** @param {Field} field @param {unknown} value */
function fits(field, value) {
  switch (field.kind) {
    case "slider":
      return typeof value === "number" && Number.isFinite(value) && (!field.log || value > 0) && (!field.whole || (Number.isInteger(value) && value >= Math.min(1, field.low)));
    case "choice":
      return field.options.some((option) => option.value === value);
    case "several": {
      const known = new Set(field.options.map((option) => option.value));
      return typeof value === "string" && value.split(",").filter(Boolean).every((part) => known.has(part)) && (field.most === undefined || value.split(",").length <= field.most);
    }
    case "text":
      return typeof value === "string";
    default:
      return typeof value === "boolean";
  }
}

/** The choice of a law: those in the page first, then the library's, where it can be asked.
 * @param {Context} context
 * @param {(law: {inputs: string[], target: string, key: string}) => boolean} wanted
 * @param {string} start
 * @param {string} [key]
 * @param {string} [label]
 * @returns {Extract<Field, {kind: "choice"}>}
 */
export function lawField(context, wanted, start, key = "law", label = "Law") {
  const options = lawOptions(context, wanted);
  const first = options.some((option) => option.value === start) ? start : options[0]?.value ?? "";
  return { kind: "choice", key, label, options, start: first };
}

/** @param {Context} context @param {(law: {inputs: string[], target: string, key: string}) => boolean} wanted */
export function lawOptions(context, wanted) {
  /** @type {{value: string, label: string, group?: string}[]} */
  const options = [];
  // a law of a mixture is asked in Trade-off: with shares that sliders set freely it means nothing
  const mixtures = new Set((context.bundle.mixtures ?? []).map((one) => one.entry.key.split(":")[0]));
  const whole = wanted;
  wanted = (law) => !mixtures.has(law.key.split(":")[0]) && whole(law);
  for (const law of context.laws.values()) {
    const { key, name, target, kind } = law.entry;
    if (wanted({ inputs: law.names, target, key })) options.push({ value: key, label: kind === "fit" ? `${name} (your runs)` : name, group: "In this page" });
  }
  if (context.bundle.server) {
    for (const entry of context.bundle.catalogue) {
      if (!entry.usable || context.laws.has(entry.key) || !wanted(entry)) continue;
      options.push({ value: entry.key, label: entry.name, group: context.bundle.families[entry.family] ?? entry.family });
    }
  }
  return options;
}

/** Sliders for the inputs of a law beside those that a view has of its own.
 * @param {any} law a Law, or nothing while it is loaded
 * @param {string[]} own
 * @returns {Field[]}
 */
export function heldFields(law, own) {
  if (!law) return [];
  return law.entry.variables.filter((/** @type {VariableDocument} */ v) => !own.includes(v.name)).map((/** @type {VariableDocument} */ v) => ({
    kind: "slider", key: `at_${v.name}`, label: v.meaning ? `${v.name}: ${v.meaning}` : v.name,
    low: v.low, high: v.high, log: v.log, unit: v.unit,
    start: Number((v.log ? Math.sqrt(v.low * v.high) : 0.5 * (v.low + v.high)).toPrecision(3)),
    help: "An input of this law beside N and D",
  }));
}

/** The values of those inputs.
 * @param {any} law
 * @param {State} state
 * @param {string[]} own
 * @returns {Record<string, number>}
 */
export function heldValues(law, state, own) {
  return Object.fromEntries(law.names.filter((/** @type {string} */ name) => !own.includes(name)).map((/** @type {string} */ name) => [name, Number(state[`at_${name}`])]));
}
