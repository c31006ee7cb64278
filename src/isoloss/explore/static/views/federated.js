// Federated: a budget shared by K clients, the best size among them, and what it costs in loss and time.

import { make, tableOf } from "isoloss/dom.js";
import { federation } from "isoloss/federation.js";
import { heldFields, heldValues, lawField } from "isoloss/fields.js";
import { duration, prefixed, readRate, readSeconds, readSpeed, timing } from "isoloss/network.js";
import { amount, plain, scientific, shown } from "isoloss/numbers.js";
import { factsOf } from "isoloss/views/federated_facts.js";
import { figuresOf } from "isoloss/views/federated_figures.js";

const OWN = ["N", "D"];
const KNOWN = [["range", "none: the whole range, 0 to 1"], ["reconstruction", "1, each learns from its own share alone"], ["diloco", "0.22, fitted to DiLoCo's tables"], ["ideal", "0, clients act as one machine"], ["own", "a value of your own"]];
// words and not numbers: a text that looks like a number is awkward in an address
const SERVERS = /** @type {[string, string, number][]} */ ([["free", "no limit", Infinity], ["1G", "1 Gb/s", 1e9], ["10G", "10 Gb/s", 1e10], ["100G", "100 Gb/s", 1e11]]);
const SENT = /** @type {[string, string, number][]} */ ([["fp32", "4 bytes (fp32)", 4], ["bf16", "2 bytes (bf16)", 2], ["4bit", "half a byte (4 bits)", 0.5]]);
const numberOf = (/** @type {[string, string, number][]} */ options, /** @type {unknown} */ value) => (options.find(([name]) => name === value) ?? options[0])[2];

