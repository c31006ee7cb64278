// Figures: Plotly with the look of isoloss, a legend in words, and a table beside every one.

import { make, say, tableOf } from "isoloss/dom.js";
import { ticks } from "isoloss/numbers.js";
import { sketch } from "isoloss/sketch.js";

export const COLOURS = { law: "#3d7fbd", data: "#7a828c", marked: "#c9513f", accent: "#a87412", teal: "#2f8577", violet: "#7f66c4" };
/** For several laws: they differ in hue for every kind of colour vision, and in their dashes. */
export const SERIES = [COLOURS.law, COLOURS.accent, COLOURS.teal, COLOURS.violet, COLOURS.marked];
export const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];
export const SYMBOLS = ["circle", "square", "diamond", "triangle-up", "cross"];
const SANS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

const AXIS = {
  showgrid: true, gridcolor: "rgba(128,136,146,0.22)", gridwidth: 1, zeroline: false, showline: false,
  ticks: "", tickfont: { size: 12 }, fixedrange: true, automargin: false, ticklabeloverflow: "allow",
};
const OPTIONS = { displayModeBar: false, responsive: true, displaylogo: false };

/** An axis with our own ticks.
 * @param {string} title
 * @param {number} low
 * @param {number} high
 * @param {boolean} log
 * @param {string} unit
 * @param {number} [most]
 */
export function axis(title, low, high, log, unit, most = 6) {
  const { values, texts } = ticks(low, high, log, unit, most);
  return {
    ...AXIS,
    type: log ? "log" : "linear",
    range: log ? [Math.log10(low), Math.log10(high)] : [low, high],
    tickmode: "array", tickvals: values, ticktext: texts,
    title: { text: title, font: { size: 12.5 }, standoff: 8 },
  };
}

/** A layout.
 * @param {object} xaxis
 * @param {object} yaxis
 * @param {Record<string, any>} [more]
 */
export function layout(xaxis, yaxis, more = {}) {
  return {
    font: { family: SANS, size: 12, color: "#737b85" },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    margin: { l: 58, r: 16, t: 10, b: 46 },
    showlegend: false, hovermode: "closest", dragmode: false,
    hoverlabel: { bgcolor: "#22262b", bordercolor: "#22262b", font: { family: SANS, size: 12, color: "#f3f1ec" }, align: "left" },
    xaxis, yaxis, ...more,
  };
}

/** A band between two curves.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} low
 * @param {ArrayLike<number>} high
 * @param {string} colour
 * @param {number} [opacity]
 */
export function band(x, low, high, colour, opacity = 0.2) {
  const there = Array.from(x), back = [...there].reverse();
  return {
    type: "scatter", mode: "lines", x: [...there, ...back], y: [...Array.from(low), ...Array.from(high).reverse()],
    fill: "toself", fillcolor: faded(colour, opacity), line: { width: 0 }, hoverinfo: "skip",
  };
}

/** A line.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y
 * @param {string} colour
 * @param {Record<string, any>} [more]
 */
export function line(x, y, colour, more = {}) {
  const { dash = "solid", width = 2.2, ...rest } = more;
  return { type: "scatter", mode: "lines", x: Array.from(x), y: Array.from(y), line: { color: colour, width, dash }, hoverinfo: "skip", ...rest };
}

/** Points.
 * @param {ArrayLike<number>} x
 * @param {ArrayLike<number>} y
 * @param {string} colour
 * @param {Record<string, any>} [more]
 */
export function points(x, y, colour, more = {}) {
  const { symbol = "circle", size = 9, ...rest } = more;
  return { type: "scatter", mode: "markers", x: Array.from(x), y: Array.from(y), marker: { color: colour, size, symbol, line: { width: 0 } }, hoverinfo: "skip", cliponaxis: false, ...rest };
}

/** A colour that lets the page through.
 * @param {string} colour
 * @param {number} opacity
 */
export function faded(colour, opacity) {
  const part = (/** @type {number} */ at) => parseInt(colour.slice(at, at + 2), 16);
  return `rgba(${part(1)},${part(3)},${part(5)},${opacity})`;
}

/** Hatched area where a law is asked beyond its runs: a pattern, and words in the caption.
 * @param {"x" | "y"} along
 * @param {number} from
 * @param {number} to in the units of the axis (logarithms on a log axis are taken by Plotly itself)
 */
export function beyond(along, from, to) {
  const across = along === "x" ? { yref: "paper", y0: 0, y1: 1, x0: from, x1: to } : { xref: "paper", x0: 0, x1: 1, y0: from, y1: to };
  return { type: "rect", layer: "below", line: { width: 0 }, fillcolor: "rgba(128,136,146,0.13)", ...across };
}

