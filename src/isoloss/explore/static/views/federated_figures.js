// The figures of a federated plan: best size and loss against K, loss against size, wall clock.

import { axis, band, beyond, COLOURS, DASHES, layout, line, points } from "isoloss/chart.js";
import { along } from "isoloss/federation.js";
import { PARTS, timeTicks, timing } from "isoloss/network.js";
import { plain, scientific } from "isoloss/numbers.js";
import { logGrid } from "isoloss/solver.js";

const KNOWN_AS = /** @type {Record<string, string>} */ ({ reconstruction: "reconstruction", diloco: "DiLoCo’s tables", ideal: "one machine" });
const LOOKS = /** @type {Record<string, {colour: string, dash: string, mark: string}>} */ ({
  reconstruction: { colour: COLOURS.data, dash: "dash", mark: "╌" }, diloco: { colour: COLOURS.teal, dash: "solid", mark: "━" }, ideal: { colour: COLOURS.data, dash: "dot", mark: "┈" },
});
const PART_LOOKS = /** @type {Record<string, {colour: string, dash: string, mark: string, words: string}>} */ ({
  compute: { colour: COLOURS.law, dash: DASHES[0], mark: "━", words: "compute" },
  uplink: { colour: COLOURS.accent, dash: DASHES[1], mark: "╌", words: "up-link" },
  downlink: { colour: COLOURS.teal, dash: DASHES[2], mark: "┈", words: "down-link" },
  server: { colour: COLOURS.violet, dash: DASHES[3], mark: "┄", words: "server" },
  latency: { colour: COLOURS.data, dash: DASHES[4], mark: "╍", words: "latency" },
});

const MARGIN = { l: 66, r: 16, t: 10, b: 46 };

/** @param {any} law @param {any} asked @param {any} found @param {any} time @param {string} against @param {RhoDocument[]} known @returns {Figure[]} */
export function figuresOf(law, asked, found, time, against, known) {
  const most = Math.max(1024, asked.clients);
  const clients = [...new Set(Array.from({ length: 2 * Math.ceil(Math.log2(most)) + 1 }, (_, i) => Math.min(most, Math.round(2 ** (i / 2)))))];
  const run = (/** @type {number} */ rho) => along(law, clients, asked.total, rho, asked.held, asked.flop);
  /** @type {Map<number, ReturnType<typeof along>>} */
  const done = new Map();
  const at = (/** @type {number} */ rho) => {
    const before = done.get(rho);
    if (before) return before;
    const made = run(rho);
    done.set(rho, made);
    return made;
  };
  const curves = { clients, most, at };
  return [sizes(asked, found, curves, known), losses(law, asked, found, curves, known), bowls(law, asked, found), clock(asked, found, time, against, curves)];
}

/** Lines of the known ρ and the band of the chosen one, for the size or the loss.
 * @param {any} asked @param {any} curves @param {RhoDocument[]} known @param {"N" | "loss"} what
 */