/** @type {View} */
export const view = {
  id: "federated",
  title: "Federated",
  asks: "How big a model for K clients, and is it worth it?",

  needs: (state) => [String(state.law)],

  fields(state, context) {
    const mixed = new Set(context.bundle.mixtures.map((one) => one.entry.key));
    const wanted = (/** @type {{inputs: string[], target: string, key: string}} */ { inputs, target, key }) =>
      inputs.includes("N") && inputs.includes("D") && !inputs.includes("K") && !mixed.has(key.split(":")[0])
      && (target === "loss" || context.laws.get(key)?.entry.kind === "fit");
    const choice = lawField(context, wanted, context.bundle.first);
    const law = context.laws.get(String(state.law ?? choice.start));
    const n = law?.variable("N"), d = law?.variable("D");
    const sizes = [n?.low ?? 1e7, n?.high ?? 1e11], data = [d?.low ?? 1e9, d?.high ?? 1e12];
    const { devices, links, utilisation, steps, round } = context.bundle.federated;
    const marked = (/** @type {{source: string}} */ { source }) => (source === round ? ", a round figure" : "");
    /** @type {Field[]} */
    const fields = [
      choice,
      { kind: "choice", key: "per", label: "Compute is stated for", start: "total", options: [{ value: "total", label: "all clients together" }, { value: "client", label: "each client" }], help: "The same in total divides it among more clients; the same for each lets the total grow with them" },
      { kind: "slider", key: "C", label: state.per === "client" ? "Compute C of a client" : "Compute C of all clients", low: (sizes[0] / 30) * (data[0] / 30) * 6, high: sizes[1] * 300 * data[1] * 300 * 6, log: true, unit: "FLOP", start: Number((6 * Math.sqrt(sizes[0] * sizes[1] * data[0] * data[1])).toPrecision(1)), help: "Any unit: 1e21, 500 PF-days, 1000 A100-days" },
      { kind: "slider", key: "K", label: "Clients K", low: 1, high: 1024, log: true, whole: true, unit: "", start: 8 },
      { kind: "choice", key: "rho_as", label: "ρ, what the others’ data are worth", start: "range", options: KNOWN.map(([value, label]) => ({ value, label })), help: "K clients learn as one machine with D / K^ρ of the data" },
    ];
    if (state.rho_as === "own") fields.push({ kind: "slider", key: "rho", label: "Your ρ", low: 0, high: 1, log: false, unit: "", start: 0.5, shown: (x) => plain(x, 3) });
    fields.push(
      { kind: "slider", key: "H", label: "Local steps H", low: 1, high: 1000, log: true, whole: true, unit: "", start: steps, help: "Steps of a client between two synchronisations" },
      { kind: "choice", key: "link", label: "A client’s link", start: "campus", options: [...links.map((one) => ({ value: one.name, label: `${one.name}, ${prefixed(one.up_bps, "b/s")} up${marked(one)}` })), { value: "own", label: "a link of your own" }] },
    );
    if (state.link === "own") {
      fields.push(
        { kind: "slider", key: "up", label: "Up-link", low: 1e5, high: 1e12, log: true, unit: "b/s", start: 2e7, shown: (x) => prefixed(x, "b/s"), read: readRate },
        { kind: "slider", key: "down", label: "Down-link", low: 1e5, high: 1e12, log: true, unit: "b/s", start: 1e8, shown: (x) => prefixed(x, "b/s"), read: readRate },
        { kind: "slider", key: "latency", label: "Latency, one way", low: 1e-5, high: 10, log: true, unit: "s", start: 0.05, shown: duration, read: readSeconds },
      );
    }
    fields.push(
      { kind: "choice", key: "against", label: "Wall clock against", start: "H", options: [{ value: "H", label: "local steps H" }, { value: "K", label: "clients K" }] },
    );
    /** @type {Field[]} */
    const more = [
      { kind: "slider", key: "batch", label: "Batch of a client", low: 256, high: 4194304, log: true, whole: true, unit: "tokens", start: 32768, help: "Tokens that one client processes in one local step" },
      { kind: "choice", key: "device", label: "A client’s machine", start: "a100", options: [...devices.map((one) => ({ value: one.name, label: `${one.name}, peak ${prefixed(one.peak_flops, "FLOP/s")}${marked(one)}` })), { value: "own", label: "a speed of your own" }] },
      state.device === "own"
        ? { kind: "slider", key: "speed", label: "Speed that training reaches", low: 1e10, high: 1e16, log: true, unit: "FLOP/s", start: 1e13, shown: (x) => prefixed(x, "FLOP/s"), read: readSpeed }
        : { kind: "slider", key: "reached", label: "Share of the peak reached", low: 0.01, high: 1, log: false, unit: "", start: utilisation, shown: (x) => `${plain(100 * x, 3)} %`, read: (text) => Number(text.replace("%", "")) / (text.includes("%") ? 100 : 1), help: "A round figure; replace it by what you measured" },
      { kind: "choice", key: "server", label: "The server’s bandwidth", start: "free", options: SERVERS.map(([value, label]) => ({ value, label })) },
      { kind: "choice", key: "sent", label: "Sent for a parameter", start: "fp32", options: SENT.map(([value, label]) => ({ value, label })) },
      { kind: "slider", key: "k", label: "k in C = k N D", low: 1, high: 24, log: true, unit: "", start: 6, shown: (x) => plain(x, 3), help: "6 for training a dense transformer" },
    ];
    fields.push(...more.map((field) => ({ ...field, fold: "Machine, server and batch" })));
    return [...fields, ...heldFields(law, OWN)];
  },

  show(state, context) {
    const law = context.laws.get(String(state.law));
    const asked = questionOf(law, state, context);
    const found = federation(law, asked);
    if (!found || !(found.values.perClient.value >= 1)) return nothing(asked, Boolean(found));
    const run = { size: found.values.N.value, tokens: found.values.D.value, clients: asked.clients, steps: asked.steps, batch: asked.batch, flop: asked.flop };
    const time = timing(asked.star, run);
    const among = law.place({ ...asked.held, N: run.size, D: run.tokens });
    const tags = tagsOf(law, asked, Object.keys(context.bundle.federated.tags));
    const { gap, multiplier, ratio, perClient, N, D, loss } = found.values;
    return {
      headline: headline(law, asked, found, time),
      place: placeOf(among, asked),
      warnings: warningsOf(law, asked, found, time, context),
      facts: factsOf(law, asked, found, time, lettered(tags.law, context), lettered(tags.counted, context)),
      figures: figuresOf(law, asked, found, time, String(state.against), context.bundle.rho),
      python: program(law, asked, state),
      numbers: {
        law: law.key, C: asked.compute, clients: asked.clients, rho: asked.rho, held: asked.held, provenance: tags,
        N, D, tokens_per_client: perClient, loss, ratio_to_central: ratio, loss_gap: gap, compute_multiplier: multiplier,
        gain_over_alone: found.gain, rounds: time.rounds, wall_clock_s: time.wall, parts_s: time.parts, traffic_bytes: time.traffic, binds: time.binds, place: among.status,
      },
    };
  },

  mount(place, context) {
    const { rho, federated } = context.bundle;
    const told = federated.claims.flatMap(({ text, contrary }) => [[`abstract: ${text}`, federated.paper], ...contrary.map((one) => [`against it, ${one.provenance}: ${one.says}`, one.source])]);
    place.append(make("details", null,
      make("summary", { text: "Where ρ and these numbers come from" }),
      make("p", { text: `The law is a reconstruction: L(N, D / K^ρ) is derived in isoloss. The paper that asks this question, ${federated.paper}, was read as an abstract alone, so no exponent here is that paper’s.` }),
      tableOf({ head: ["ρ", "range", "what it is", "from"], rows: rho.map((one) => [one.value, one.low === one.high ? "held" : `${one.low} to ${one.high}`, one.meaning, one.provenance.join(" + ")]) }, "Values of ρ"),
      tableOf({ head: ["tag", "meaning"], rows: Object.entries(federated.tags).map(([tag, { letter, meaning }]) => [`${letter} ${tag}`, meaning]) }, "What the tags mean"),
      tableOf({ head: ["what is claimed, and what points the other way", "source"], rows: told }, "Claims and what is against them"),
      tableOf({ head: ["device or link", "figures", "source"], rows: [...federated.devices.map((one) => [one.name, `peak ${prefixed(one.peak_flops, "FLOP/s")}, ${prefixed(one.memory_bytes, "B")}`, one.source]), ...federated.links.map((one) => [one.name, `${prefixed(one.up_bps, "b/s")} up, ${prefixed(one.down_bps, "b/s")} down, ${duration(one.latency_s)}`, one.source])] }, "Devices and links")));
    return { update() { /* the same for every state */ } };
  },
};