/** The figures of a view; elements of a figure are kept while its numbers change. */
export class Charts {
  /** @param {HTMLElement} [second] stands after the first figure: the numbers of the answer */
  constructor(second) {
    this.place = make("div", { class: "figures" });
    this.second = second;
    // a figure far from the window is drawn when it comes near: a slider moves what is seen
    this.seen = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) this.waiting.get(target)?.(isIntersecting);
    }, { rootMargin: "400px" });
    /** @type {Map<Element, (near: boolean) => void>} */
    this.waiting = new Map();
    this.printing = () => { for (const near of this.waiting.values()) near(true); };
    addEventListener("beforeprint", this.printing);
    /** @type {Map<string, any>} */
    this.known = new Map();
    /** @type {Figure[]} */
    this.figures = [];
  }

  /** The page no longer shows them. */
  close() {
    removeEventListener("beforeprint", this.printing);
    this.seen.disconnect();
    for (const plot of this.waiting.keys()) /** @type {any} */ (globalThis).Plotly?.purge(plot);
  }

  /** @param {Figure[]} figures */
  update(figures) {
    this.figures = figures;
    const wanted = figures.map((figure) => {
      const found = this.known.get(figure.id) ?? this.build(figure);
      this.known.set(figure.id, found);
      return found;
    });
    const nodes = wanted.map((one) => one.node);
    if (this.second) nodes.splice(1, 0, this.second);
    const now = [...this.place.children];
    if (now.length !== nodes.length || nodes.some((node, i) => node !== now[i])) this.place.replaceChildren(...nodes);
    figures.forEach((figure, i) => wanted[i].set(figure));
  }

  /** @param {Figure} first */
  build(first) {
    const plot = make("div", { class: "plot", role: "img" });
    const title = make("strong");
    const caption = make("span");
    const legend = make("ul", { class: "legend" });
    const details = make("details", null, make("summary", { text: "The numbers as a table" }));
    let figure = first, tableFor = /** @type {Figure | null} */ (null);
    const fill = () => {
      if (!details.open || tableFor === figure) return;
      tableFor = figure;
      while (details.children.length > 1) details.lastElementChild?.remove();
      details.append(tableOf(figure.table, figure.title));
    };
    details.addEventListener("toggle", fill);
    const across = make("span", { class: "along-x", "aria-hidden": "true" }), up = make("span", { class: "along-y", "aria-hidden": "true" });
    const node = make("figure", { "data-figure": first.id }, legend, make("div", { class: "box" }, plot, across, up), make("figcaption", null, title, caption), details);
    let legendText = "", isNear = true, drawn = /** @type {Figure | null} */ (null);
    const paint = () => {
      if (!isNear || drawn === figure) return;
      drawn = figure;
      const { titles, layout: rest, margin } = withoutTitles(figure.layout);
      say(across, titles[0]);
      say(up, titles[1]);
      Object.assign(across.style, { left: `${margin.l}px`, right: `${margin.r}px` });
      Object.assign(up.style, { top: `${margin.t}px`, bottom: `${margin.b}px` });
      draw(plot, figure.data, rest);
    };
    this.waiting.set(plot, (near) => {
      isNear = near;
      paint();
    });
    this.seen.observe(plot);
    const set = (/** @type {Figure} */ now) => {
      figure = now;
      say(title, now.title);
      say(caption, now.caption);
      plot.setAttribute("aria-label", `${now.title}. ${now.caption}`);
      const text = JSON.stringify(now.legend ?? []);
      if (text !== legendText) {
        legendText = text;
        legend.replaceChildren(...(now.legend ?? []).map(({ colour, mark, words }) =>
          make("li", null, make("i", { class: "mark", style: `color:${colour}`, "aria-hidden": "true", "data-mark": mark }), words)));
        legend.hidden = !now.legend?.length;
      }
      const height = now.height ?? 380;
      if (plot.style.height !== `${height}px`) plot.style.height = `${height}px`;
      paint();
      fill();
    };
    return { node, set, plot };
  }
}

/** A layout and the titles of its two axes apart from it: to place one Plotly measures every label
 * anew, a quarter of all that a curve takes. What has other axes, sides or tags keeps its titles.
 * @param {any} layout
 */
function withoutTitles(layout) {
  const { xaxis, yaxis, margin } = layout;
  const ours = margin && [xaxis, yaxis].every((axis) => axis && !axis.side && !axis.domain && axis.visible !== false && !/[<&]/.test(axis.title?.text ?? ""))
    && !Object.keys(layout).some((key) => /^([xy]axis\d|polar|ternary|scene|geo)/.test(key));
  if (!ours) return { titles: ["", ""], layout, margin: { l: 0, r: 0, t: 0, b: 0 } };
  const bare = (/** @type {any} */ axis) => ({ ...axis, title: { text: "" } });
  return { titles: [xaxis.title?.text ?? "", yaxis.title?.text ?? ""], layout: { ...layout, xaxis: bare(xaxis), yaxis: bare(yaxis) }, margin };
}

/** Figures that wait for Plotly, with what they will show. @type {Map<HTMLElement, [object[], object]>} */
const waiting = new Map();
let asked = false;

/** Draw with Plotly as soon as it is here, or say that it is not.
 * @param {HTMLElement} place
 * @param {object[]} data
 * @param {object} layout
 */
export function draw(place, data, layout) {
  const plotly = /** @type {any} */ (globalThis).Plotly;
  if (plotly) {
    // options once: Plotly compares them anew with every call that brings them
    plotly.react(place, data, layout, /** @type {any} */ (place).data ? undefined : OPTIONS);
    return;
  }
  if (askForPlotly()) {
    sketch(place, data, layout);
    waiting.set(place, [data, layout]);
    return;
  }
  say(place, "The figure needs Plotly, which this page was made without; the numbers are in the table below.");
  place.classList.add("missing");
}

/** A page that says where Plotly is loads it once its answer stands in words: to read the script
 * takes a second on a slow machine.
 */
function askForPlotly() {
  const link = document.querySelector("link[rel=preload][href^='/plotly.js']");
  if (!link || asked) return Boolean(link);
  asked = true;
  const finish = () => {
    if (!(/** @type {any} */ (globalThis).Plotly)) link.remove();
    for (const [place, [data, layout]] of waiting) {
      place.replaceChildren();
      draw(place, data, layout);
    }
    waiting.clear();
  };
  const script = make("script", { src: link.getAttribute("href") ?? "", onload: finish, onerror: finish });
  // after words and sketch are on the screen
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => document.head.append(script))));
  return true;
}