function lines(asked, curves, known, what) {
  const { clients, at } = curves;
  const { rho } = asked;
  /** @type {object[]} */
  const data = [];
  /** @type {{colour: string, mark: string, words: string}[]} */
  const legend = [];
  const spanned = (/** @type {RhoDocument} */ one) => {
    const kept = clients.map((/** @type {number} */ _, /** @type {number} */ i) => i).filter((/** @type {number} */ i) => Number.isFinite(at(one.low)[what][i]) && Number.isFinite(at(one.high)[what][i]));
    const pick = (/** @type {number[]} */ values) => kept.map((/** @type {number} */ i) => values[i]);
    return [pick(clients), pick(at(one.high)[what]), pick(at(one.low)[what])];
  };
  if (rho.low < rho.high) {
    const [x, low, high] = spanned(rho);
    data.push(band(x, low, high, rho.name === "diloco" ? COLOURS.teal : COLOURS.law, 0.16));
    legend.push({ colour: rho.name === "diloco" ? COLOURS.teal : COLOURS.law, mark: "▒", words: `ρ from ${plain(rho.low)} to ${plain(rho.high)}` });
  }
  for (const one of known) {
    const look = LOOKS[one.name];
    if (one.low < one.high && one.name !== rho.name) {
      const [x, low, high] = spanned(one);
      data.push(band(x, low, high, look.colour, 0.16));
    }
    const values = at(one.value)[what];
    const end = one.clients_to ?? Infinity;
    const inside = clients.filter((/** @type {number} */ k) => k <= end * 1.0001).length;
    data.push(line(clients.slice(0, inside), values.slice(0, inside), look.colour, { dash: look.dash }));
    if (inside < clients.length) data.push(line(clients.slice(inside - 1), values.slice(inside - 1), look.colour, { dash: "dashdot", width: 1.4 }));
    legend.push({ colour: look.colour, mark: look.mark, words: `${plain(one.value)}: ${KNOWN_AS[one.name]}${Number.isFinite(end) ? `, thin beyond their ${end} clients` : ""}` });
  }
  if (rho.name === "given") {
    data.push(line(clients, at(rho.value)[what], COLOURS.marked, { width: 1.6, dash: "longdash" }));
    legend.push({ colour: COLOURS.marked, mark: "╍", words: `your ρ = ${plain(rho.value, 3)}` });
  }
  legend.push({ colour: COLOURS.marked, mark: "◆", words: "you are here" });
  return { data, legend };
}

/** Columns of a table over the known ρ and the chosen one.
 * @param {any} asked @param {any} curves @param {RhoDocument[]} known @param {"N" | "loss"} what @param {string} title
 */
function table(asked, curves, known, what, title) {
  const { clients, at } = curves;
  const values = [...new Set([...known.flatMap((one) => [one.low, one.value, one.high]), asked.rho.value, asked.rho.low, asked.rho.high])].sort((a, b) => a - b);
  const rows = clients.map((/** @type {number} */ k, /** @type {number} */ i) => [k, ...values.map((rho) => (Number.isFinite(at(rho)[what][i]) ? Number(at(rho)[what][i].toPrecision(8)) : "—"))]);
  return { head: ["clients K", ...values.map((rho) => `${title}, ρ = ${plain(rho, 3)}`)], rows };
}

/** Clients double as they do in federations. @param {number} most */
function clientAxis(most) {
  const powers = Array.from({ length: Math.floor(Math.log2(most)) + 1 }, (_, i) => 2 ** i).filter((_, i) => i % (most > 5000 ? 4 : 2) === 0);
  return { ...axis("clients K", 0.93, most * 1.08, true, ""), tickvals: powers, ticktext: powers.map(String) };
}

/** Ends of a set of numbers with some room; on a log axis as factors.
 * @param {number[]} values @param {boolean} log
 */
function ends(values, log) {
  const good = values.filter((x) => Number.isFinite(x) && (!log || x > 0));
  const low = Math.min(...good), high = Math.max(...good);
  if (log) return high / low < 1.5 ? [low / 1.3, high * 1.3] : [low * (low / high) ** 0.06, high * (high / low) ** 0.06];
  const room = 0.06 * (high - low || Math.abs(high) || 1);
  return [low - room, high + room];
}

/** @param {any} asked */
const unchanged = (asked) => (asked.per === "client" ? `for ${amountOf(asked)} FLOP of each client` : `for ${amountOf(asked)} FLOP in total`);
/** @param {any} asked */
const amountOf = (asked) => scientific(asked.C);

