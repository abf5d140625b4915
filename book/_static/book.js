/* Comfort only: without this script every number still opens and every table can still be read.
   1. Places a number's pop-up beside the number.  2. Filters and sorts the longer tables.
   3. Loads the program of a chart when a reader asks for the chart. */
"use strict";
{
  const words = JSON.parse(document.getElementById("book-words")?.textContent || "{}");
  const LONG = 8; // rows from which a table gets controls
  const CARD = 3; // columns from which a row becomes a card on a phone
  const PLAIN_CARD = 5; // the same for a table in the text
  const FEW = 7; // a column with at most so many different values gets a menu
  const MENUS = 2;

  /* Pop-ups: the browser opens and closes them; here they only move beside their number. */
  let pressed = null;
  document.addEventListener("click", (event) => { pressed = event.target.closest("button.num") || pressed; }, true);
  for (const panel of document.querySelectorAll(".lineage[popover]")) {
    panel.addEventListener("toggle", (event) => {
      if (event.newState !== "open" || !pressed || window.innerWidth <= 700) return;
      const at = pressed.getBoundingClientRect(), size = panel.getBoundingClientRect();
      const below = at.bottom + 6, above = at.top - size.height - 6;
      const top = below + size.height <= window.innerHeight || above < 0 ? below : above;
      panel.style.margin = "0";
      panel.style.inset = "auto";
      panel.style.top = `${Math.max(6, Math.min(top, window.innerHeight - size.height - 6))}px`;
      panel.style.left = `${Math.max(6, Math.min(at.left, window.innerWidth - size.width - 6))}px`;
    });
  }

  /* Escape closes an open pop-up wherever the focus is, and gives the focus back to its number. */
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector(".lineage:popover-open");
    if (!open) return;
    open.hidePopover();
    document.querySelector(`[popovertarget="${open.id}"]`)?.focus();
  });

  /* Charts: a button beside the picture. What it needs is loaded when it gets the focus, the pointer or a
     touch; a link to a view opens that view. Scripts load from a folder too, where fetching is forbidden. */
  const loading = {};
  const load = (address) => loading[address] ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src: address, onload: done, onerror: failed });
    document.head.append(script);
  });
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const { chart, charts } = figure.dataset;
    const language = document.documentElement.lang.slice(0, 2);
    const files = [`${charts}../chart_marks.js`, `${charts}../charts.js`, `${charts}${chart}.${language}.js`];
    const ready = () => files.reduce((before, file) => before.then(() => load(file)), Promise.resolve());
    const button = document.createElement("button");
    button.type = "button";
    button.className = "chart-open";
    button.textContent = words.open_chart;
    figure.querySelector(".wide").after(button);
    for (const sign of ["focus", "pointerenter", "touchstart"]) button.addEventListener(sign, ready, { once: true, passive: true });
    const open = (wish) => ready().then(() => window.BookCharts.open(figure, wish));
    const show = () => open({}).then((state) => window.BookCharts.focus(state));
    button.addEventListener("click", show);
    figure.querySelector("img")?.addEventListener("click", show);
    if (location.hash === `#${figure.id}` && location.search) {
      open(Object.fromEntries(new URLSearchParams(location.search))).then(() => figure.scrollIntoView());
    }
  }

  /* What scrolls sideways says so where it does. A table in the text is in a box of the theme's: where it
     outgrows the text it takes an exhibit's width, and where that is too little the keyboard reaches its box. */
  const boxes = [...document.querySelectorAll(".pst-scrollable-table-container")].filter((box) => !box.closest(".wide"));
  function measure() {
    const outgrows = (box) => box.scrollWidth > box.clientWidth + 1;
    for (const box of boxes) {
      delete box.dataset.hint;
      box.classList.remove("outgrown");
      box.classList.toggle("outgrown", outgrows(box));
      box.tabIndex = outgrows(box) ? 0 : -1;
    }
    for (const box of [...boxes, ...document.querySelectorAll(".wide")]) {
      if (outgrows(box)) box.dataset.hint = words.wide;
      else delete box.dataset.hint;
    }
  }
  /* The theme names its search button "Search" but prints the keys to press inside it. */
  for (const button of document.querySelectorAll("button.search-button-field")) {
    button.setAttribute("aria-label", button.textContent.trim().replace(/\s+/g, " "));
  }

  /* Folded lists are printed unfolded. */
  window.addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("details")) folded.open = true;
  });

  const text = (cell) => cell.textContent.trim();
  const number = (value) => /^[-−]?[\d,]+(\.\d+)?( ?%)?$/.test(value)
    ? parseFloat(value.replace(/[,%]/g, "").replace("−", "-")) : NaN;
  /* What a cell is sorted by: "about 2.9 million people", "509万" or the lower end of a range. */
  const UNITS = { thousand: 1e3, million: 1e6, billion: 1e9, 万: 1e4, 亿: 1e8 };
  const value = (words) => {
    const found = words.match(/^[^\d−-]{0,12}([-−]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?)/);
    const unit = words.match(/thousand|million|billion|万|亿/);
    return found ? parseFloat(found[1].replaceAll(",", "").replace("−", "-")) * (unit ? UNITS[unit[0]] : 1) : NaN;
  };
  const dated = (words) => /\d{4}(-\d\d|年| Q\d)/.test(words); // a column that holds a date or a quarter is sorted as text
  const compare = (a, b, asText) => {
    if (a === "" || b === "") return (a === "") - (b === ""); // what is not known stands last
    const [x, y] = asText ? [NaN, NaN] : [value(a), value(b)];
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) - Number.isNaN(y); // numbers before words
    return (Number.isNaN(x) ? 0 : x - y) || a.localeCompare(b, document.documentElement.lang);
  };

  /* Whoever sorts or filters a table means all of its rows. */
  function showAll(table) {
    const box = table.closest(".exhibit")?.querySelector(".all-rows");
    if (box) box.checked = true;
  }

  function makeSortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.title = `${words.sort} ${text(head)}`;
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const asText = [...body.rows].some((row) => dated(text(row.cells[column])));
        const rows = [...body.rows].sort((one, two) => {
          const [a, b] = [one, two].map((row) => text(row.cells[column]));
          return (down && a && b ? -1 : 1) * compare(a, b, asText);
        });
        body.append(...rows);
        showAll(table);
      });
    });
  }

  function makeFilterable(table, region) {
    const rows = [...table.tBodies[0].rows];
    const tools = document.createElement("div");
    const count = document.createElement("output");
    tools.className = "table-tools";
    count.setAttribute("aria-live", "polite");
    const labelled = (name, control) => {
      const label = document.createElement("label");
      label.append(name, control);
      tools.append(label);
      return control;
    };
    const search = labelled(words.filter, document.createElement("input"));
    search.type = "search";
    const menus = [...table.tHead.rows[0].cells]
      .map((head, column) => {
        const values = [...new Set(rows.map((row) => text(row.cells[column])))].sort((a, b) => compare(a, b, true));
        return { head, column, values };
      })
      .filter(({ values }) => values.length >= 2 && values.length <= FEW &&
        values.every((value) => value.length <= 30 && Number.isNaN(number(value))))
      .sort((a, b) => a.values.length - b.values.length)
      .slice(0, MENUS)
      .map(({ head, column, values }) => {
        const menu = labelled(text(head), document.createElement("select"));
        menu.append(new Option(words.all, ""), ...values.filter(Boolean).map((value) => new Option(value)));
        return [menu, column];
      });
    const apply = () => {
      const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        const content = row.textContent.toLowerCase();
        const fits = wanted.every((word) => content.includes(word)) &&
          menus.every(([menu, column]) => !menu.value || text(row.cells[column]) === menu.value);
        row.hidden = !fits;
        shown += fits;
      }
      count.textContent = words.rows.replace("{shown}", shown).replace("{total}", rows.length);
    };
    tools.append(count);
    tools.addEventListener("input", () => { apply(); showAll(table); });
    region.before(tools);
    apply();
  }

  /* On a phone a row of many columns becomes a card, whose lines carry the heads of their columns. */
  function makeCards(table, least) {
    const heads = [...table.tHead.rows[0].cells].map(text);
    if (heads.length < least) return;
    table.classList.add("cards");
    for (const row of table.tBodies[0].rows) {
      [...row.cells].forEach((cell, column) => { cell.dataset.head = heads[column]; });
    }
  }

  for (const region of document.querySelectorAll(".wide")) {
    const table = region.querySelector("table");
    if (table?.tHead) makeCards(table, CARD);
    if (!table || !table.tHead || table.tBodies[0].rows.length < LONG) continue;
    makeFilterable(table, region); // before sorting adds its buttons to the heads
    makeSortable(table);
  }
  for (const box of boxes) {
    const table = box.querySelector("table");
    if (table?.tHead) makeCards(table, PLAIN_CARD);
  }
  measure();
  window.addEventListener("resize", measure);
}
