// Laws: what has been measured, how sure it is, and what a law says at a point.

import { axis, band, beyond, COLOURS, layout, line, points } from "isoloss/chart.js";
import { Controls } from "isoloss/controls.js";
import { make } from "isoloss/dom.js";
import { complete, heldFields } from "isoloss/fields.js";
import { counts, plain, precise, shown, span } from "isoloss/numbers.js";
import { logGrid } from "isoloss/solver.js";
import { detailNodes, headNodes, known } from "isoloss/views/laws_detail.js";
import { EVIDENCE, filters, lawList, rows } from "isoloss/views/laws_list.js";

const GRID = 100;
const SHARED = ["N", "D", "C"];

/** The key of the state that holds an input: the one that the other views have. @param {string} name */
const stateKey = (name) => (SHARED.includes(name) ? name : `at_${name}`);

/** @type {View} */
export const view = {
  id: "laws",
  title: "Laws",
  asks: "What has been measured, and how sure is it?",

  needs: (state, context) => (askable(context, String(state.law)) ? [String(state.law)] : []),

  fields(state, context) {
    const all = rows(context);
    const first = all.some((row) => row.key === context.bundle.first) ? context.bundle.first : all[0]?.key ?? "";
    const key = all.some((row) => row.key === state.law) ? String(state.law) : first;
    const law = context.laws.get(key);
    /** @type {Field[]} */
    const fields = [{ kind: "choice", key: "law", label: "Law", options: all.map((row) => ({ value: row.key, label: row.name })), start: first, apart: true }, ...filters(context)];
    if (law && law.names.length > 1) fields.push({ kind: "choice", key: "over", label: "Draw it over", options: law.names.map((/** @type {string} */ name) => ({ value: name, label: name })), start: law.names[0], apart: true });
    return [...fields, ...sliders(law)];
  },

  show(state, context) {
    const key = String(state.law);
    const law = context.laws.get(key);
    const row = rows(context).find((one) => one.key === key);
    if (!law) return silent(context, key, row);
    const at = Object.fromEntries(law.names.map((/** @type {string} */ name) => [name, Number(state[stateKey(name)])]));
    const { unit, target } = law.entry;
    const found = law.estimate(law.inputs(at));
    const good = Number.isFinite(found.value);
    const place = law.place(at);
    const words = law.names.map((/** @type {string} */ name) => `${name} = ${said(at[name], law.variable(name))}`).join(", ");
    const over = law.variable(String(state.over ?? law.names[0])) ?? law.entry.variables[0];
    const spread = Math.abs(found.high - found.low) / 3.3;
    const wide = ends(found, unit);
    const value = counts(unit) || unit.startsWith("FLOP") ? shown(found.value, unit, 4) : precise(found.value, spread);
    return {
      headline: good
        ? `At ${words} ${law.entry.kind === "fit" ? "your fit" : "this law"} gives ${target} = ${value}${!unit || unit === "1" ? "" : unit.length > 24 ? ` (${unit})` : ` ${unit}`}${wide ? `, ${level(law)} ${wide}` : ""}.`
        : `At ${words} this law has no value: its form breaks down there.`,
      place,
      warnings: warningsOf(law, at),
      facts: good ? [{
        key: "value", label: `${target}${unit ? `, ${unit}` : ""}`, value, interval: wide ? `${level(law)}: ${wide}` : "no interval: nothing is known of the errors",
        explain: [law.entry.formula, `with ${law.entry.parameters.map((/** @type {any} */ p) => `${p.name} = ${Number(p.value.toPrecision(6))}`).join(", ")}`, `at ${law.names.map((/** @type {string} */ name) => `${name} = ${Number(at[name].toPrecision(6))}`).join(", ")}`, `gives ${found.value.toPrecision(10)}`],
      }, {
        key: "basis", label: "the interval is made of", value: law.count ? String(law.count) : "nothing", unit: law.count ? "draws" : "", explain: [law.count ? `draws of its numbers from: ${law.entry.basis}` : "no error of any of its numbers is known", "it is of the numbers of the law, not of a new run"],
      }] : [],
      figures: [curve(law, at, over, found)],
      python: program(law, at),
      numbers: { law: key, at, value: good ? found.value : null, low: Number.isFinite(found.low) ? found.low : null, high: Number.isFinite(found.high) ? found.high : null, level: law.level, unit, target, place: place.status, evidence: row?.evidence ?? law.entry.evidence },
    };
  },

  mount(place, context) {
    const result = /** @type {HTMLElement} */ (place.parentElement ?? place);
    const narrow = () => globalThis.matchMedia?.("(max-width: 1100px)").matches;
    const choose = (/** @type {string} */ key) => {
      // what was asked of another law says nothing here
      const fresh = Object.fromEntries(Object.keys(context.state()).filter((name) => name.startsWith("at_") || [...SHARED, "over"].includes(name)).map((name) => [name, undefined]));
      context.change(/** @type {any} */ ({ ...fresh, law: key }), true);
      if (narrow()) head.scrollIntoView({ block: "start" });
    };
    const narrowing = new Controls((key, value) => context.change({ [key]: value }, true), []);
    const asked = () => {
      const state = complete(view.fields(context.state(), context), context.state());
      const keys = context.laws.get(String(state.law))?.names.map(stateKey) ?? [];
      return Object.fromEntries(["law", ...keys].map((name) => [name, state[name]]));
    };
    const asking = new Controls((key, value) => context.change({ [key]: value }), context.bundle.units);
    const list = lawList(context, narrowing, choose);
    const head = make("section", { class: "laws-head", "aria-label": "The chosen law" });
    const ask = make("section", { class: "laws-ask", "aria-label": "Ask it" }, make("h3", { text: "Ask it" }), asking.place);
    const open = make("div", { class: "laws-open" });
    // the list and the law come before the answer, on the page and for the keyboard
    result.prepend(list.node, head, ask);
    place.append(open);
    const detail = make("div", { class: "laws-detail" });
    place.append(detail);
    let shown = "";
    return {
      update(state) {
        const key = String(state.law);
        const law = context.laws.get(key);
        const fields = view.fields(state, context);
        const mine = complete(fields, state);
        list.update(mine);
        narrowing.update(fields.filter((one) => FILTERS.includes(one.key)).map((one) => ({ ...one, apart: false })), mine);
        asking.update(fields.filter((one) => one.key === "over" || one.key.startsWith("at_") || SHARED.includes(one.key)).map((one) => ({ ...one, apart: false })), mine);
        ask.hidden = !law;
        const signature = `${key} ${Boolean(law)}`;
        if (signature === shown) return;
        shown = signature;
        const row = rows(context).find((one) => one.key === key);
        head.replaceChildren(...headNodes(context, key, row));
        detail.replaceChildren(...detailNodes(context, key, row, choose));
        open.replaceChildren(...opening(context, asked, law));
      },
      close() {
        for (const node of [list.node, head, ask]) node.remove();
      },
    };
  },
};

