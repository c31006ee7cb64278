// The explorer in a notebook, as a module for anywidget. A notebook has no import map of ours, so the
// modules come as texts and are linked through addresses made here, once for all widgets in it.

/** @typedef {{get(key: string): any, set(key: string, value: any): void, save_changes(): void, send(content: any): void, on(event: string, call: (...given: any[]) => void): void, off(event: string, call: (...given: any[]) => void): void, comm_live?: boolean}} Model */

const PATIENCE = 20000, PAUSE = 120;
const SHARED = Symbol.for("isoloss.explore");
/** @type {{places: Map<string, string>, plotly: Promise<boolean> | null}} */
const shared = /** @type {any} */ (globalThis)[SHARED] ??= { places: new Map(), plotly: null };

/** Addresses of modules that import each other as `isoloss/NAME`.
 * @param {Record<string, string>} texts
 * @param {(text: string) => string} address of a module whose imports are addresses already
 * @returns {Record<string, string>}
 */
export function linked(texts, address) {
  /** @type {Record<string, string>} */
  const places = {};
  const link = (/** @type {string} */ name, /** @type {string[]} */ above) => {
    if (above.includes(name)) throw new Error(`modules import each other in a circle: ${[...above, name].join(" > ")}`);
    // such as a part that only a page with a server loads, when it is needed
    if (!(name in texts)) return `isoloss/${name}`;
    places[name] ??= address(texts[name].replace(/(["'])isoloss\/([\w./-]+\.js)\1/g, (_, quote, other) => quote + link(other, [...above, name]) + quote));
    return places[name];
  };
  for (const name of Object.keys(texts)) link(name, []);
  return places;
}

/** The address of a text; the same text is one module, however many widgets bring it.
 * @param {string} text
 */
function blob(text) {
  let place = shared.places.get(text);
  if (!place) shared.places.set(text, (place = URL.createObjectURL(new Blob([text], { type: "text/javascript" }))));
  return place;
}

/** Plotly's script from the kernel, asked for once in a notebook.
 * @param {Model} model
 */
function plotly(model) {
  if (/** @type {any} */ (globalThis).Plotly?.react) return Promise.resolve(true);
  shared.plotly ??= new Promise((/** @type {(there: boolean) => void} */ done) => {
    const give = (/** @type {boolean} */ there) => {
      clearTimeout(late);
      model.off("msg:custom", take);
      if (!there) shared.plotly = null;
      done(there);
    };
    const take = (/** @type {any} */ content, /** @type {BlobPart[]} */ buffers) => {
      if (content?.give !== "plotly") return;
      const script = document.createElement("script");
      script.src = URL.createObjectURL(new Blob([buffers[0]], { type: "text/javascript" }));
      script.onload = () => give(true);
      script.onerror = () => give(false);
      document.head.append(script);
    };
    const late = setTimeout(() => give(false), PATIENCE);
    model.on("msg:custom", take);
    // a saved notebook without its kernel shows the tables
    if (model.comm_live === false) give(false);
    else model.send({ ask: "plotly" });
  });
  return shared.plotly;
}

/** Plain data with its keys in order: what goes to Python, and what is compared.
 * @param {any} value
 */
function plain(value) {
  return JSON.stringify(value, (_, part) => {
    if (ArrayBuffer.isView(part)) return Array.from(/** @type {Float64Array} */ (part));
    return part && typeof part === "object" && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part;
  });
}

/** The colours of the notebook, where it says which they are.
 * @param {HTMLElement} root
 */
function followTheme(root) {
  const set = () => {
    const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
    const light = jpThemeLight ? jpThemeLight === "true" : vscodeThemeKind ? vscodeThemeKind.includes("light") : null;
    if (light !== null) root.dataset.theme = light ? "light" : "dark";
  };
  set();
  const watch = new MutationObserver(set);
  watch.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-vscode-theme-kind"] });
  return () => watch.disconnect();
}

/** @param {{model: Model, el: HTMLElement}} given */
async function render({ model, el }) {
  const root = document.createElement("div");
  root.className = "isoloss-explore";
  // JupyterLab would take the arrow keys of a slider for its own; with Ctrl they are meant for it
  root.dataset.lmSuppressShortcuts = "true";
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation();
  });
  root.textContent = "Loading …";
  el.append(root);
  const unfollow = followTheme(root);
  try {
    const leave = keepInStep(model, await start(model, root));
    return () => { unfollow(); leave(); };
  } catch (error) {
    root.textContent = `The explorer cannot start: ${error instanceof Error ? error.message : error}`;
    return unfollow;
  }
}

/** @param {Model} model @param {HTMLElement} root */
async function start(model, root) {
  const places = linked(model.get("_modules"), blob);
  const [{ Shell }, { views }, { functions }] = await Promise.all([
    ...["shell.js", "views/index.js", "laws.js"].map((name) => import(places[name])), plotly(model)]);
  const bundle = { ...model.get("_bundle"), view: model.get("view") };
  return new Shell(root, bundle, functions, views, { address: false, state: model.get("state") });
}

/** What is done here goes to Python, and what is set there is shown here.
 * @param {Model} model
 * @param {any} shell
 */
function keepInStep(model, shell) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  let sent = "", telling = false;
  const push = () => {
    const now = plain({ view: shell.view.id, state: shell.full(), numbers: shell.shown?.numbers ?? {}, headline: shell.shown?.headline ?? "" });
    if (now === sent) return;
    sent = now;
    // the values come one by one: what is between is nobody's state
    telling = true;
    for (const [key, value] of Object.entries(JSON.parse(now))) model.set(key, value);
    telling = false;
    model.save_changes();
  };
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(push, PAUSE);
  };
  const pull = () => {
    if (telling) return;
    const view = model.get("view"), state = model.get("state");
    if (plain([view, state]) !== plain([shell.view.id, shell.full()])) shell.visit(view, state);
  };
  shell.root.addEventListener("isoloss-drawn", later);
  later();
  for (const event of ["change:view", "change:state"]) model.on(event, pull);
  return () => {
    clearTimeout(waiting);
    for (const event of ["change:view", "change:state"]) model.off(event, pull);
    shell.close();
  };
}

export default { render };
