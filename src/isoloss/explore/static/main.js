// Start a page: its bundle and its laws are there, the views are asked.

import { functions } from "isoloss/laws.js";
import { Shell } from "isoloss/shell.js";
import { views } from "isoloss/views/index.js";

const bundle = /** @type {Bundle} */ (JSON.parse(document.getElementById("bundle")?.textContent ?? "{}"));
const root = /** @type {HTMLElement} */ (document.getElementById("explorer"));
const outside = bundle.server ? (await import("isoloss/server.js")).server(bundle) : {};
/** @type {any} */ (globalThis).isoloss = new Shell(root, bundle, functions, views, outside);