const FILTERS = ["family", "modality", "evidence", "target", "input", "sort", "usable"];

/** Whether a law can be brought into the page.
 * @param {Context} context
 * @param {string} key
 */
function askable(context, key) {
  if (context.laws.has(key)) return true;
  return context.bundle.server && Boolean(context.bundle.catalogue.find((row) => row.key === key)?.usable);
}

/** A slider for every input, wider than its runs: beyond them the page says so.
 * @param {any} law
 * @returns {Field[]}
 */
function sliders(law) {
  const parts = shares(law).length;
  return heldFields(law, []).map((field) => {
    const v = /** @type {VariableDocument} */ (law.variable(field.key.slice(3)));
    const [low, high] = reach(v, 30);
    const start = v.share && parts > 1 ? 1 / parts : field.start;
    return /** @type {Field} */ ({ ...field, key: stateKey(v.name), low, high, start, apart: true, help: [v.unit, v.counts === v.unit ? "" : v.counts, v.known ? `runs from ${said(v.low, v)} to ${said(v.high, v)}` : "the source gives no range"].filter(Boolean).join("; ") });
  });
}

/** Inputs that are parts of one whole, such as a mixture of data. @param {any} law @returns {VariableDocument[]} */
const shares = (law) => law?.entry.variables.filter((/** @type {VariableDocument} */ v) => v.share) ?? [];

/** A span round the runs of a variable.
 * @param {VariableDocument} v
 * @param {number} times on a logarithmic scale
 * @returns {[number, number]}
 */
