// Data: a table of runs, what its columns are, a law fitted to it, and whether to believe that. All
// reading and fitting is done by the server on this machine; a page without one says how to open it.

import { make } from "isoloss/dom.js";

const COMMAND = "isoloss explore runs.csv";
/** What stands in the address; the view shows the controls itself. */
const KEYS = { table: "table", map: "columns", units: "units", counted: "counted as", target: "what is predicted", where: "rows that are kept", per: "bytes per token", form: "law to fit", formula: "formula of one's own", draws: "draws", seed: "seed", job: "fit" };
const STARTS = { form: "chinchilla", draws: "1000", seed: "0" };

/** @type {View} */
export const view = {
  id: "data",
  title: "Data",
  asks: "What do my runs say?",

  fields: () => Object.entries(KEYS).map(([key, label]) => ({ kind: "text", apart: true, key, label, start: STARTS[/** @type {keyof typeof STARTS} */ (key)] ?? "" })),

  mount(place, context) {
    if (!context.bundle.server) {
      place.append(withoutServer(context));
      return { update() {} };
    }
    /** @type {{update(state: State): void, close(): void} | null} */
    let panel = null;
    let closed = false, last = context.state();
    // loaded with the view: a page without a server does not hold it
    import("isoloss/data/panel.js").then(({ open }) => {
      if (closed) return;
      panel = open(place, context);
      panel.update(last);
    });
    return {
      update(state) {
        last = state;
        panel?.update(state);
      },
      close() {
        closed = true;
        panel?.close();
      },
    };
  },
};

/** @param {Context} context */
function withoutServer(context) {
  const fits = context.bundle.laws.filter((law) => law.kind === "fit");
  return make("section", { class: "data" },
    make("p", { text: "Runs are read and fitted by Python. This page was saved as a file, so it shows laws and finished fits alone. To bring your own runs, open the explorer where isoloss is installed:" }),
    make("pre", { tabindex: "0" }, make("code", { text: COMMAND })),
    make("p", { text: "It reads CSV, TSV, JSON and Parquet, one row a run, on your machine; nothing is sent anywhere. From a terminal alone, the same is done by:" }),
    make("pre", { tabindex: "0" }, make("code", { text: "isoloss fit runs.csv --out fit.json\nisoloss explore fit.json --out page.html" })),
    fits.length ? make("p", { text: `Fits in this page: ${fits.map((law) => `${law.name}, of ${law.cite}`).join("; ")}.` }) : null);
}
