"""Programs for Node that show a view: at given states, and at random ones of its controls."""

from __future__ import annotations

_START = """
import { complete } from "isoloss/fields.js";
import { functions as page } from "isoloss/laws.js";
Object.assign(page, functions);
const { view } = await import(`isoloss/views/${given.view}.js`);
const context = { bundle, laws };
const whole = (state) => {
  const first = complete(view.fields(state, context), state);
  return complete(view.fields(first, context), first);
};
"""

# what a page would say for every state of `given.states`
SHOW = (
    _START
    + """
answer(given.states.map((state) => {
  const { figures, ...rest } = view.show(whole(state), context);
  const told = figures.map(({ id, table, caption, title }) => ({ id, table, caption, title }));
  return { ...rest, figures: told };
}));
"""
)

# `given.count` states; a state is bad where it throws, or where a text or a table shows no number
RANDOM_STATES = (
    _START
    + """
let seed = given.seed;
const random = () => {
  seed = (seed * 1664525 + 1013904223) % 4294967296;
  return seed / 4294967296;
};
const pick = (list) => list[Math.floor(random() * list.length)];
const value = (field) => {
  if (field.kind === "choice") return pick(field.options).value;
  if (field.kind === "switch") return random() < 0.5;
  if (field.kind === "several") return pick(field.options).value;
  const share = random() < 0.15 ? Math.round(random()) : random();
  const { low, high } = field;
  const x = field.log ? low * (high / low) ** share : low + (high - low) * share;
  return field.whole ? Math.max(1, Math.round(x)) : x;
};
const bad = [];
let answered = 0;
const ugly = (x) => x === null || x === undefined
  || (typeof x === "number" && !Number.isFinite(x))
  || /NaN|undefined|Infinity|\\[object|null/.test(String(x));
const told = ({ headline, warnings, python, place, facts, figures }) => [
  headline, ...warnings, python, place?.words ?? "",
  ...facts.flatMap((fact) => [fact.value, fact.interval ?? "", ...(fact.explain ?? [])]),
  ...figures.flatMap(({ title, caption, legend, table }) => [
    title, caption, ...(legend ?? []).map((one) => one.words), ...table.head, ...table.rows.flat(),
  ]),
];
for (let i = 0; i < given.count; i++) {
  const state = {};
  // what one control brings along is set in the next pass
  for (let pass = 0; pass < 3; pass++) {
    for (const field of view.fields(state, context)) {
      if (random() < 0.8 && !field.off) state[field.key] = value(field);
    }
  }
  try {
    const shown = view.show(whole(state), context);
    if (shown.figures.length) answered++;
    const wrong = told(shown).find(ugly);
    if (wrong !== undefined) bad.push([state, String(wrong)]);
    for (const { id, layout, table } of shown.figures) {
      const uneven = table.rows.some((row) => row.length !== table.head.length);
      if (uneven || JSON.stringify(layout).includes('"range":[null')) bad.push([state, id]);
    }
  } catch (error) {
    bad.push([state, String(error.stack)]);
  }
}
answer({ bad: bad.slice(0, 5), answered });
"""
)
