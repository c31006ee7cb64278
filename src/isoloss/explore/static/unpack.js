// Start of a page in one file: its modules and numbers stand in it packed, and are laid out here as
// a page has them that a server gives. A classic script, since it runs before there are modules.

(() => {
  const packed = document.getElementById("packed")?.textContent ?? "";
  /** @param {string} type @param {string} text @param {string} [id] */
  const put = (type, text, id = "") => {
    const script = document.createElement("script");
    Object.assign(script, { type, id, textContent: text });
    document.body.append(script);
  };
  /** @param {Error} error */
  const complain = (error) => {
    const place = document.querySelector(".wait");
    if (place) place.textContent = `This page cannot start: ${error.message}. It needs a browser of the year 2023 or later.`;
  };
  const open = async () => {
    const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const { imports, bundle } = await new Response(stream).json();
    put("application/json", bundle, "bundle");
    put("importmap", imports);
    const start = "isoloss/main.js";
    await import(start);
  };
  open().catch(complain);
})();
