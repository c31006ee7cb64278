// What can be taken out of a page: pictures, tables, numbers, a program.

import { make } from "isoloss/dom.js";

/** Text of a CSV file (RFC 4180). A cell that a spreadsheet would run as a formula gets a space.
 * @param {Table} table
 */
export function csv(table) {
  const cell = (/** @type {string | number} */ value) => {
    let text = String(value).replace(/−/g, "-");
    if (/^[=@\t\r]/.test(text) || (/^[+-]/.test(text) && !Number.isFinite(Number(text)))) text = ` ${text}`;
    return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  return [table.head, ...table.rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** Save a text or a picture as a file.
 * @param {string} name
 * @param {Blob | string} content
 * @param {string} [type]
 */
export function save(name, content, type = "text/plain") {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const url = URL.createObjectURL(blob);
  const link = make("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** A figure as a picture.
 * @param {Figure} figure
 * @param {"svg" | "png"} format
 * @returns {Promise<Blob>}
 */
export async function picture(figure, format) {
  const plotly = /** @type {any} */ (globalThis).Plotly;
  const width = 900, height = Math.round((figure.height ?? 380) * 1.25);
  const layout = { ...figure.layout, width, height, paper_bgcolor: "#ffffff", plot_bgcolor: "#ffffff", title: { text: escape(figure.title), font: { size: 16, color: "#22262b" }, x: 0.02, xanchor: "left" }, margin: { l: 70, r: 24, t: 56, b: 60 } };
  const url = await plotly.toImage({ data: figure.data, layout }, { format, width, height, scale: format === "png" ? 2 : 1 });
  if (format === "svg") return new Blob([decodeURIComponent(url.slice(url.indexOf(",") + 1))], { type: "image/svg+xml" });
  const bytes = Uint8Array.from(atob(url.slice(url.indexOf(",") + 1)), (c) => c.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}

/** Plotly reads a few tags in titles; names of people's columns are no tags.
 * @param {string} text
 */
export function escape(text) {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

/** Copy a text; says whether that worked.
 * @param {string} text
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = make("textarea", { class: "unseen" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