function reach(v, times) {
  if (v.log) return v.known ? [v.low / times, v.high * times] : [v.low, v.high];
  if (v.share) return [0, 1];
  const room = v.known ? 0.5 * (v.high - v.low) || Math.abs(v.high) || 1 : 0;
  return [v.low >= 0 ? Math.max(0, v.low - room) : v.low - room, v.high + room];
}

/** @param {number} value @param {VariableDocument | undefined} v */
function said(value, v) {
  return shown(value, v?.unit ?? "", 3);
}

/** @param {any} law */
const level = (law) => `${Math.round(100 * law.level)} %`;

/** The interval in words; nothing where there is none. @param {any} found @param {string} unit */
function ends(found, unit) {
  const words = span([found.low, found.high], unit, found.value);
  return words === "held" || words === "no interval" ? "" : words;
}

/** @param {any} law @param {Record<string, number>} at */
function warningsOf(law, at) {
  const warnings = [...law.entry.notices];
  if (law.entry.certified === false) warnings.push("This fit is not certified: other numbers may fit as well.");
  if (law.entry.evidence === "secondary") warnings.push(`Its numbers were ${EVIDENCE.secondary.says}.`);
  const parts = shares(law);
  const sum = parts.reduce((total, v) => total + at[v.name], 0);
  if (parts.length > 1 && Math.abs(sum - 1) > 1e-6) warnings.push(`The shares ${parts.map((v) => v.name).join(", ")} add up to ${plain(sum, 3)}, not to 1.`);
  const open = law.entry.variables.filter((/** @type {VariableDocument} */ v) => !v.known).map((/** @type {VariableDocument} */ v) => v.name);
  if (open.length && open.length < law.names.length) {
    const few = open.length > 4 ? `${open.slice(0, 3).join(", ")} and ${open.length - 3} more` : open.join(", ");
    warnings.push(`The source states no range for ${few}: whether they lie inside the runs cannot be told.`);
  }
  return warnings;
}

/** The law over one input, the others as they stand.
 * @param {any} law @param {Record<string, number>} at @param {VariableDocument} v @param {{value: number, low: number, high: number}} found
 * @returns {Figure}
 */
function curve(law, at, v, found) {
  const { unit, target } = law.entry;
  let [low, high] = reach(v, 3);
  if (at[v.name] < low) low = v.log ? at[v.name] / 1.3 : at[v.name];
  if (at[v.name] > high) high = v.log ? at[v.name] * 1.3 : at[v.name];
  const xs = v.log ? logGrid(low, high, GRID) : Array.from({ length: GRID }, (_, i) => low + ((high - low) * i) / (GRID - 1));
  const drawn = law.band(xs.map((x) => law.inputs({ ...at, [v.name]: x })));
  const finite = (/** @type {number[]} */ values) => values.filter(Number.isFinite);
  const values = finite([...drawn.value, found.value]);
  let bottom = values.length ? Math.min(...values) : 0, top = values.length ? Math.max(...values) : 1;
  const height = top - bottom || Math.abs(top) || 1;
  // a band far wider than the curve would leave of it a flat line
  const lows = finite(drawn.low), highs = finite(drawn.high);
  const straight = bottom > 0 && top / bottom > 30;
  if (straight) {
    bottom = Math.max(Math.min(bottom, ...lows.filter((y) => y > 0)), bottom / 30) / 1.2;
    top = Math.min(Math.max(top, ...highs), top * 30) * 1.2;
  } else {
    bottom = Math.max(Math.min(bottom, ...lows), bottom - 2 * height) - 0.06 * height;
    top = Math.min(Math.max(top, ...highs), top + 2 * height) + 0.06 * height;
  }
  const shapes = [];
  if (v.known && v.low > low) shapes.push(beyond("x", low, Math.min(v.low, high)));
  if (v.known && v.high < high) shapes.push(beyond("x", Math.max(v.high, low), high));
  const title = `${target}${unit && unit !== "1" ? `, ${unit}` : ""}`;
  const short = title.length > 40 ? `${title.slice(0, 39)}…` : title;
  const others = law.names.filter((/** @type {string} */ name) => name !== v.name);
  const banded = law.count > 0 && drawn.high.some((/** @type {number} */ y, /** @type {number} */ i) => y > drawn.low[i]);
  return {
    id: "law", title: `${target} over ${v.name}`.replace(/^./, (c) => c.toUpperCase()),
    caption: `${others.length ? `At ${others.map((/** @type {string} */ name) => `${name} = ${said(at[name], law.variable(name))}`).join(", ")}. ` : ""}${v.known ? `Grey is beyond the runs, which reach from ${said(v.low, v)} to ${said(v.high, v)}.` : "The source gives no range for this input: how far the curve holds is not known."} ${banded ? `The band is a ${level(law)} interval of ${law.count} draws (${law.entry.basis}).` : "There is no band: nothing is known of the errors."}${title === short ? "" : ` Upright: ${title}.`}`,
    legend: [{ colour: COLOURS.law, mark: "─", words: "the law" }, ...(banded ? [{ colour: COLOURS.law, mark: "▒", words: `${level(law)} band` }] : []), { colour: COLOURS.marked, mark: "◆", words: "what is asked" }, ...(shapes.length ? [{ colour: COLOURS.data, mark: "▒", words: "beyond the runs" }] : [])],
    data: [
      ...(banded ? [band(xs, drawn.low, drawn.high, COLOURS.law)] : []), line(xs, drawn.value, COLOURS.law, { hoverinfo: "x+y" }),
      ...(Number.isFinite(found.value) ? [points([at[v.name]], [found.value], COLOURS.marked, { symbol: "diamond", size: 13 })] : []),
    ],
    layout: layout(axis(`${v.name}${v.unit && v.unit !== "1" ? `, ${v.unit}` : ""}`, low, high, v.log, v.unit), axis(short, bottom, top, straight, unit, 5), { shapes }),
    height: 320,
    table: { head: [v.name, title, "low", "high"], rows: xs.filter((_, i) => i % 5 === 0 || i === GRID - 1).map((x) => { const i = xs.indexOf(x); return [x, drawn.value[i], drawn.low[i], drawn.high[i]].map((y) => (Number.isFinite(y) ? Number(y.toPrecision(9)) : "—")); }) },
  };
}

