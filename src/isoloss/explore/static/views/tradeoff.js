// Trade-off: how a whole is best divided. Only true parts of one whole are on a triangle: shares of
// the training data, or shares of one sum of money.

import { mixtureFields, mixtureKeys, showMixture } from "isoloss/views/tradeoff_mixture.js";
import { showSpend, spendFields } from "isoloss/views/tradeoff_spend.js";

/** @type {View} */
export const view = {
  id: "tradeoff",
  title: "Trade-off",
  asks: "How should a whole be divided?",

  needs: (state, context) => (state.whole === "money" ? [String(state.law)] : mixtureKeys(state, context)),

  fields(state, context) {
    /** @type {Field} */
    const whole = {
      kind: "choice", key: "whole", label: "The whole", start: "data",
      options: [{ value: "data", label: "training data, by domain" }, { value: "money", label: "money: training, serving, data" }],
      help: "Model size, data and compute are no parts of a whole: they share no unit, and C = 6 N D leaves only two of them free",
    };
    return [whole, ...(state.whole === "money" ? spendFields(state, context) : mixtureFields(state, context))];
  },

  show: (state, context) => (state.whole === "money" ? showSpend(state, context) : showMixture(state, context)),

  mount(_place, context) {
    let heard = /** @type {any} */ (null);
    return {
      update() {
        // the triangle is drawn by now; a click moves the point that the numbers beside it hold
        const plot = /** @type {any} */ (document.querySelector('[data-figure="triangle"] .plot'));
        if (!plot || plot === heard || typeof plot.on !== "function") return;
        heard = plot;
        plot.on("plotly_click", (/** @type {any} */ event) => {
          const parts = event?.points?.map((/** @type {any} */ one) => one.customdata).find(Array.isArray);
          if (!parts) return;
          const state = context.state();
          if (state.whole === "money") context.change({ to_train: parts[0], to_serve: parts[1] });
          else {
            const { whole, keys } = heldOf(context, state);
            context.change({ [keys[0]]: Number((parts[0] * whole).toPrecision(6)), [keys[1]]: Number((parts[1] * whole).toPrecision(6)) });
          }
        });
      },
    };
  },
};

/** How much of the data the three corners share, and the keys of the first two.
 * @param {Context} context @param {State} state
 */
function heldOf(context, state) {
  const fields = mixtureFields(state, context);
  const first = fields.find((field) => field.key === "r1");
  return { whole: first && first.kind === "slider" ? first.high : 1, keys: ["r1", "r2"] };
}