/** The question in base units. A value that an address has beyond its control is brought within.
 * @param {any} law @param {State} state @param {Context} context
 */
function questionOf(law, state, context) {
  const { devices, links, range } = context.bundle.federated;
  const clients = Number(state.K), C = Number(state.C);
  const per = String(state.per);
  const held = heldValues(law, state, OWN);
  const own = Math.min(1, Math.max(0, Number(state.rho ?? 0)));
  const rho = state.rho_as === "own"
    ? { name: "given", value: own, low: own, high: own, meaning: "as given", provenance: ["reconstruction"], clients_to: null }
    : context.bundle.rho.find((one) => one.name === state.rho_as) ?? range;
  const device = devices.find((one) => one.name === state.device) ?? null;
  const link = links.find((one) => one.name === state.link);
  const sent = numberOf(SENT, state.sent);
  const star = {
    client_flops: device ? device.peak_flops * Math.min(1, Math.max(1e-6, Number(state.reached))) : Number(state.speed),
    up_bps: link?.up_bps ?? Number(state.up), down_bps: link?.down_bps ?? Number(state.down), latency_s: link?.latency_s ?? Number(state.latency),
    server_bps: numberOf(SERVERS, state.server), up_bytes: sent, down_bytes: sent,
  };
  const total = (/** @type {number} */ k) => (per === "client" ? C * k : C);
  return { clients, per, C, compute: total(clients), total, rho, held, flop: Number(state.k), steps: Number(state.H), batch: Number(state.batch), star, device, link: link?.name ?? "own" };
}

