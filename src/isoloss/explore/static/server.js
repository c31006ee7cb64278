// The server behind a page that `isoloss explore` opened: laws of the library, fits, uploads.

const WAIT = 1500;

/** @param {Bundle} _bundle */
export function server(_bundle) {
  const token = document.querySelector("meta[name=isoloss-token]")?.getAttribute("content") ?? "";

  /** Ask; a server that is away is asked again until it is back.
   * @param {string} path
   * @param {RequestInit} [options]
   * @returns {Promise<any>}
   */
  async function ask(path, options = {}) {
    const headers = { "X-Isoloss-Token": token, ...(options.headers ?? {}) };
    for (;;) {
      let reply;
      try {
        reply = await fetch(path, { ...options, headers });
      } catch (error) {
        if (options.signal?.aborted) throw error;
        away(true);
        await new Promise((done) => setTimeout(done, WAIT));
        continue;
      }
      away(false);
      const type = reply.headers.get("content-type") ?? "";
      const body = type.includes("json") ? await reply.json() : type.includes("octet-stream") ? await reply.blob() : await reply.text();
      if (!reply.ok) throw new Error(body?.message ?? `the server answered ${reply.status}`);
      return body;
    }
  }

  /** @param {boolean} gone */
  function away(gone) {
    document.documentElement.classList.toggle("away", gone);
    let note = document.getElementById("away");
    if (gone && !note) {
      note = document.createElement("p");
      note.id = "away";
      note.setAttribute("role", "alert");
      note.textContent = "The server does not answer. Start it again with the same command; this page goes on as soon as it is back. What you see still works.";
      document.body.prepend(note);
    }
    if (!gone) note?.remove();
  }

  /** @param {string} key */
  async function load(key) {
    const entry = await ask(`laws/${encodeURIComponent(key)}.json`);
    const made = await import(new URL(`laws/${encodeURIComponent(key)}.js?token=${encodeURIComponent(token)}`, location.href).href);
    return { entry, functions: made.functions[key] };
  }

  return { ask, load };
}
