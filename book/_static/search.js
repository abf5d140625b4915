/* Search in the text of all pages (search_text.js), with the place where a word stands. Nothing is fetched,
   so it works from a folder. A term is found as it is typed: a word, part of one, Chinese, a number. */
"use strict";
{
  const { pages, groups, exhibits } = window.BOOK_TEXT;
  const words = JSON.parse(document.getElementById("book-words").textContent);
  const MOST = 60, AROUND = 70; // results shown; letters on either side of a hit
  const LISTS = new Set(["numbers", "exhibits", "api"]); // they name everything, so they stand last
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
  const plain = (text) => text.toLowerCase().replaceAll("−", "-");

  /* Where a term stands. Digits are not part of a longer number: 0.25 is not in 10.25, nor 25 in 0.25. */
  function hits(text, term) {
    const found = [];
    const digits = /^[\d.,]+$/.test(term);
    for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length)) {
      const before = text[at - 1] ?? "", after = text.slice(at + term.length, at + term.length + 2);
      if (digits && (/[\d.,]/.test(before) || /^(\d|[.,]\d)/.test(after))) continue;
      found.push(at);
    }
    return found;
  }

  /* Words of the other language, or others for the same thing. */
  function kin(term) {
    const found = groups.filter((group) => group.some((word) => plain(word) === term));
    return [...new Set(found.flat().map(plain))].filter((word) => word !== term);
  }

  function search(query) {
    const terms = plain(query).split(/\s+/).filter(Boolean);
    const whole = kin(plain(query).trim());
    const wanted = terms.map((term) => [[term, 1], ...kin(term).map((word) => [word, 0.4])]);
    const results = [];
    for (const [place, { page, title, words: known, place: isPlace, parts }] of pages.entries()) {
      const pageTitle = plain(title), keywords = known.map(plain);
      for (const [anchor, head, body] of parts) {
        const text = plain(body), heading = plain(head);
        let score = 0, at = -1, length = 0, all = true;
        for (const forms of wanted) {
          let best = 0;
          for (const [term, weight] of forms) {
            const inText = hits(text, term);
            let points = Math.min(inText.length, 4) + (hits(heading, term).length ? 12 : 0);
            if (!anchor && hits(pageTitle, term).length) points += isPlace ? 400 : 25;
            if (!anchor && keywords.some((word) => word === term || (word.length > 1 && term.includes(word)))) points += 40;
            if (points * weight > best) {
              best = points * weight;
              if (inText.length && at < 0) [at, length] = [inText[0], term.length];
            }
          }
          if (!best) { all = false; break; }
          score += best;
        }
        if (!all && !anchor && keywords.includes(plain(query).trim())) [all, score] = [true, 60];
        if (!all) continue;
        if (LISTS.has(page)) score /= 10;
        const opening = body || (parts.find((part) => part[2]) || ['', '', ''])[2]; // a page that begins with a heading
        results.push({ page, anchor, title, head, body: opening, at, length, score, place });
      }
    }
    results.sort((a, b) => b.score - a.score || a.place - b.place);
    return { results, whole: [...new Set([...whole, ...terms.flatMap(kin)])] };
  }

  function excerpt({ body, at, length }) {
    const shown = document.createElement("p");
    if (at < 0) { shown.append(`${body.slice(0, 2 * AROUND)}${body.length > 2 * AROUND ? "…" : ""}`); return shown; }
    const mark = document.createElement("mark");
    mark.append(body.slice(at, at + length));
    const from = Math.max(0, at - AROUND), to = at + length + AROUND;
    shown.append(from ? "…" : "", body.slice(from, at), mark, body.slice(at + length, to), to < body.length ? "…" : "");
    return shown;
  }

  function show(query) {
    const place = document.getElementById("search-results");
    const { results, whole } = search(query);
    const summary = document.createElement("p");
    summary.setAttribute("role", "status");
    summary.textContent = fill(results.length ? words.found : words.not_found, { count: results.length, query });
    const list = document.createElement("ol");
    list.className = "search";
    for (const result of results.slice(0, MOST)) {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = `${result.page}.html${result.anchor}`;
      link.textContent = result.head && result.head !== result.title ? `${result.title}: ${result.head}` : result.title;
      item.append(link, excerpt(result));
      list.append(item);
    }
    const also = document.createElement("p");
    if (whole.length) also.textContent = fill(words.also, { words: whole.join(words.separator) });
    const shown = exhibits.filter(([, title]) => plain(query).split(/\s+/).every((term) => hits(plain(title), term).length)).slice(0, 5);
    const figures = document.createElement("ul");
    for (const [address, title] of shown) {
      const item = document.createElement("li"), link = document.createElement("a");
      link.href = address;
      link.textContent = title;
      item.append(link);
      figures.append(item);
    }
    place.replaceChildren(summary, ...(whole.length ? [also] : []), list, ...(shown.length ? [words.exhibits_too, figures] : []));
  }

  const query = new URLSearchParams(location.search).get("q") ?? "";
  for (const field of document.querySelectorAll("input[name=q]")) field.value = query;
  if (query.trim()) show(query);
}