/** Where N and D lie among the law's runs, which say nothing of clients: with several, nothing is inside.
 * @param {{status: string, words: string}} found @param {ReturnType<typeof questionOf>} asked
 */
function placeOf(found, asked) {
  if (asked.clients === 1) return found;
  if (found.status !== "inside") return { ...found, words: `${found.words}. Those runs are of one machine: N and all clients’ D are held against them, and K is not among their inputs` };
  return { status: "unknown", label: "no run with clients", words: `behind this law: N and all clients’ D lie inside the runs of one machine, and K is not among their inputs` };
}

/** Where the numbers come from, as federated/plan tags them: one client needs no ρ.
 * @param {any} law @param {ReturnType<typeof questionOf>} asked @param {string[]} order
 */
function tagsOf(law, asked, order) {
  const own = law.entry.kind === "fit" ? "your runs" : "published table";
  const found = new Set([own, ...(asked.clients > 1 ? asked.rho.provenance : [])]);
  const law_ = order.filter((tag) => found.has(tag));
  return { law: law_, counted: order.filter((tag) => found.has(tag) || tag === "arithmetic"), rho: asked.rho.provenance };
}

/** @param {string[]} tags @param {Context} context */
function lettered(tags, context) {
  return tags.map((words) => ({ letter: context.bundle.federated.tags[words].letter, words }));
}

/** @param {any} law @param {ReturnType<typeof questionOf>} asked @param {any} found @param {any} time */
function headline(law, asked, found, time) {
  const { unit, target } = law.entry;
  const { N, D, perClient, loss, gap, multiplier } = found.values;
  const { clients, rho, compute } = asked;
  const wide = rho.low < rho.high && clients > 1;
  const over = wide ? ` (${amount(N.rho[0])} to ${amount(N.rho[1])} for ρ from ${plain(rho.high)} to ${plain(rho.low)})` : "";
  const who = clients === 1 ? "one client" : `${clients} clients`;
  const each = clients === 1 ? "" : `, ${amount(perClient.value)} each`;
  const first = `With ${scientific(compute)} FLOP in total, ${who} should train ${amount(N.value)} parameters${over} on ${amount(D.value)} tokens${each}, for a ${target} of ${shown(loss.value, unit)}.`;
  const part = Math.round(100 * time.share);
  const takes = `It takes ${duration(time.wall)}; ${WORDS[time.binds]} ${part >= 99 ? "takes nearly all of that" : `takes the largest part of that, ${part} %`}.`;
  if (clients === 1) return `${first} ${takes}`;
  const worth = gap.value > 1e-9 ? `One machine with that compute reaches ${shown(found.central.loss, unit)}; catching up takes ${plain(multiplier.value, 3)} times the compute.` : "That is what one machine with the same compute reaches.";
  const least = Math.min(...found.gains), most = Math.max(...found.gains);
  const gains = most <= 1e-9
    ? "Each client alone, on its own share, would do as well: at ρ = 1 federation gains nothing."
    : wide && least <= 1e-9 ? `Against a client alone the gain is 0 to ${plain(most, 3)}, and which of them depends on ρ.`
      : `A client alone, with its own share, would be ${plain(found.gain, 3)} above: that is what federation gains.`;
  return `${first} ${worth} ${gains} ${takes}`;
}

const WORDS = /** @type {Record<string, string>} */ ({ compute: "compute", uplink: "the clients’ up-link", downlink: "the clients’ down-link", server: "the server’s bandwidth", latency: "latency" });

