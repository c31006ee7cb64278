// The table: chosen, dropped or pasted, and its first rows.

import { freshId, make, say, tableOf } from "isoloss/dom.js";
import { amount } from "isoloss/numbers.js";

const KINDS = ".csv,.tsv,.tab,.json,.jsonl,.ndjson,.parquet,.gz,.txt";

export class Upload {
  /**
   * @param {(name: string, content: Blob) => Promise<void>} send
   * @param {() => number} limit bytes that are taken
   */
  constructor(send, limit) {
    this.send = send;
    this.limit = limit;
    const id = freshId("file");
    this.file = make("input", { type: "file", id, accept: KINDS, onchange: () => this.take(this.file.files) });
    this.text = make("textarea", { rows: 6, spellcheck: "false", "aria-label": "A table as text, names of columns in the first line", placeholder: "params,tokens,loss\n57e6,1.2e9,3.41\n…" });
    this.paste = make("details", null, make("summary", { text: "Or paste a table" }), this.text,
      make("button", { type: "button", onclick: () => this.read() }, "Read it"));
    this.note = make("p", { class: "trouble", role: "alert", hidden: true });
    this.preview = make("div");
    this.told = make("p", { class: "told" });
    this.node = make("section", { class: "drop", "aria-label": "The runs" },
      make("h2", { text: "The runs" }),
      make("p", { class: "help" }, "CSV, TSV, JSON or Parquet, one row a run: its size, its data, its loss. Drop the file here. It stays on this machine: this page talks to the server on it, 127.0.0.1, and to nothing else."),
      make("div", { class: "field" }, make("label", { for: id, text: "A file of runs" }), this.file),
      this.paste, this.note, this.told, this.preview);
    this.node.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.node.classList.add("over");
    });
    this.node.addEventListener("dragleave", () => this.node.classList.remove("over"));
    this.node.addEventListener("drop", (event) => {
      event.preventDefault();
      this.node.classList.remove("over");
      this.take(event.dataTransfer?.files ?? null);
    });
  }

  /** @param {FileList | null} files */
  take(files) {
    const file = files?.[0];
    if (!file) return;
    if (file.size > this.limit()) {
      this.complain(`${file.name} has ${amount(file.size)} bytes, and at most ${amount(this.limit())} are taken. Fit it from the command line: isoloss fit RUNS.csv --out fit.json`);
      return;
    }
    this.give(file.name, file);
  }

  read() {
    if (!this.text.value.trim()) {
      this.complain("Nothing was pasted; put the names of the columns in the first line and one run in every other.");
      return;
    }
    this.give("pasted", new Blob([this.text.value], { type: "text/plain" }));
  }

  /** @param {string} name @param {Blob} content */
  async give(name, content) {
    this.complain("");
    say(this.told, `Reading ${name} …`);
    try {
      await this.send(name, content);
      this.paste.open = false;
    } catch (error) {
      this.complain(/** @type {Error} */ (error).message);
      say(this.told, "");
    }
    this.file.value = "";
  }

  /** @param {string} text */
  complain(text) {
    say(this.note, text);
    this.note.hidden = !text;
  }

  /** @param {any} table as the server shows it, or nothing */
  show(table) {
    this.complain("");
    if (!table) {
      say(this.told, "");
      this.preview.replaceChildren();
      return;
    }
    const { head, rows } = table.preview;
    say(this.told, `${table.name}: ${table.rows} rows, ${table.columns.length} columns.${table.rows > rows.length ? ` The first ${rows.length}:` : ""}`);
    this.preview.replaceChildren(tableOf({ head, rows }, `First rows of ${table.name}`));
  }
}
