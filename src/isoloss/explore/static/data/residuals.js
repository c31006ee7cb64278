// What a fit leaves over: the runs against the law, along any input or along the prediction.

import { axis, COLOURS, layout, line, points } from "isoloss/chart.js";

/** Along what residuals can be drawn.
 * @param {any} left as the server writes it
 */
export function ways(left) {
  return [...Object.keys(left.columns), "predicted"];
}

/** The figure.
 * @param {any} left
 * @param {string} along
 * @param {Record<string, string>} units by variable
 * @param {string} unit of the target
 * @returns {Figure}
 */
export function residualFigure(left, along, units, unit) {
  const x = along === "predicted" ? left.predicted : left.columns[along];
  const share = left.log ? 100 : 1;
  const y = left.residual.map((/** @type {number} */ value) => share * value);
  const what = left.log ? "measured above law, %" : `measured − law, ${unit}`;
  const xName = along === "predicted" ? `${left.target} by the law` : along;
  const xUnit = along === "predicted" ? unit : units[along] ?? "";
  const log = x.every((/** @type {number} */ value) => value > 0) && (along !== "predicted" || left.log);
  const [low, high] = padded(x, log);
  const limit = reach(y);
  const kept = y.map((/** @type {number} */ value) => Math.max(-0.97 * limit, Math.min(0.97 * limit, value)));
  const far = y.map((/** @type {number} */ value, /** @type {number} */ i) => (value === kept[i] ? -1 : i)).filter((/** @type {number} */ i) => i >= 0);
  const near = y.map((/** @type {number} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => y[i] === kept[i]);
  const pick = (/** @type {number[]} */ from, /** @type {number[]} */ at) => at.map((i) => from[i]);
  const hover = (/** @type {number[]} */ at) => ({ customdata: at.map((i) => [left.rows[i], y[i].toPrecision(3)]), hovertemplate: `${left.word} %{customdata[0]}: %{customdata[1]}<extra></extra>`, hoverinfo: "x+y" });
  const data = [line([low, high], [0, 0], COLOURS.law), points(pick(x, near), pick(kept, near), COLOURS.data, { size: 6, ...hover(near) })];
  if (far.length) data.push(points(pick(x, far), pick(kept, far), COLOURS.marked, { symbol: "diamond", size: 9, ...hover(far) }));
  const order = y.map((/** @type {number} */ _, /** @type {number} */ i) => i).sort((/** @type {number} */ a, /** @type {number} */ b) => Math.abs(y[b]) - Math.abs(y[a]));
  return {
    id: "residuals",
    title: `What the law leaves over, along ${xName}`,
    caption: `Above zero a run measured more than the law says. A bend or a tilt that goes through all runs is no noise: the law has another form than the runs there.${far.length ? ` ${far.length === 1 ? "One run lies" : `${far.length} runs lie`} further off than the axis reaches and ${far.length === 1 ? "stands" : "stand"} at its edge.` : ""}${left.count > y.length ? ` ${y.length} of ${left.count} runs are drawn, the furthest among them.` : ""}`,
    legend: [{ colour: COLOURS.data, mark: "●", words: "a run" }, ...(far.length ? [{ colour: COLOURS.marked, mark: "◆", words: "beyond the axis" }] : []), { colour: COLOURS.law, mark: "▬", words: "the law" }],
    data,
    layout: layout(axis(xUnit ? `${xName}, ${xUnit}` : xName, low, high, log, xUnit), axis(what, -limit, limit, false, "", 5)),
    table: {
      head: [left.word, ...Object.keys(left.columns), `${left.target}, measured`, "by the law", left.log ? "difference, %" : "difference"],
      rows: order.slice(0, 200).map((/** @type {number} */ i) => [left.rows[i], ...Object.values(left.columns).map((/** @type {any} */ column) => column[i]), left.measured[i], Number(left.predicted[i].toPrecision(6)), Number(y[i].toPrecision(3))]),
    },
    height: 340,
  };
}

/** @param {number[]} x @param {boolean} log @returns {[number, number]} */
function padded(x, log) {
  let low = Infinity, high = -Infinity;
  for (const value of x) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low === high) return log ? [low / 2, high * 2] : [low - 1, high + 1];
  const room = 0.05;
  return log ? [low * (low / high) ** room, high * (high / low) ** room] : [low - room * (high - low), high + room * (high - low)];
}

/** Half the height: a few runs that lie far off do not flatten the rest. @param {number[]} y */
function reach(y) {
  const size = y.map(Math.abs).sort((a, b) => a - b);
  const usual = 2.5 * (size[Math.floor(0.95 * (size.length - 1))] ?? 0), most = size[size.length - 1] ?? 0;
  return usual > 0 && usual < 0.8 * most ? usual : 1.15 * most || 1e-12;
}
