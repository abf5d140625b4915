/* The arithmetic of the calculators, the same as the Python package's, in whole numbers.
   One li is 0.001 yuan, one fen 0.01 yuan, one basis point 0.01 %. Every number here stays below 2^53,
   where JavaScript's numbers are exact; larger ones are refused. No words, no page: those are elsewhere. */
"use strict";
window.PolicyMath = (() => {
  const BASIS = 10000, LI = 1000, FEN = 100;

  /* An error that a field can show: `code` names the sentence, `values` fill it. */
  class FieldError extends Error {
    constructor(field, code, values = {}) { super(code); Object.assign(this, { field, code, values }); }
  }

  /* Decimal text as a whole number of units of 10^-digits. */
  function whole(text, digits, field, { least = 0, most = Number.MAX_SAFE_INTEGER } = {}) {
    const match = /^([-−]?)(\d+)(?:\.(\d*))?$/.exec(String(text).trim());
    if (!match) throw new FieldError(field, String(text).trim() === "" ? "empty" : "no_number");
    const [, sign, before, after = ""] = match;
    if (sign) throw new FieldError(field, "negative");
    if (/[1-9]/.test(after.slice(digits))) throw new FieldError(field, "too_fine", { digits });
    const units = Number(before + after.slice(0, digits).padEnd(digits, "0"));
    if (units < least || units > most) {
      const scale = 10 ** digits;
      throw new FieldError(field, "out_of_range", { least: least / scale, most: most / scale });
    }
    return units;
  }

  function exact(number, field) {
    if (!Number.isSafeInteger(number)) throw new FieldError(field, "too_large");
    return number;
  }

  const halfUp = (numerator, denominator) =>
    Math.floor(numerator / denominator) + (2 * (numerator % denominator) >= denominator ? 1 : 0);

  /* The rate in force: the last interval that begins on or before the day. */
  function findRate(rules, { province, industry, kase, day }) {
    const intervals = rules.rates[`${province}|${industry}|${kase}`];
    let answer = null;
    for (const [since, place] of intervals) if (since <= day) answer = rules.answers[place];
    if (!answer || answer.code) throw new FieldError("date", answer ? answer.code : "no_rate", answer || {});
    return answer;
  }

  /* The base that a support ratio picks (percent as whole basis points), by the one cut-off on record. */
  const tierOf = (rules, ratioPoints) =>
    ratioPoints >= Math.round(Number(rules.cut_off.ratio) * BASIS) ? "higher" : "lower";

  function floated(answer, steps) {
    if (!steps) return answer.li;
    if (!answer.step) throw new FieldError("steps", "no_steps");
    if (Math.abs(steps) > answer.steps) throw new FieldError("steps", "beyond_limit", { most: answer.steps });
    const tenths = Math.round(Number(answer.step) * BASIS);
    return exact((answer.li * (BASIS + tenths * steps)) / BASIS, "steps");
  }

  function contribution(li, { orders, days, months, workers }) {
    const day = exact(li * orders, "orders"), month = exact(day * days, "orders");
    return { day, month, year: exact(month * months, "orders"), per: month / workers };
  }

  /* Support ratio when only the rate per order changes; benefits per order stay. */
  const ratioAt = (ratio, measuredLi, newLi) => (ratio * measuredLi) / newLi;

  function subsidyAmounts(rule, floorFen) {
    const contributed = halfUp(exact(floorFen * rule.contribution_rate, "floor"), BASIS);
    const subsidy = halfUp(contributed * rule.subsidy_share, BASIS);
    return { contribution: contributed, subsidy, own: contributed - subsidy };
  }

  /* Which months earn the subsidy: "entitled", "not_entitled" or "not_known". */
  function entitlement(rule, incomes, floorFen, { window: kind, before }) {
    const shift = kind === "including" ? 0 : 1;
    return incomes.map((income, place) => {
      if (income < floorFen) return "not_entitled";
      const last = place + 1 - shift, first = Math.max(last - rule.months_window, 0);
      const seen = incomes.slice(first, Math.max(last, 0));
      const count = seen.filter((one) => one >= floorFen).length;
      if (count >= rule.months_needed) return "entitled";
      const unseen = rule.months_window - seen.length;
      return before === "unknown" && count + unseen >= rule.months_needed ? "not_known" : "not_entitled";
    });
  }

  /* Rates outside 0 to 1, tiers out of order and rates that do not sum are refused. */
  function checkScheme({ total, platform, tiers, subsidy }) {
    if (platform > total) throw new FieldError("platform", "above_total");
    if (subsidy > BASIS) throw new FieldError("subsidy", "above_one");
    tiers.forEach((tier, place) => {
      const before = place ? tiers[place - 1].from : -1;
      if (place === 0 ? tier.from !== 0 : tier.from <= before) throw new FieldError(`from${place}`, "tier_order");
      const sum = platform + tier.individual + tier.government;
      if (sum !== total) {
        const values = { sum: sum / 100, total: total / 100 };
        throw new FieldError(`government${place}`, "no_sum", values);
      }
    });
  }

  /* One month's contribution split between the parties; see share_cost in the package for the formula. */
  function shareCost(scheme, income) {
    const { total, platform: rate, tiers, minimumWage, subsidy } = scheme;
    const contributed = halfUp(exact(total * income, "incomes"), BASIS);
    const platform = halfUp(rate * income, BASIS);
    let points = tiers[0].individual * income;
    tiers.slice(1).forEach((tier, place) => {
      points += (tier.individual - tiers[place].individual) * Math.max(income - tier.from, 0);
    });
    const due = halfUp(exact(rate * income + points, "incomes"), BASIS) - platform;
    const subsidised = income < minimumWage ? halfUp(subsidy * due, BASIS) : 0;
    const individual = due - subsidised;
    return {
      contribution: contributed, platform, individual, subsidised,
      government: contributed - platform - individual,
    };
  }

  function fund({ contribution: paid, benefits, administration, opening }) {
    if (paid === 0) return null;
    const costs = halfUp(exact(paid * administration, "incomes"), BASIS);
    return {
      administration: costs, closing: opening + paid - costs - benefits,
      support: benefits / paid, breakEven: (opening + paid - costs) / paid,
    };
  }

  return {
    BASIS, LI, FEN, FieldError, whole, findRate, tierOf, floated, contribution, ratioAt, subsidyAmounts,
    entitlement, checkScheme, shareCost, fund,
  };
})();
