/* Charts that answer: hover, touch or arrow keys say a mark's value, source and grade; menus choose what is
   shown; each view is also a table, a CSV and a link. Loaded with chart_marks.js when a reader asks for it
   (book.js). The marks are a list box, so that a screen reader says each as "option, 3 of 12". */
"use strict";
window.BookCharts = (() => {
  const WORDS = JSON.parse(document.getElementById("book-words").textContent);
  const MOST_ROWS = 200; // rows of the table view; the CSV has all
  const REACH = 48; // px from the pointer in which a mark answers
  const given = {};

  const node = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const { draw: drawChart, fill } = window.BookMarks;

  function say(state, place) {
    const mark = state.marks[place];
    state.marks[state.place]?.drawn.setAttribute("aria-selected", "false");
    state.place = mark ? place : -1;
    state.answer.replaceChildren();
    if (!mark) { state.answer.append(state.marks.length ? WORDS.chart_hint : WORDS.chart_empty); return; }
    mark.drawn.setAttribute("aria-selected", "true");
    state.list.setAttribute("aria-activedescendant", mark.drawn.id);
    state.answer.append(node("strong", {}, mark.say));
    const sources = (mark.sources ?? []).map((id) => state.data.sources[id]);
    if (!sources.length) return;
    const links = sources.map(([text, url]) => node("li", {}, url ? node("a", { href: url }, text) : text));
    state.answer.append(node("ul", { "aria-label": WORDS.sources }, ...links));
  }

  function nearest(state, x, y) {
    let found = -1, least = REACH;
    state.marks.forEach(({ at, look, low, high }, place) => {
      const span = look === "range" || look === "segment";
      const aside = Math.abs(x - at.x) * (span ? 1 : 1.2);
      const above = span ? Math.max(at.top - y, y - at.foot, 0) : Math.abs(y - at.top);
      const away = Math.hypot(aside, above) + (span && low !== high ? 4 : 0); // a point on a range answers first
      if (away < least) [found, least] = [place, away];
    });
    return found;
  }

  function tableOf(state) {
    const rows = state.marks.map((mark) => mark.row);
    const body = rows.slice(0, MOST_ROWS).map(([first, ...rest]) =>
      node("tr", {}, node("th", { scope: "row" }, first), ...rest.map((cell) => node("td", {}, cell))));
    const table = node("table", { class: "table" },
      node("thead", {}, node("tr", {}, ...state.data.head.map((text) => node("th", { scope: "col" }, text)))), node("tbody", {}, ...body));
    const count = fill(WORDS.rows, { shown: body.length, total: rows.length });
    return node("div", { class: "wide chart-table", tabindex: "0", role: "region", "aria-label": state.data.title }, node("p", {}, count), table);
  }

  function refresh(state) {
    const focused = state.place;
    if (state.view.as === "table") {
      drawChart(state, 320); // the marks that the table lists
      state.stage.replaceChildren(tableOf(state));
      state.answer.hidden = true;
    } else {
      const [svg, list] = drawChart(state, Math.max(280, Math.floor(state.root.clientWidth)));
      state.stage.replaceChildren(svg);
      state.list = list;
      state.answer.hidden = false;
      listen(state, svg, list);
      state.place = -1;
      say(state, focused);
    }
    state.tableButton.setAttribute("aria-pressed", String(state.view.as === "table"));
  }

  function listen(state, svg, list) {
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, PageDown: 10, PageUp: -10 };
    list.addEventListener("focus", () => { if (state.place < 0) say(state, 0); });
    list.addEventListener("keydown", (event) => {
      const last = state.marks.length - 1;
      const target = event.key === "Home" ? 0 : event.key === "End" ? last
        : event.key in steps ? Math.min(last, Math.max(0, state.place + steps[event.key])) : null;
      if (target === null) return;
      event.preventDefault();
      say(state, target);
    });
    const point = (event) => {
      const box = svg.getBoundingClientRect();
      const place = nearest(state, event.clientX - box.left, event.clientY - box.top);
      if (place >= 0 && place !== state.place) say(state, place);
    };
    svg.addEventListener("pointermove", point);
    svg.addEventListener("pointerdown", point);
  }

  function linkTo(state) {
    const link = new URL(location.href);
    link.search = "";
    for (const [name, value] of Object.entries(state.view)) if (value) link.searchParams.set(name, value);
    link.hash = state.figure.id;
    return link.href;
  }

  async function copyLink(state) {
    const link = linkTo(state);
    let copied = false;
    try { await navigator.clipboard.writeText(link); copied = true; } catch { /* the field below serves */ }
    const field = node("input", { type: "text", readonly: "", "aria-label": WORDS.copy_link });
    field.value = link;
    state.linkPlace.replaceChildren(copied ? `${WORDS.copied} ` : "", field);
    if (!copied) field.select();
  }

  function controlOf(state, control) {
    const { name, label, options } = control;
    const isBox = options.length === 0;
    const input = isBox ? node("input", { type: "checkbox", name }) : node("select", { name },
      ...options.map(([value, text]) => node("option", { value }, text)));
    if (isBox) input.checked = state.view[name] === "yes"; else input.value = state.view[name];
    input.addEventListener("input", () => {
      state.view[name] = isBox ? (input.checked ? "yes" : "") : input.value;
      state.place = -1;
      refresh(state);
    });
    return node("label", { class: isBox ? "chart-box" : "" }, ...(isBox ? [input, label] : [label, input]));
  }

  /* Values of a link that this chart does not know leave its own. */
  function startView(data, ...wishes) {
    const view = { as: "" };
    for (const control of data.controls) {
      const known = control.options.length ? control.options.map(([value]) => value) : ["yes", ""];
      view[control.name] = control.value;
      for (const wish of wishes) if (known.includes(wish[control.name])) view[control.name] = wish[control.name];
    }
    for (const wish of wishes) if (wish.as === "table") view.as = "table";
    return view;
  }

  function open(figure, wish = {}) {
    const data = given[figure.dataset.chart];
    const preset = JSON.parse(figure.dataset.view || "{}");
    const state = { data, figure, id: `${figure.id}-mark`, view: startView(data, preset, wish), place: -1, marks: [] };
    state.root = node("div", { class: "chart" });
    state.stage = node("div", { class: "chart-stage" });
    state.answer = node("div", { class: "chart-answer" });
    state.linkPlace = node("span", { class: "chart-link", role: "status" });
    const button = (text, action) => {
      const made = node("button", { type: "button" }, text);
      made.addEventListener("click", action);
      return made;
    };
    state.tableButton = button(WORDS.as_table, () => { state.view.as = state.view.as ? "" : "table"; refresh(state); });
    const csv = node("a", { href: `${figure.dataset.charts}${figure.dataset.chart}.csv`, download: "" }, WORDS.chart_csv);
    const picture = button(WORDS.as_picture, () => {
      state.root.remove();
      figure.classList.remove("answering");
      figure.querySelector(".chart-open").focus();
    });
    const tools = node("div", { class: "chart-tools" }, ...data.controls.map((control) => controlOf(state, control)));
    const key = node("p", { class: "chart-key" }, ...data.key.map(([look, text]) => node("span", { class: `key-${look}` }, text)));
    const foot = node("div", { class: "chart-foot" }, state.tableButton, csv, button(WORDS.copy_link, () => copyLink(state)), picture, state.linkPlace);
    state.root.append(...(data.controls.length ? [tools] : []), ...(data.key.length ? [key] : []), state.stage, state.answer, foot);
    figure.classList.add("answering");
    figure.querySelector(".chart-open").after(state.root);
    refresh(state);
    let width = state.root.clientWidth;
    new ResizeObserver(() => {
      if (state.root.clientWidth === width || !state.root.isConnected) return;
      width = state.root.clientWidth;
      if (state.view.as !== "table") refresh(state);
    }).observe(state.root);
    return state;
  }

  return {
    take: (name, data) => { given[name] = data; },
    has: (name) => name in given,
    open,
    focus: (state) => (state.view.as === "table" ? state.stage.firstElementChild : state.list).focus(),
  };
})();