/** @param {any} asked @param {any} found @param {any} curves @param {RhoDocument[]} known @returns {Figure} */
function sizes(asked, found, curves, known) {
  const { data, legend } = lines(asked, curves, known, "N");
  data.push(points([asked.clients], [found.values.N.value], COLOURS.marked, { symbol: "diamond", size: 13 }));
  const [low, high] = ends([...known.map((one) => one.value), asked.rho.low, asked.rho.high].flatMap((rho) => curves.at(rho).N).concat(found.values.N.value), true);
  return {
    id: "size", title: "Best size against the number of clients",
    caption: `Each line is the size with the lowest loss ${unchanged(asked)}, for one value of ρ. ${asked.per === "client" ? "At ρ = 1 more clients change nothing; at ρ = 0 all their compute counts as one machine’s." : "At ρ = 0 the number of clients changes nothing; at ρ = 1 each counts with its own share alone."} The lines are reconstructions: no paper prints them.`,
    legend, data,
    layout: layout(clientAxis(curves.most), axis("best N, parameters", low, high, true, "parameters", 5), { margin: MARGIN }),
    table: table(asked, curves, known, "N", "best N"), height: 360,
  };
}

/** @param {any} law @param {any} asked @param {any} found @param {any} curves @param {RhoDocument[]} known @returns {Figure} */
function losses(law, asked, found, curves, known) {
  const { unit, target } = law.entry;
  const { data, legend } = lines(asked, curves, known, "loss");
  data.push(points([asked.clients], [found.values.loss.value], COLOURS.marked, { symbol: "diamond", size: 13 }));
  const [low, high] = ends([...known.map((one) => one.value), asked.rho.low, asked.rho.high].flatMap((rho) => curves.at(rho).loss).concat(found.values.loss.value), false);
  const made = table(asked, curves, known, "loss", "loss");
  made.head.push("compute to catch up, ρ chosen");
  for (const row of made.rows) row.push(Number((Number(row[0]) ** asked.rho.value).toPrecision(8)));
  const title = `best ${target}, ${unit}`;
  return {
    id: "loss", title: `Best ${target} against the number of clients`,
    caption: `The dotted line is one machine with all the compute, the dashed one a client alone with its own share, which is also what ρ = 1 says of a federation. Federation is worth what lies between a line and the dashed one, ${unchanged(asked)}.`,
    legend, data,
    layout: layout(clientAxis(curves.most), axis(wrapped(title), low, high, false, "", 5), { margin: MARGIN }),
    table: made, height: 360,
  };
}

/** A long axis title in two lines. @param {string} text */
function wrapped(text) {
  if (text.length <= 42) return text;
  const cut = text.lastIndexOf(" ", text.length / 2 + 6);
  return cut > 0 ? `${text.slice(0, cut)}<br>${text.slice(cut + 1)}` : text;
}