/** @param {any} law @param {ReturnType<typeof questionOf>} asked @param {any} found @param {any} time @param {Context} context */
function warningsOf(law, asked, found, time, context) {
  const { federated, rho } = context.bundle;
  const { N, perClient } = found.values;
  const warnings = [];
  if (asked.rho.name === "range" && asked.clients > 1) warnings.push(`No ρ was chosen: the numbers are those at ρ = 1, the reconstruction, and the bands are 0 to 1; DiLoCo’s tables lie near ${rho.find((one) => one.name === "diloco")?.value}.`);
  if (asked.rho.clients_to && asked.clients > asked.rho.clients_to) warnings.push(`${asked.clients} clients is beyond the runs that this ρ rests on, which have up to ${asked.rho.clients_to}: an extrapolation.`);
  const own = perClient.value / N.value;
  if (asked.clients > 1 && own < federated.few_samples) warnings.push(`A client has ${plain(own, 2)} tokens for each parameter, below ${federated.few_samples}: averages of such models are poorer than the law says.`);
  const memory = N.value * federated.bytes;
  if (asked.device && memory > asked.device.memory_bytes) warnings.push(`At ${federated.bytes} bytes a parameter, training needs ${prefixed(memory, "B")} on every client; a ${asked.device.name} has ${prefixed(asked.device.memory_bytes, "B")}. The size here is not held to it.`);
  if (time.rounds < 1) warnings.push(`The tokens fill ${plain(time.rounds, 2)} of a round: take fewer local steps or a smaller batch.`);
  if (found.lost) warnings.push(`${found.lost} of ${law.count} draws have no best split and are left out of the intervals.`);
  if (!law.count) warnings.push("No errors are known for this law, so its intervals are missing; the bands are those of ρ alone.");
  else if (law.entry.basis === "rounding") warnings.push("No errors are printed for this law: its intervals show what the rounding of its numbers alone leaves open.");
  if (law.entry.certified === false) warnings.push("This fit is not certified: other numbers may fit as well.");
  return warnings;
}

/** @param {ReturnType<typeof questionOf>} asked @param {boolean} split @returns {Shown} */
function nothing(asked, split) {
  const why = split ? "leave less than one token for a client" : "have no best split: the loss keeps falling towards all size or all data";
  return { headline: `${scientific(asked.compute)} FLOP among ${asked.clients} clients ${why}.`, warnings: ["Choose more compute, fewer clients, or another law."], facts: [], figures: [], python: "" };
}

/** @param {any} law @param {ReturnType<typeof questionOf>} asked @param {State} state */
function program(law, asked, state) {
  const { star } = asked;
  const [id, set] = law.key.split(":");
  const fit = law.entry.kind === "fit";
  const held = Object.entries(asked.held).map(([name, value]) => `"${name}": ${value}`).join(", ");
  const options = [
    fit ? JSON.stringify(law.entry.file ?? "fit.json") : `"${id}"`, `clients=${asked.clients}`, `${asked.per === "client" ? "flops_per_client" : "flops"}=${asked.C}`,
    asked.rho.name === "range" ? "" : asked.rho.name === "given" ? `rho=${asked.rho.value}` : `rho="${asked.rho.name}"`,
    `local_steps=${asked.steps}`, `batch=${asked.batch}`, "network=network", asked.flop === 6 ? "" : `flop=${asked.flop}`,
    held && !fit ? `at={${held}}` : "", set && !fit ? `coefficients="${set}"` : "",
  ].filter(Boolean);
  const speed = asked.device ? `device("${asked.device.name}").reached(${state.reached})` : String(star.client_flops);
  const network = [
    `client_flops=${speed}`, `up_bps=${star.up_bps}`, `down_bps=${star.down_bps}`, `latency_s=${star.latency_s}`,
    star.server_bps < Infinity ? `server_bps=${star.server_bps}` : "", star.up_bytes === 4 ? "" : `up_bytes=${star.up_bytes}`, star.down_bytes === 4 ? "" : `down_bytes=${star.down_bytes}`,
  ].filter(Boolean);
  return `from isoloss.federated import plan_federated\nfrom isoloss.federated.network import Star${asked.device ? ", device" : ""}\n\nnetwork = Star(\n    ${network.join(",\n    ")},\n)\nplan = plan_federated(\n    ${options.join(",\n    ")},\n)\nprint(plan)\n`;
}