/** What is said of a law that cannot be asked.
 * @param {Context} context @param {string} key @param {import("isoloss/views/laws_list.js").Row | undefined} row
 * @returns {Shown}
 */
function silent(context, key, row) {
  const why = known(context, key).set?.why;
  const reason = why ? `It cannot be asked: ${why.replace(/^'[^']*' cannot be evaluated: /, "").replace(/^'[^']*': /, "")}.` : "It cannot be asked in this page, which does not hold its functions.";
  return {
    headline: row ? `${row.name} gives ${row.target}${row.unit ? ` (${row.unit})` : ""} from ${row.inputs.join(", ")}.` : "No law is chosen.",
    warnings: row ? [reason, ...(why ? [] : ["Open it with: isoloss explore"])] : [], facts: [], figures: [],
    python: row ? `from isoloss.law import published_laws\n\nlaw = published_laws()[${JSON.stringify(key.split(":")[0])}]\nprint(law.formula, law.values(${key.includes(":") ? JSON.stringify(key.split(":")[1]) : ""}))\n` : "",
    numbers: { law: key, at: null, value: null, evidence: row?.evidence ?? "" },
  };
}

/** @param {any} law @param {Record<string, number>} at */
function program(law, at) {
  const values = `{${Object.entries(at).map(([name, value]) => `${JSON.stringify(name)}: ${value}`).join(", ")}}`;
  if (law.entry.kind === "fit") return `import isoloss\n\nfit = isoloss.Fit.load(${JSON.stringify(law.entry.file ?? "fit.json")})\nprint(fit.predict(${values}))\n`;
  const [id, set] = law.key.split(":");
  return `from isoloss.law import published_laws\n\nlaw = published_laws()[${JSON.stringify(id)}]\nprint(law.evaluate(${values}${set ? `, coefficients=${JSON.stringify(set)}` : ""}))\n`;
}

/** Buttons to the views that can take this law, with what is asked of it.
 * @param {Context} context @param {() => State} asked @param {any} law
 */
function opening(context, asked, law) {
  if (!law) return [];
  const plans = law.names.includes("N") && law.names.includes("D");
  const to = [["curves", "Curves", true], ["allocate", "Allocate", plans], ["surface", "Surface", plans]].filter(([, , fits]) => fits);
  return [make("span", { text: "Open in" }), ...to.map(([id, title]) => make("button", { type: "button", onclick: () => context.go(String(id), asked()) }, String(title)))];
}