/** @param {any} law @param {any} asked @param {any} found @returns {Figure} */
function bowls(law, asked, found) {
  const { unit, target } = law.entry;
  const { clients, compute, rho, held, flop } = asked;
  const best = found.values;
  const loss = (/** @type {number} */ N, /** @type {number} */ r) => law.value(law.inputs({ ...held, N, D: compute / (flop * N) / clients ** r }));
  const grid = logGrid(Math.min(best.N.rho[0], best.N.value) / 14, Math.max(found.central.N, best.N.rho[1]) * 14, 120);
  // far sizes would squeeze the rest: the top is what the curves reach at a tenth and at ten times the best
  const rim = [0.1, 10].map((f) => loss(best.N.value * f, rho.value)).filter(Number.isFinite);
  const top = Math.max(...rim, best.loss.rho[1], best.loss.value) + 0.02 * Math.abs(best.loss.value);
  const bottom = found.central.loss - 0.06 * (top - found.central.loss);
  // drawn a little beyond the frame, so that what leaves it is seen to leave it
  const curve = (/** @type {number} */ r) => grid.map((N) => Math.min(loss(N, r), 2 * top - bottom));
  const wide = rho.low < rho.high && clients > 1;
  const data = [];
  if (wide) data.push(band(grid, curve(rho.low), curve(rho.high), COLOURS.law, 0.14));
  const one = curve(0), mine = curve(rho.value);
  data.push(line(grid, one, COLOURS.data, { dash: "dot" }), line(grid, mine, COLOURS.law, { hoverinfo: "x+y", hovertemplate: "N %{x:.3s}: %{y:.4f}<extra></extra>" }));
  const way = along(law, Array.from({ length: 9 }, (_, i) => clients ** (i / 8)), () => compute, rho.value, held, flop);
  data.push(line(way.N, way.loss, COLOURS.marked, { width: 1.6 }), points([found.central.N], [found.central.loss], COLOURS.data, { size: 10 }), points([best.N.value], [best.loss.value], COLOURS.marked, { symbol: "diamond", size: 13 }));
  const n = law.variable("N");
  const shapes = [];
  if (n?.known && n.low > grid[0]) shapes.push(beyond("x", grid[0], Math.min(n.low, grid[119])));
  if (n?.known && n.high < grid[119]) shapes.push(beyond("x", Math.max(n.high, grid[0]), grid[119]));
  const many = clients === 1 ? "one client" : `${clients} clients`;
  return {
    id: "bowls", title: `Loss against size, on one machine and among ${many}`,
    caption: `The same compute at every size, D = C / (k N). Sharing it lifts the curve and moves its lowest point; the thin line joins the lowest points from one client to ${clients}.${shapes.length ? " Grey sizes are beyond the runs that the law rests on." : n?.known ? "" : " The source does not say which sizes the law rests on."}`,
    legend: [
      { colour: COLOURS.data, mark: "┈", words: "one machine, ● its best" }, { colour: COLOURS.law, mark: "━", words: `${many}, ρ = ${plain(rho.value, 3)}` },
      ...(wide ? [{ colour: COLOURS.law, mark: "▒", words: `ρ from ${plain(rho.low)} to ${plain(rho.high)}` }] : []), { colour: COLOURS.marked, mark: "◆", words: "you are here" }, ...(shapes.length ? [{ colour: COLOURS.data, mark: "▒", words: "beyond the runs" }] : []),
    ],
    data,
    layout: layout(axis("parameters N", grid[0], grid[119], true, "parameters"), axis(wrapped(`${target}, ${unit}`), bottom, top, false, "", 5), { shapes, margin: MARGIN }),
    table: {
      head: ["parameters N", "tokens D", "loss, one machine", `loss, ${many}`, ...(wide ? [`at ρ = ${plain(rho.low)}`, `at ρ = ${plain(rho.high)}`] : [])],
      rows: grid.filter((_, i) => i % 7 === 0).map((N) => [N, compute / (flop * N), loss(N, 0), loss(N, rho.value), ...(wide ? [loss(N, rho.low), loss(N, rho.high)] : [])].map((v) => (Number.isFinite(v) ? Number(v.toPrecision(7)) : "—"))),
    },
    height: 360,
  };
}

