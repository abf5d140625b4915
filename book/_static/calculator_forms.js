/* The three calculators: their fields, and how values become rows, a picture and a sentence. */
"use strict";
{
  const rules = window.POLICY_RULES, math = window.PolicyMath;
  const { build, fill, show, words, language } = window.PolicyFrame;
  const { LI, FEN, FieldError, whole } = math;
  const COUNT = 1e9; // orders or people; above it sums could leave the exact numbers
  const local = (entry) => entry[language];
  const yuan = (fen) => show(fen / FEN, 2);
  const money = (fen) => ({ text: yuan(fen), value: fen / FEN });
  const percent = (share, digits = 1) => ({ text: `${show(share * 100, digits)} %`, value: share });
  const points = (text, field) => whole(text, 2, field, { most: 10000 }); // percent with two digits
  const optional = (text) => String(text).trim() !== "";
  const row = (name, label, ...cells) => ({ name, label, cells });

  /* ---- contributions ---- */

  const contribution = {
    groups: (mine) => {
      const at = rules.example;
      const delivery = (v) => v.industry === "instant_delivery";
      const names = rules.provinces.map(([code, en, zh]) => [code, language === "en" ? en : zh]);
      const drafts = rules.drafts.map((code) => {
        const name = names.find(([one]) => one === code)[1];
        return [`${code}-draft`, fill(mine.draft, { name })];
      });
      const count = (name, value, more = {}) => ({ name, label: mine[name], value, ...more });
      return [{ legend: mine.legend, fields: [
        { name: "province", label: mine.province, options: [...names, ...drafts], value: "00" },
        { name: "industry", label: mine.industry, value: "instant_delivery",
          options: Object.entries(rules.industries).map(([code, name]) => [code, local(name)]) },
        { name: "date", label: mine.date, kind: "date", value: rules.read_until },
        { name: "kase", label: mine.kase, value: "lower", when: delivery,
          options: [["lower", mine.lower], ["higher", mine.higher], ["ratio", mine.ratio_case], ["new", mine.new]] },
        count("ratio", "200", { hint: mine.ratio_hint, slider: [0, 400, 5], when: (v) => delivery(v) && v.kase === "ratio" }),
        count("steps", "0", { hint: mine.steps_hint, when: (v) => v.province.endsWith("-draft") }),
        count("orders", String(at.orders), { slider: [0, 100, 1] }),
        count("days", String(at.days), { slider: [0, 31, 1] }),
        count("months", "12"), count("workers", "1"),
        count("pay", "", { optional: true }), count("fund", "", { optional: true, slider: [0, 400, 5] }),
      ] }];
    },
    answer: (v, mine) => {
      if (!/^\d{4}-\d{2}-\d{2}$/.test(v.date)) throw new FieldError("date", "no_date");
      const delivery = v.industry === "instant_delivery";
      const byRatio = delivery && v.kase === "ratio";
      const kase = !delivery ? "base" : byRatio ? math.tierOf(rules, points100(v.ratio, "ratio")) : v.kase;
      const counts = {
        orders: whole(v.orders, 0, "orders", { most: COUNT }), days: whole(v.days, 0, "days", { most: 31 }),
        months: whole(v.months, 0, "months", { most: 12 }), workers: whole(v.workers, 0, "workers", { least: 1, most: COUNT }),
      };
      const steps = v.province.endsWith("-draft") ? signed(v.steps) : 0;
      const pay = optional(v.pay) ? whole(v.pay, 3, "pay", { least: 1 }) : null;
      const ratio = optional(v.fund) ? points100(v.fund, "fund") / math.BASIS : null;
      const cases = delivery && kase !== "new" ? [kase, kase === "lower" ? "higher" : "lower"] : [kase];
      const rates = cases.map((one) => lookUp({ ...v, kase: one }, steps));
      const sums = rates.map(({ li }) => math.contribution(li, counts));
      const cells = (values, digits, difference = true) => {
        const list = values.length > 1 && difference ? [...values, values[1] - values[0]] : values;
        return list.map((value) => ({ text: show(value, digits), value: exactText(value) }));
      };
      const rows = [
        row("rate", mine.rate, ...cells(rates.map(({ li }) => li / LI), 3)),
        ...["day", "month", "year", "per"].map((name) => row(name, mine[name], ...cells(sums.map((s) => s[name] / LI), 2))),
      ];
      const blank = (list) => (list.length > 1 ? [...list, { text: "", value: "" }] : list);
      if (pay) rows.push(row("share", mine.share, ...blank(rates.map(({ li }) => percent(li / pay, 2)))));
      if (ratio !== null) {
        const ratios = rates.map(({ li }) => math.ratioAt(ratio, rates[0].li, li));
        rows.push(row("support", mine.support, ...blank(ratios.map((one) => percent(one)))));
        rows.push(row("balance", mine.balance, ...cells(sums.map((s, place) => (s.month * (1 - ratios[place])) / LI), 2)));
      }
      const weak = [...new Set(rates.flatMap(({ answer }) => answer.marks))];
      const grades = rates.map(({ answer }) => answer.grade), sources = rates.flatMap(({ answer }) => answer.sources);
      if (byRatio) { weak.push("cut_off"); grades.push(rules.cut_off.grade); sources.push(rules.cut_off.source); }
      const bars = rates.map(({ li }, place) => ({
        label: `${fill(mine.bar, { name: show(li / LI, 3) })}: ${show(sums[place].month / LI, 2)}`,
        parts: [sums[place].month], hollow: place > 0,
      }));
      const said = { rate: show(rates[0].li / LI, 3), month: show(sums[0].month / LI, 2), year: show(sums[0].year / LI, 2) };
      return {
        rows, columns: rates.length > 1 ? [words.chosen, words.other, words.difference] : [words.yuan],
        words: mine.words, sources: [...new Set(sources)], picture: { bars }, said: fill(mine.said, said),
        weak: [fill(words.grade, { grade: grades.sort().at(-1) }), ...weak.map((mark) => local(rules.marks[mark]))],
      };
    },
  };

  /* Per cent that may exceed 100, as whole basis points. */
  const points100 = (text, field) => whole(text, 2, field);

  function signed(text) {
    const negative = /^\s*[-−]/.test(text);
    const size = whole(negative ? text.replace(/[-−]/, "") : text, 0, "steps");
    return negative ? -size : size;
  }

  function lookUp(v, steps) {
    const draft = v.province.endsWith("-draft");
    try {
      const answer = math.findRate(rules, { province: v.province, industry: v.industry, kase: v.kase, day: v.date });
      return { answer, li: math.floated(answer, draft ? steps : 0) };
    } catch (error) {
      if (error.code === "no_first_pilot") error.field = "kase";
      throw error;
    }
  }

  /* Yuan as the shortest decimal text: division by 1000 leaves at most a rounding in the 16th digit. */
  const exactText = (value) => String(Number(value.toFixed(6)));

  /* ---- the pension subsidy ---- */

  const MONTHS = 12;
  const START = ["5200", "4100", "4600", "3900", "4500", "5000", "4700", "2800", "4600", "4450", "3000", "5100"];
  const subsidy = {
    groups: (mine) => [
      { legend: mine.legend, fields: [
        { name: "city", label: mine.city, value: "0", options: [
          ...rules.floors.map((one, place) =>
            [String(place), `${one[language]}: ${yuan(one.fen)} (${one.date}${one.printed ? "" : `; ${mine.implied}`})`]),
          ["own", mine.own]] },
        { name: "floor", label: mine.floor, when: (v) => v.city === "own" },
        { name: "insured", label: mine.insured, optional: true },
        { name: "window", label: mine.window, value: "including", options: [["including", mine.including], ["preceding", mine.preceding]] },
        { name: "before", label: mine.before, value: "unknown", options: [["unknown", mine.unknown], ["none", mine.no_income]] },
      ] },
      { legend: mine.group, fields: START.map((value, place) =>
        ({ name: `income${place + 1}`, label: fill(mine.incomes, { n: place + 1 }), value, optional: place > 0 })) },
    ],
    answer: (v, mine) => {
      const own = v.city === "own", city = own ? null : rules.floors[Number(v.city)];
      const floor = own ? whole(v.floor, 2, "floor", { least: 1, most: 1e9 }) : city.fen;
      const insured = optional(v.insured) ? whole(v.insured, 2, "insured", { least: 1, most: 1e9 }) : floor;
      const given = Array.from({ length: MONTHS }, (_, place) => v[`income${place + 1}`].trim());
      const last = given.findLastIndex((text) => text !== "");
      if (last < 0) throw new FieldError("income1", "empty");
      const incomes = given.slice(0, last + 1).map((text, place) => {
        const field = `income${place + 1}`;
        if (text === "") throw new FieldError(field, "gap", { n: place + 1 });
        return whole(text, 2, field, { most: 1e12 });
      });
      const amounts = math.subsidyAmounts(rules.subsidy, insured);
      const status = math.entitlement(rules.subsidy, incomes, floor, v);
      const tally = (name) => status.filter((one) => one === name).length;
      const [entitled, refused, open] = ["entitled", "not_entitled", "not_known"].map(tally);
      const vain = incomes.filter((one) => one >= floor).length - entitled - open;
      const count = (value) => ({ text: show(value, 0), value });
      const rows = [
        row("contribution", mine.contribution, money(amounts.contribution)), row("subsidy", mine.subsidy, money(amounts.subsidy)),
        row("own_part", mine.own_part, money(amounts.own)), row("entitled", mine.entitled, count(entitled)),
        row("not_entitled", mine.not_entitled, count(refused)), row("not_known", mine.not_known, count(open)),
        row("vain", mine.vain, count(vain)), row("paid", mine.paid, money(entitled * amounts.subsidy)),
      ];
      const bars = incomes.map((income, place) => ({
        label: fill(mine.bar, { n: place + 1, income: yuan(income), state: mine.month_states[status[place]] }),
        parts: [income], hollow: status[place] !== "entitled",
      }));
      const said = fill(mine.said, { entitled, not_known: open, paid: yuan(entitled * amounts.subsidy) });
      const { months_needed: needed, months_window: of } = rules.subsidy;
      return {
        rows, columns: [words.result], words: fill(mine.words, { needed, of }), said, weak: city && !city.printed ? [mine.implied] : [],
        sources: [...new Set([rules.subsidy.source, ...(city ? [city.source] : [])])],
        picture: { bars, line: { value: floor, label: fill(mine.floor_line, { floor: yuan(floor) }) } },
      };
    },
  };

  /* ---- shared cost ---- */

  const sharing = {
    groups: (mine) => {
      const at = rules.example, share = (value) => String(value / 100);
      const tier = (place) => [
        { name: `from${place}`, label: fill(mine.from, { n: place + 1 }), value: String(at.tiers[place][0] / FEN), optional: place > 0 },
        { name: `individual${place}`, label: fill(mine.individual, { n: place + 1 }), value: share(at.tiers[place][1]) },
        { name: `government${place}`, label: fill(mine.government, { n: place + 1 }), value: share(at.tiers[place][2]) },
      ];
      return [
        { legend: mine.legend, fields: [
          { name: "total", label: mine.total, value: share(at.total), slider: [0, 40, 0.5] },
          { name: "platform", label: mine.platform, value: share(at.platform), slider: [0, 40, 0.5] },
          { name: "wage", label: mine.wage, value: String(at.minimum_wage_fen / FEN) },
          { name: "subsidy", label: mine.subsidy, value: share(at.subsidy), slider: [0, 100, 5] },
        ] },
        { legend: mine.tiers, fields: at.tiers.flatMap((_, place) => tier(place)) },
        { legend: mine.incomes, fields: [
          { name: "incomes", label: mine.incomes, kind: "list", value: "1500, 2500, 4500, 9000" },
          { name: "benefits", label: mine.benefits, optional: true }, { name: "administration", label: mine.administration, value: "0" },
          { name: "opening", label: mine.opening, value: "0" },
        ] },
      ];
    },
    answer: (v, mine) => {
      const used = [0, 1, 2].filter((place) => place === 0 || optional(v[`from${place}`]));
      const scheme = {
        total: points(v.total, "total"), platform: points(v.platform, "platform"), subsidy: points(v.subsidy, "subsidy"),
        minimumWage: whole(v.wage, 2, "wage", { most: 1e12 }),
        tiers: used.map((place) => ({
          from: whole(v[`from${place}`], 2, `from${place}`, { most: 1e12 }),
          individual: points(v[`individual${place}`], `individual${place}`),
          government: points(v[`government${place}`], `government${place}`),
        })),
      };
      math.checkScheme(scheme);
      const incomes = v.incomes.split(/[,，、\s]+/).filter(Boolean).map((text) => whole(text, 2, "incomes", { most: 1e11 }));
      if (!incomes.length) throw new FieldError("incomes", "empty");
      const parts = incomes.map((income) => math.shareCost(scheme, income));
      const sum = (name) => parts.reduce((total, part) => total + part[name], 0);
      const earned = incomes.reduce((a, b) => a + b, 0);
      const names = ["contribution", "platform", "government", "individual", "subsidised"];
      const labels = [mine.contribution, mine.platform_paid, mine.government_paid, mine.individual_paid, mine.subsidised];
      const blank = { text: "", value: "" };
      const rows = names.map((name, place) =>
        row(name, labels[place], money(sum(name)), earned ? percent(sum(name) / earned, 2) : blank));
      const benefits = optional(v.benefits) ? whole(v.benefits, 2, "benefits", { most: 1e15 }) : null;
      const costs = { administration: points(v.administration, "administration"), opening: whole(v.opening, 2, "opening", { most: 1e15 }) };
      const fund = benefits === null ? null : math.fund({ contribution: sum("contribution"), benefits, ...costs });
      if (fund) {
        rows.push(row("closing", mine.closing, money(fund.closing), blank));
        rows.push(row("support", mine.support, percent(fund.support), blank));
        rows.push(row("break_even", mine.break_even, percent(fund.breakEven), blank));
      }
      const paid = ({ platform, government, individual }) =>
        ({ platform: yuan(platform), government: yuan(government), individual: yuan(individual) });
      const bars = incomes.slice(0, MONTHS).map((income, place) => ({
        label: fill(mine.bar, { income: yuan(income), ...paid(parts[place]) }),
        parts: [parts[place].platform, parts[place].government, parts[place].individual],
      }));
      const all = { platform: sum("platform"), government: sum("government"), individual: sum("individual") };
      return {
        rows, columns: [mine.all, mine.of_income], words: mine.words, weak: [mine.example], sources: [],
        picture: { bars, key: labels.slice(1, 4) }, said: fill(mine.said, paid(all)),
      };
    },
  };

  const calculators = { contribution, subsidy, sharing };
  for (const place of document.querySelectorAll("[data-calculator]")) build(place, calculators[place.dataset.calculator]);
}
