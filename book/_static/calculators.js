/* The frame that all calculators share: fields with labels and messages, a result table, a picture, CSV,
   print. A calculator (calculator_forms.js) says which fields it has and turns their values into rows.
   Works from a folder without a server; without this script the page shows the still picture alone. */
"use strict";
window.PolicyFrame = (() => {
  const { FieldError } = window.PolicyMath;
  const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  const words = window.POLICY_WORDS[language];
  const PAUSE = 700; // ms without typing before a screen reader hears the result

  const fill = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  function element(tag, attributes = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }

  const formats = {};
  function show(number, digits) {
    formats[digits] ??= new Intl.NumberFormat(words.locale,
      { minimumFractionDigits: digits, maximumFractionDigits: digits, roundingMode: "halfExpand" });
    return formats[digits].format(number).replace("-", "−");
  }

  /* One labelled field with its hint and its place for a message. */
  function makeField(spec, id) {
    const hint = spec.hint ? element("small", { id: `${id}-hint`, class: "calc-hint" }, spec.hint) : null;
    const message = element("p", { id: `${id}-error`, class: "calc-error" });
    const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
    const common = { id, name: spec.name, "aria-describedby": described };
    let input;
    if (spec.options) {
      input = element("select", common, ...spec.options.map(([value, label]) => element("option", { value }, label)));
    } else if (spec.kind === "list") {
      input = element("textarea", { ...common, rows: 3 });
    } else {
      const date = spec.kind === "date";
      input = element("input", { ...common, type: date ? "date" : "text", inputmode: date ? null : "decimal", autocomplete: "off" });
    }
    input.value = spec.value ?? "";
    const label = element("label", { for: id }, `${spec.label}${spec.optional ? ` (${words.optional})` : ""}`);
    const box = element("div", { class: `calc-field${spec.kind === "list" ? " calc-wide" : ""}` }, label, input);
    if (spec.slider) box.append(makeSlider(spec, input));
    box.append(...[hint, message].filter(Boolean));
    return { spec, box, input, message };
  }

  function makeSlider({ slider: [min, max, step], label }, input) {
    const range = element("input", { type: "range", min, max, step, "aria-label": `${label} (${words.slider})` });
    range.value = input.value;
    range.addEventListener("input", () => {
      input.value = range.value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    input.addEventListener("input", () => { if (input.value !== range.value) range.value = Number(input.value) || 0; });
    return range;
  }

  function mark(fields, error) {
    for (const { input, message, spec } of Object.values(fields)) {
      const here = error && (spec.name === error.field);
      input.toggleAttribute("aria-invalid", false);
      if (here) input.setAttribute("aria-invalid", "true");
      message.textContent = here ? sentence(error) : "";
      message.dataset.code = here ? error.code : "";
    }
  }

  function sentence({ code, values }) {
    const reason = window.POLICY_RULES.reasons[code];
    return fill(reason ? reason[language] : words.errors[code], values);
  }

  /* Result rows: {name, label, cells: [{text, value}]}; a cell's value is what the CSV and the tests read. */
  function resultTable(columns, rows, caption) {
    const head = element("tr", {}, ...[words.item, ...columns].map((text) => element("th", { scope: "col" }, text)));
    const body = rows.map(({ name, label, cells }) => element("tr", {},
      element("th", { scope: "row" }, label),
      ...cells.map(({ text, value }, place) =>
        element("td", { "data-output": place ? `${name}_${place}` : name, "data-value": String(value) }, text))));
    return element("table", { class: "table" }, element("caption", {}, caption),
      element("thead", {}, head), element("tbody", {}, ...body));
  }

  function sourceList(sources) {
    return element("ul", {}, ...sources.map((id) => {
      const [english, chinese, url] = window.POLICY_RULES.sources[id];
      const title = language === "zh" ? chinese : english;
      return element("li", {}, /^https?:/.test(url) ? element("a", { href: url }, title) : title);
    }));
  }

  /* Bars of plain boxes, each with its figures in words: colour and length are never the only sign. */
  const PARTS = ["calc-part-1", "calc-part-2", "calc-part-3"];
  function picture({ bars, line, key }) {
    const most = Math.max(line?.value ?? 0, ...bars.map((bar) => bar.parts.reduce((a, b) => a + b, 0))) || 1;
    const root = element("figure", { class: "calc-picture", "aria-label": words.picture });
    if (key) root.append(element("p", { class: "calc-key" }, ...key.map((label, place) =>
      element("span", {}, element("i", { class: PARTS[place] }), label))));
    for (const bar of bars) {
      const track = element("div", { class: "calc-track", "aria-hidden": "true" });
      bar.parts.forEach((part, place) => {
        const box = element("i", { class: `${PARTS[place]}${bar.hollow ? " calc-hollow" : ""}` });
        box.style.width = `${(100 * part) / most}%`;
        track.append(box);
      });
      if (line) {
        const rule = element("b", { class: "calc-line" });
        rule.style.left = `${(100 * line.value) / most}%`;
        track.append(rule);
      }
      root.append(element("p", {}, bar.label), track);
    }
    if (line) root.append(element("p", {}, `┆ ${line.label}`));
    return root;
  }

  function saveCsv(columns, rows, name) {
    const quote = (cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
    const lines = [[words.item, ...columns], ...rows.map(({ label, cells }) => [label, ...cells.map((cell) => String(cell.value))])];
    const text = `\ufeff${lines.map((line) => line.map(quote).join(",")).join("\n")}\n`;
    const link = element("a", { download: `${name}.csv`, href: URL.createObjectURL(new Blob([text], { type: "text/csv" })) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function printOnly(place) {
    const aside = [];
    for (let node = place; node !== document.body; node = node.parentElement) {
      aside.push(...[...node.parentElement.children].filter((one) => one !== node));
    }
    for (const node of aside) node.classList.add("calc-aside");
    window.print();
    for (const node of aside) node.classList.remove("calc-aside");
  }

  /* Build one calculator into `place`. */
  function build(place, definition) {
    const kind = place.dataset.calculator, mine = words[kind], fields = {};
    const form = element("form", { novalidate: true, "aria-label": mine.legend });
    for (const group of definition.groups(mine)) {
      const set = element("fieldset", {}, element("legend", {}, group.legend));
      for (const spec of group.fields) {
        const field = makeField(spec, `${kind}-${spec.name}`);
        fields[spec.name] = field;
        set.append(field.box);
      }
      form.append(set);
    }
    const result = element("div", { class: "calc-result" });
    const status = element("p", { class: "calc-status", role: "status" });
    place.replaceChildren(form, status, result);
    let timer = 0;
    const update = () => {
      const values = Object.fromEntries(Object.entries(fields).map(([name, { input }]) => [name, input.value]));
      for (const { spec, box } of Object.values(fields)) box.hidden = Boolean(spec.when && !spec.when(values));
      let said;
      try {
        const answer = definition.answer(values, mine);
        mark(fields, null);
        said = answer.said;
        render(result, place, answer, mine);
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        mark(fields, error);
        said = words.fix;
        result.replaceChildren();
      }
      clearTimeout(timer);
      // a refusal and its end show at once; figures wait until the typing pauses
      const now = said === words.fix || status.textContent === words.fix;
      timer = setTimeout(() => { status.textContent = said; }, now ? 0 : PAUSE);
    };
    form.addEventListener("input", update);
    form.addEventListener("submit", (event) => event.preventDefault());
    update();
  }

  function render(result, place, answer, mine) {
    const csv = element("button", { type: "button" }, words.csv), print = element("button", { type: "button" }, words.print);
    csv.addEventListener("click", () => saveCsv(answer.columns, answer.rows, mine.file));
    print.addEventListener("click", () => printOnly(place));
    const weak = answer.weak.length
      ? [element("h3", {}, words.weak), element("ul", { class: "calc-weak" }, ...answer.weak.map((text) => element("li", {}, text)))] : [];
    const sources = answer.sources.length ? [element("h3", {}, words.sources), sourceList(answer.sources)] : [];
    result.replaceChildren(
      element("div", { class: "calc-scroll", tabindex: 0, role: "region", "aria-label": words.result },
        resultTable(answer.columns, answer.rows, words.result)),
      picture(answer.picture), element("h3", {}, words.formula), element("p", {}, answer.words),
      ...sources, ...weak, element("p", { class: "calc-buttons" }, csv, " ", print));
  }

  return { build, fill, show, words, language };
})();
