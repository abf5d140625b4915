/* The marks of a chart (charts.js): which ones a view shows, and where they stand. It places marks and computes
   no result: every number in it was written when the book was made. */
"use strict";
window.BookMarks = (() => {
  const NS = "http://www.w3.org/2000/svg";
  const WORDS = JSON.parse(document.getElementById("book-words").textContent);

  const shape = (name, attributes = {}, text = "") => {
    const made = document.createElementNS(NS, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    return made;
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const print = (value, digits) => value.toFixed(digits).replace(/^-(?=0\.?0*$)/, "").replace("-", "−");

  /* ---- which marks a view shows ---- */

  function allowed(data, view, name) {
    return data.controls.filter((control) => (control.chooses || control.name) === name).map((control) => view[control.name]);
  }
  function shownMarks(data, view) {
    if (data.more.kind === "curve") return curveMarks(data, view);
    const marks = data.more.kind === "lines" ? lineMarks(data, view) : data.marks;
    return marks.filter((mark) => Object.entries(mark.only ?? {}).every(([name, values]) =>
      allowed(data, view, name).some((value) => values.includes(value))));
  }

  /* Short rows of specifications: outcome, estimate, p, the study's own or not, the option of each choice. */
  function curveMarks(data, view) {
    const { rows, choices, outcomes, digits, level, say, own, place } = data.more;
    const outcome = outcomes.indexOf(view.outcome);
    const menus = choices.map((name) => data.controls.find((control) => control.name === name));
    const wanted = menus.map((menu) => menu.options.findIndex(([value]) => value === view[menu.name]) - 1);
    const kept = rows.filter((row) => row[0] === outcome && wanted.every((option, i) => option < 0 || row[4 + i] === option));
    kept.sort((a, b) => a[1] - b[1]);
    const unit = data.y.titles[view.outcome];
    const name = data.controls[0].options.find(([value]) => value === view.outcome)[1];
    return kept.map((row, i) => {
      const options = menus.map((menu, j) => menu.options[row[4 + j] + 1][1]);
      const estimate = print(row[1], digits), p = row[2].toFixed(3);
      const parts = [fill(say, { estimate, unit, p }), ...menus.map((menu, j) => `${menu.label}${WORDS.colon}${options[j]}`)];
      if (row[3]) parts.push(own);
      parts.push(fill(place, { rank: i + 1, count: kept.length }));
      return { x: i + 1, low: row[1], high: row[1], look: row[3] ? "ring" : row[2] <= level ? "dark" : "pale",
        say: `${parts.join("; ")}.`, row: [name, ...options, estimate, p] };
    });
  }

  /* Rates: a mark every few orders on a straight line, money to the fen. */
  function lineMarks(data, view) {
    const { rows, step, last, li, say, trades } = data.more;
    const label = (control, value) => data.controls.find((one) => one.name === control).options.find((one) => one[0] === value)[1];
    const [where, when] = [label("place", view.place), label("day", view.day)];
    return rows.filter((row) => row[0] === view.place && row[1] === view.day).flatMap(([, , trade, rate, grade, note, sources]) => {
      const made = [];
      for (let orders = 0; orders <= last; orders += step) {
        const yuan = print((orders * rate) / li, 2), each = String(rate / li);
        made.push({ x: orders, low: (orders * rate) / li, high: (orders * rate) / li, look: "point", joined: trade,
          say: fill(say, { trade: trades[trade], place: where, day: when, orders, yuan, rate: each, grade, marks: note }),
          row: [where, when, trades[trade], String(orders), yuan, each, grade], sources,
          label: orders === last ? trades[trade] : undefined });
      }
      return made;
    });
  }

  /* ---- drawing ---- */

  function roundSteps(low, high, count) {
    const rough = (high - low) / count || 1, scale = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].find((one) => one * scale >= rough) * scale;
    const first = Math.floor(low / step + 1e-9), final = Math.ceil(high / step - 1e-9);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9) + (step / scale === 2.5 && scale <= 1 ? 1 : 0));
    return Array.from({ length: final - first + 1 }, (_, i) => [(first + i) * step, print((first + i) * step, digits)]);
  }
  const wide = (text) => [...text].reduce((sum, letter) => sum + (letter > "\u2e80" ? 12.2 : 6.3), 0);

  function scales(data, marks, width, height, view) {
    const ends = marks.flatMap((mark) => [mark.low, mark.high]).filter((value) => value !== null && value !== undefined);
    let low = Math.min(...ends, data.y.zero || !ends.length ? 0 : Infinity), high = Math.max(...ends, data.y.zero || !ends.length ? 0 : -Infinity);
    if (low === high) high = low + 1;
    const open = marks.some((mark) => mark.high === null), labels = marks.some((mark) => mark.label);
    if (open || labels) high += (high - low) * 0.1;
    const ticks = roundSteps(low, high, height < 320 ? 4 : 5);
    [low, high] = [ticks[0][0], ticks.at(-1)[0]];
    const ended = marks.filter((mark) => mark.joined && mark.label).map((mark) => wide(mark.label));
    const box = { left: 10 + Math.max(...ticks.map(([, text]) => wide(text))), right: 12 + Math.max(0, ...ended), top: 40, bottom: 44 };
    const [from, to] = data.x.ends ?? [0, marks.length + 1];
    return { ticks, box, low, high, title: data.y.titles[view[data.y.by]] ?? data.y.title,
      x: (value) => box.left + ((value - from) / (to - from)) * (width - box.left - box.right),
      y: (value) => box.top + (1 - (value - low) / (high - low)) * (height - box.top - box.bottom),
      step: (width - box.left - box.right) / (to - from) };
  }

  function drawAxes(data, scale, width, height) {
    const axes = shape("g", { class: "chart-axes", "aria-hidden": "true" });
    const right = width - scale.box.right, foot = height - scale.box.bottom;
    for (const [value, text] of scale.ticks) {
      const y = scale.y(value);
      axes.append(shape("line", { x1: scale.box.left, x2: right, y1: y, y2: y, class: Math.abs(value) < 1e-9 ? "zero" : "" }));
      axes.append(shape("text", { x: scale.box.left - 6, y: y + 4, "text-anchor": "end" }, text));
    }
    let free = -Infinity; // where the last label ends: labels that would touch are left out
    for (const [value, text] of data.x.ticks) {
      const x = scale.x(value), half = wide(text) / 2;
      axes.append(shape("line", { x1: x, x2: x, y1: foot, y2: foot + 4, class: "zero" }));
      if (x - half < free + 4) continue;
      axes.append(shape("text", { x, y: foot + 18, "text-anchor": "middle" }, text));
      free = x + half;
    }
    axes.append(shape("text", { x: right, y: height - 8, "text-anchor": "end", class: "muted" }, data.x.title));
    axes.append(shape("text", { x: 2, y: 14, class: "muted" }, scale.title));
    for (const [value, text] of data.lines) {
      const x = scale.x(value), late = x > width / 2;
      axes.append(shape("line", { x1: x, x2: x, y1: scale.box.top - 10, y2: foot, class: "upright" }));
      axes.append(shape("text", { x: x + (late ? -5 : 5), y: scale.box.top - 8, "text-anchor": late ? "end" : "start" }, text));
    }
    return axes;
  }

  const DIAMOND = "M0-6.5 6 0 0 6.5-6 0Z", TRIANGLE = "M0-6.5 6 4.5-6 4.5Z";
  function drawMark(mark, scale, shift, thick) {
    const group = shape("g", { class: `mark ${mark.look}${mark.series ? ` part-${mark.series}` : ""}${mark.high === null ? " open" : ""}` });
    const x = scale.x(mark.x) + shift;
    const top = scale.y(mark.high ?? scale.high), foot = scale.y(mark.low);
    if (mark.look === "range" || mark.look === "wide" || mark.look === "segment") {
      const size = mark.look === "segment" ? Math.min(90, scale.step * 0.7) : mark.look === "wide" ? thick * 1.8 : thick;
      group.append(shape("rect", { x: x - size / 2, width: size, y: top, height: Math.max(foot - top, 3) }));
      if (mark.look === "range") {
        group.append(shape("path", { d: `M${x - size / 2} ${foot}h${size}${mark.high === null ? "" : `M${x - size / 2} ${top}h${size}`}` }));
      }
    } else if (mark.look === "about" || mark.look === "floor") {
      group.append(shape("path", { d: mark.look === "about" ? DIAMOND : TRIANGLE, transform: `translate(${x} ${top})` }));
    } else {
      group.append(shape("circle", { cx: x, cy: top, r: { ring: 6, dark: 3.2, pale: 2.2 }[mark.look] ?? 4.5 }));
    }
    mark.at = { x, top, foot };
    return group;
  }

  function drawLabels(marks, scale, width) {
    const group = shape("g", { class: "chart-labels", "aria-hidden": "true" });
    const taken = [];
    // The newest first: it is the one that is quoted. Floors last: they say less.
    for (const mark of [...marks].reverse().sort((a, b) => (a.look === "floor") - (b.look === "floor"))) {
      if (!mark.label) continue;
      const size = wide(mark.label), end = Boolean(mark.joined);
      const x = end ? mark.at.x + 8 : Math.min(Math.max(mark.at.x, scale.box.left + size / 2), width - size / 2 - 2);
      const y = end ? mark.at.top + 4 : mark.at.top - 10;
      const box = end ? [x, x + size, y - 12, y] : [x - size / 2, x + size / 2, y - 12, y];
      if (taken.some((other) => box[0] < other[1] + 3 && other[0] < box[1] + 3 && box[2] < other[3] && other[2] < box[3])) continue;
      taken.push(box);
      group.append(shape("text", { x, y, "text-anchor": end ? "start" : "middle" }, mark.label));
    }
    return group;
  }

  function drawJoins(marks) {
    const group = shape("g", { class: "chart-joins", "aria-hidden": "true" });
    for (const name of new Set(marks.map((mark) => mark.joined).filter(Boolean))) {
      const points = marks.filter((mark) => mark.joined === name).map((mark) => `${mark.at.x},${mark.at.top}`);
      group.append(shape("polyline", { points: points.join(" ") }));
    }
    return group;
  }

  function drawChart(state, width) {
    const { data, view, id } = state;
    const height = width < 480 ? 300 : 340;
    const svg = shape("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": data.title });
    const shown = shownMarks(data, view);
    const scale = scales(data, shown, width, height, view);
    const second = data.controls.find((control) => control.chooses);
    const places = second && view[second.name] ? 2 : 1;
    const thick = Math.min(16, scale.step * 0.66) / places;
    const list = shape("g", { role: "listbox", tabindex: "0", "aria-label": `${data.title}. ${WORDS.chart_hint}`, class: "marks" });
    const behind = shape("g", { "aria-hidden": "true" });
    state.marks = [];
    for (const mark of shown) {
      const other = places === 2 && mark.only[second.chooses].includes(view[second.name]);
      const shift = places === 2 && mark.look === "range" ? (other ? 0.5 : -0.5) * thick * 1.1 : 0;
      const drawn = drawMark(mark, scale, shift, thick);
      if (other) drawn.classList.add("second");
      if (!mark.say) { behind.append(drawn); continue; }
      const place = state.marks.push({ ...mark, drawn }) - 1;
      for (const [name, value] of Object.entries({ role: "option", id: `${id}-${place}`, "aria-label": mark.say, "aria-selected": "false" })) {
        drawn.setAttribute(name, value);
      }
      list.append(drawn);
    }
    svg.append(drawAxes(data, scale, width, height), drawJoins(shown), behind, list, drawLabels(shown, scale, width));
    if (!state.marks.length) list.setAttribute("tabindex", "-1"), list.removeAttribute("role");
    return [svg, list];
  }

  return { draw: drawChart, fill };
})();
