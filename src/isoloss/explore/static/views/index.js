// The views of a page, in the order of its menu. A new one is a file here and a line there.

import { view as allocate } from "isoloss/views/allocate.js";
import { view as curves } from "isoloss/views/curves.js";
import { view as errors } from "isoloss/views/errors.js";
import { view as federated } from "isoloss/views/federated.js";
import { view as laws } from "isoloss/views/laws.js";
import { view as surface } from "isoloss/views/surface.js";
import { view as tradeoff } from "isoloss/views/tradeoff.js";
import { view as data } from "isoloss/views/data.js";

/** @type {View[]} */
export const views = [allocate, surface, curves, tradeoff, federated, errors, laws, data];