/** @param {any} asked @param {any} found @param {any} time @param {string} against @param {any} curves @returns {Figure} */
function clock(asked, found, time, against, curves) {
  const { clients, steps, star, batch, flop, total, rho } = asked;
  const alongSteps = against === "H";
  const sizes = alongSteps ? null : curves.at(rho.value).N;
  const grid = alongSteps ? logGrid(1, Math.max(1000, steps), 31) : curves.clients.filter((/** @type {number} */ _, /** @type {number} */ i) => Number.isFinite(sizes[i]));
  const runs = grid.map((/** @type {number} */ x) => {
    const size = alongSteps ? found.values.N.value : sizes[curves.clients.indexOf(x)];
    const tokens = alongSteps ? found.values.D.value : total(x) / (flop * size);
    return timing(star, { size, tokens, clients: alongSteps ? clients : x, steps: alongSteps ? x : steps, batch, flop });
  });
  const here = alongSteps ? steps : clients;
  const shown = PARTS.filter((name) => runs.some((/** @type {any} */ run) => run.parts[name] > 0));
  const walls = runs.map((/** @type {any} */ run) => run.wall);
  const top = Math.max(...walls, time.wall) * 1.6;
  // parts that never come to a thousandth of the time are named, not drawn to scale
  const bottom = Math.max(Math.min(...shown.flatMap((name) => runs.map((/** @type {any} */ run) => run.parts[name])).filter((s) => s > 0)), Math.min(...walls) / 3000) / 1.6;
  /** @type {object[]} */
  const data = shown.map((name) => {
    const kept = runs.map((/** @type {any} */ run, /** @type {number} */ i) => [grid[i], run.parts[name]]).filter((/** @type {number[]} */ [, s]) => s > 0);
    return line(kept.map((/** @type {number[]} */ [x]) => x), kept.map((/** @type {number[]} */ [, s]) => s), PART_LOOKS[name].colour, { dash: PART_LOOKS[name].dash, width: 1.8 });
  });
  data.push(line(grid, walls, COLOURS.marked, { width: 2.6 }), points([here], [time.wall], COLOURS.marked, { symbol: "diamond", size: 13 }));
  const zones = zonesOf(grid, runs);
  const ticks = timeTicks(bottom, top);
  const yaxis = { ...axis("wall clock", bottom, top, true, ""), tickvals: ticks.values, ticktext: ticks.texts };
  const name = alongSteps ? "local steps H" : "clients K";
  const edges = (/** @type {any} */ { from, to, first, last }) => (alongSteps ? [Math.round(from), Math.round(to)] : [first, last]);
  const words = zones.map((zone) => { const [low, high] = edges(zone); return `${PART_LOOKS[zone.binds].words} ${low === high ? `at ${low}` : `from ${low} to ${high}`}`; }).join(", ");
  return {
    id: "clock", title: `Wall clock against ${name}`,
    caption: `Time of the whole run by what takes it; both axes are logarithmic. What takes most: ${words} ${name.split(" ").pop() === "H" ? "local steps" : "clients"}. ${alongSteps ? "The law has no price for local steps; too many of them cost loss that is not shown here." : "Every K has its own best size."} This is arithmetic on the rates that you state.`,
    legend: [...shown.map((part) => ({ colour: PART_LOOKS[part].colour, mark: PART_LOOKS[part].mark, words: PART_LOOKS[part].words })), { colour: COLOURS.marked, mark: "━", words: "all of it" }, { colour: COLOURS.marked, mark: "◆", words: "you are here" }],
    data,
    layout: layout(alongSteps ? axis(name, 0.93, grid[grid.length - 1] * 1.08, true, "") : clientAxis(curves.most), yaxis, {
      margin: { l: 92, r: 16, t: 22, b: 46 },
      shapes: zones.filter((_, i) => i % 2 === 1).map(({ from, to }) => beyond("x", from, to)),
      annotations: zones.filter(({ from, to }) => Math.log(to / from) > 0.09 * Math.log(grid[grid.length - 1] / grid[0])).map(({ binds, from, to }) => ({ x: 0.5 * (Math.log10(from) + Math.log10(to)), xref: "x", y: 1, yref: "paper", yanchor: "bottom", text: PART_LOOKS[binds].words, showarrow: false, font: { size: 11.5 } })),
    }),
    table: {
      head: [name, "total, s", ...shown.map((part) => `${PART_LOOKS[part].words}, s`), "takes most", "rounds"],
      rows: runs.map((/** @type {any} */ run, /** @type {number} */ i) => [Number(grid[i].toPrecision(4)), ...[run.wall, ...shown.map((part) => run.parts[part])].map((s) => Number(s.toPrecision(6))), PART_LOOKS[run.binds].words, Number(run.rounds.toPrecision(6))]).filter((/** @type {any} */ _, /** @type {number} */ i) => i % 2 === 0),
    },
    height: 360,
  };
}

/** Stretches of the axis with the same part on top; they meet halfway between two points.
 * @param {number[]} grid @param {any[]} runs
 */
function zonesOf(grid, runs) {
  /** @type {{binds: string, from: number, to: number, first: number, last: number}[]} */
  const zones = [];
  runs.forEach((run, i) => {
    const last = zones[zones.length - 1];
    if (last && last.binds === run.binds) last.to = last.last = grid[i];
    else {
      const from = i ? Math.sqrt(grid[i - 1] * grid[i]) : grid[0];
      if (last) last.to = from;
      zones.push({ binds: run.binds, from, to: grid[i], first: grid[i], last: grid[i] });
    }
  });
  return zones;
}
