(() => {
  const finder = document.querySelector("[data-questions]");
  const data = JSON.parse(document.getElementById("question-data").textContent);
  const part = (name) => finder.querySelector(`[data-${name}]`);
  const [search, task, order, more] = ["search", "task", "order", "more"].map(part);
  const tabs = [...finder.querySelectorAll("[data-list]")];
  const cards = finder.querySelector(".questions");
  const step = 20;
  let list = tabs.findIndex((tab) => tab.getAttribute("aria-pressed") === "true");
  let shown = 5;

  // everything below comes from logs: it is only ever put in as text
  const make = (name, kind, text, ...inside) => {
    const element = document.createElement(name);
    if (kind) element.className = kind;
    if (text) element.textContent = text;
    element.append(...inside);
    return element;
  };
  const loose = (name, kind, text) => {
    const element = make(name, kind, text);
    element.dir = "auto";
    return element;
  };

  const reply = ([said, right], place) => {
    const sign = make("span", "sign", right ? "✓" : "✕");
    sign.setAttribute("role", "img");
    sign.setAttribute("aria-label", right ? "right" : "wrong");
    return make("li", right ? "right" : "wrong", "",
      make("span", "who", data.models[place]), " ", make("bdi", "", said || "none read"), " ", sign);
  };

  const texts = (replies) => {
    const rows = replies.map(([, , mode, wrote], place) => [place, data.modes[mode], wrote])
      .filter(([, mode, wrote]) => mode || wrote)
      .map(([place, mode, wrote]) => make("tr", "", "", make("td", "", data.models[place]),
        make("td", "", mode), loose("td", "wide", wrote)));
    if (!rows.length) return [];
    const head = ["model", "mistake", "text"].map((name) => {
      const cell = make("th", "", name);
      cell.scope = "col";
      return cell;
    });
    const table = make("table", "", "", make("thead", "", "", make("tr", "", "", ...head)),
      make("tbody", "", "", ...rows));
    const scroll = make("div", "scroll", "", table);
    scroll.tabIndex = 0;
    scroll.setAttribute("role", "region");
    return [make("details", "", "", make("summary", "", "What they wrote"), scroll)];
  };

  const card = ([where, key, asked, options, gold, replies]) => make("li", "", "",
    make("p", "where", "", `${where} `, make("bdi", "", key)),
    ...(asked ? [loose("p", "asked", asked)] : []),
    ...(options ? [loose("p", "options", options)] : []),
    make("p", "gold", "", "Right answer ", make("bdi", "", gold)),
    make("ul", "replies", "", ...replies.map(reply)),
    ...texts(replies));

  const words = new Map();
  const wordsOf = (row) => {
    if (!words.has(row)) words.set(row, data.questions[row].flat(3).join("\n").toLowerCase());
    return words.get(row);
  };
  const rights = (row) => data.questions[row][5].reduce((sum, one) => sum + one[1], 0);
  const orders = {
    telling: () => 0,
    task: (a, b) => data.questions[a][0].localeCompare(data.questions[b][0]),
    fewest: (a, b) => rights(a) - rights(b),
    most: (a, b) => rights(b) - rights(a),
  };

  const found = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    return data.lists[list].rows
      .filter((row) => !task.value || data.questions[row][0] === task.value)
      .filter((row) => wanted.every((word) => wordsOf(row).includes(word)))
      .sort(orders[order.value]);
  };

  const draw = () => {
    const rows = found();
    const here = data.lists[list];
    cards.replaceChildren(...rows.slice(0, shown).map((row) => card(data.questions[row])));
    const some = Math.min(shown, rows.length);
    const held = here.rows.length < here.total
      ? `; ${here.rows.length.toLocaleString("en")} of ${here.total.toLocaleString("en")} are in this page` : "";
    part("count").textContent = rows.length
      ? `${some} of ${rows.length.toLocaleString("en")} shown${held}`
      : `Nothing here matches${held}`;
    part("says").textContent = here.says;
    more.hidden = rows.length <= shown;
  };

  const fillTasks = () => {
    const before = task.value;
    const names = [...new Set(data.lists[list].rows.map((row) => data.questions[row][0]))].sort();
    task.replaceChildren(new Option("all tasks", ""), ...names.map((name) => new Option(name, name)));
    task.value = names.includes(before) ? before : "";
  };

  const start = (many) => {
    shown = many;
    draw();
  };
  for (const tab of tabs) {
    tab.addEventListener("click", () => {
      list = Number(tab.dataset.list);
      for (const one of tabs) one.setAttribute("aria-pressed", String(one === tab));
      fillTasks();
      start(5);
    });
  }
  search.addEventListener("input", () => start(step));
  task.addEventListener("change", () => start(step));
  order.addEventListener("change", () => start(step));
  more.addEventListener("click", () => {
    const before = shown;
    start(shown + step);
    const next = cards.children[before];
    if (next) {
      next.tabIndex = -1;
      next.focus({preventScroll: true});
    }
  });
  finder.querySelector(".controls").hidden = false;
  fillTasks();
  draw();
})();
