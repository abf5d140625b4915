"""Enrolment through time: the nation, and any two provinces beside each other."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis.base.constants import NATION
from analysis.report.charts.chart import Axis, Chart, Control, Mark, deciding
from analysis.report.figures.national import BREAK, COVERAGE, day_position, path
from analysis.report.figures.plot import quarter_position
from analysis.report.text import (
    FORMATS,
    PERSONS,
    date_text,
    end_text,
    interval_text,
    printed_text,
    quarter_text,
)

if TYPE_CHECKING:
    from analysis.report.results import Results

LOOK = {"exact": "point", "about": "about", "more_than": "floor"}
SIZE = {"en": 1e6, "zh": 1e4}  # what the axis counts in
RATE, PERSONS_UNIT = "per_1000_residents", "persons"
WEAK = "D"
WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "national": "People ever enrolled in the nation",
        "province": "People ever enrolled in a province",
        "people": "million people",
        "rate": "per 1,000 residents",
        "when": "End of quarter",
        "head": ("When", "What", "From", "To", "Grade"),
        "head_place": ("Province", "When", "What", "From", "To", "Grade"),
        "interval": "interval",
        "printed": "published count",
        "said": "End of {when}: {what} people ever enrolled. Interval; "
                "weakest deciding source of grade {grade}.",
        "free": "End of {when}: {what} people ever enrolled. Interval; no published figure decides it.",
        "count": "{when}: {what} people ever enrolled, as published; grade {grade}.",
        "unused": "{when}: {what}, as published; grade D: used in no main result.",
        "place": "{name}, end of {when}: {what}. Interval; weakest deciding source of grade {grade}.",
        "place_free": "{name}, end of {when}: {what}. Interval; no published figure decides it.",
        "place_count": "{name}, {when}: {what}, as published; grade {grade}.",
        "weak": "Show counts of grade D (not used)",
        "more": "more provinces and platforms",
        "chosen": "Province",
        "beside": "Beside it",
        "unit": "Counted in",
        "none": "none",
        "key": (("range", "interval (fading: no upper limit)"), ("point", "published: exact"),
                ("about", "published: rounded"), ("floor", "“more than”")),
        "people_unit": "people",
        "rate_unit": "people per 1,000 residents",
    },
    "zh": {
        "national": "全国累计参保人数",
        "province": "各省份累计参保人数",
        "people": "万人",
        "rate": "每千常住人口",
        "when": "季度末",
        "head": ("时间", "类别", "下限", "上限", "等级"),
        "head_place": ("省份", "时间", "类别", "下限", "上限", "等级"),
        "interval": "区间",
        "printed": "公布数",
        "said": "{when}末：累计参保{what}人。区间；起决定作用的来源最低等级为{grade}。",
        "free": "{when}末：累计参保{what}人。区间；没有公布数字起决定作用。",
        "count": "{when}：公布累计参保{what}人；等级{grade}。",
        "unused": "{when}：公布{what}人；D级，不用于主要结果。",
        "place": "{name}，{when}末：{what}。区间；起决定作用的来源最低等级为{grade}。",
        "place_free": "{name}，{when}末：{what}。区间；没有公布数字起决定作用。",
        "place_count": "{name}，{when}：公布{what}人；等级{grade}。",
        "weak": "显示D级数字（未采用）",
        "more": "省份与平台增加",
        "chosen": "省份",
        "beside": "对照省份",
        "unit": "单位",
        "none": "无",
        "key": (("range", "区间（渐淡：无上限）"), ("point", "公布：确数"),
                ("about", "公布：取整"), ("floor", "“超过”")),
        "people_unit": "人数",
        "rate_unit": "每千常住人口的人数",
    },
}  # fmt: skip


def national(results: Results, language: str) -> Chart:
    """The nation: intervals at quarter-ends and every published count; grade D counts on demand."""
    words = WORDS[language]
    data = path(results).data
    intervals = data[data["kind"] == "interval"]
    first = str(intervals["quarter"].min())
    marks = [interval_mark(results, row, first, language) for row in intervals.itertuples()]
    for row in data[data["kind"] == "published"].itertuples():
        weak = row.grade == WEAK
        marks.append(count_mark(row, first, words["unused" if weak else "count"], language))
    table = data.drop(columns="printed_unit")
    return Chart(
        title=words["national"],
        x=quarters(first, str(intervals["quarter"].max()), words["when"]),
        y=Axis(words["people"], zero=True),
        head=words["head"],
        marks=sorted(marks, key=lambda mark: (mark.x, mark.look != "range", mark.low)),
        controls=(Control("weak", words["weak"], ""),),
        table=table,
        lines=((float(quarter_position(BREAK, first)), words["more"]),),
        key=words["key"],
    )


def quarters(first: str, last: str, title: str) -> Axis:
    """Time from the start of ``first`` to the end of ``last``, marked at each new year."""
    years = range(int(first[:4]) + 1, int(last[:4]) + 1)
    ticks = tuple((float(quarter_position(f"{year}Q1", first)), str(year)) for year in years)
    return Axis(title, ticks, (0.0, quarter_position(last, first) + 1.5))


def interval_mark(results: Results, row: Any, first: str, language: str) -> Mark:
    """The nation's interval at one quarter-end."""
    words, size = WORDS[language], SIZE[language]
    support = results.support
    rows = support[(support["estimand"] == "pooled") & (support["unit"] == PERSONS_UNIT)]
    sources, grade = deciding(results, rows[rows["quarter"] == row.quarter])
    when, what = quarter_text(row.quarter, language), interval_text(row.lower, row.upper, PERSONS, language)
    ends = [end_text(row.lower, row.upper, side, PERSONS, language) for side in ("lower", "upper")]
    return Mark(
        x=quarter_position(row.quarter, first) + 1.0,
        low=row.lower / size,
        high=None if math.isnan(row.upper) else row.upper / size,
        look="range",
        say=words["said" if grade else "free"].format(when=when, what=what, grade=grade),
        row=(when, words["interval"], *ends, grade),
        sources=sources,
    )


def count_mark(row: Any, first: str, sentence: str, language: str, name: str = "") -> Mark:
    """One printed count."""
    when = date_text(row.date, language)
    what = printed_text(row.value, row.printed_unit, row.qualifier, language)
    value = row.value / SIZE[language]
    weak = row.grade == WEAK
    line = (when, WORDS[language]["printed"], what, what, row.grade)
    return Mark(
        x=day_position(row.date, first),
        low=value,
        high=value,
        look="ring" if weak else LOOK[row.qualifier],
        say=sentence.format(when=when, what=what, grade=row.grade, name=name),
        row=(name, *line) if name else line,
        only={"weak": ("yes",)} if weak else {},
        sources=(row.source_id,),
        label="" if weak else f"{value:.4g}" if language == "en" else f"{value:.0f}",
    )


def provinces(results: Results, language: str) -> Chart:
    """One province's intervals, another's beside them, in people or per 1,000 residents."""
    words = WORDS[language]
    rows = pd.concat([results.headline("province", unit) for unit in (RATE, PERSONS_UNIT)])
    rows = rows[["scope", "quarter", "unit", "lower", "upper"]].rename(columns={"scope": "province_code"})
    first, last = str(rows["quarter"].min()), str(rows["quarter"].max())
    support = results.support[results.support["estimand"] == "province"]
    deciders = dict(list(support.groupby(["scope", "quarter", "unit"])))
    marks = []
    for row in rows.itertuples():
        sources, grade = deciding(
            results, deciders.get((row.province_code, row.quarter, row.unit), support[:0])
        )
        marks.append(province_mark(results, row, first, sources, grade, language))
    counts = results.ledger[results.ledger["measure"] == COVERAGE].rename(columns={"as_of_last": "date"})
    counts = counts[(counts["province_code"] != NATION) & (counts["grade"] != WEAK)]
    for row in counts.itertuples():
        name = results.name(row.province_code, language)
        only = {"place": (row.province_code,), "unit": (PERSONS_UNIT,)}
        marks.append(replace(count_mark(row, first, words["place_count"], language, name), only=only))
    codes = list(dict.fromkeys(rows["province_code"].sort_values()))
    names = tuple((code, results.name(code, language)) for code in codes)
    units = ((RATE, words["rate_unit"]), (PERSONS_UNIT, words["people_unit"]))
    return Chart(
        title=words["province"],
        x=quarters(first, last, words["when"]),
        y=Axis(words["rate"], zero=True, by="unit", titles={PERSONS_UNIT: words["people"]}),
        head=words["head_place"],
        marks=sorted(marks, key=lambda mark: (mark.only["place"], mark.x, mark.look != "range")),
        controls=(
            Control("place", words["chosen"], "44", names),
            Control("beside", words["beside"], "", (("", words["none"]), *names), chooses="place"),
            Control("unit", words["unit"], RATE, units),
        ),
        table=rows.assign(evidence="bounds"),
        key=words["key"],
    )


def province_mark(
    results: Results, row: Any, first: str, sources: tuple[str, ...], grade: str, language: str
) -> Mark:
    """A province's interval at one quarter-end."""
    words, form = WORDS[language], FORMATS[row.unit]
    name, when = results.name(row.province_code, language), quarter_text(row.quarter, language)
    size = SIZE[language] if row.unit == PERSONS_UNIT else 1.0
    ends = [end_text(row.lower, row.upper, side, form, language) for side in ("lower", "upper")]
    unit = words["people_unit" if row.unit == PERSONS_UNIT else "rate_unit"]
    number = interval_text(row.lower, row.upper, form, language)
    what = f"{number} {unit}" if language == "en" else f"{unit}{number}"
    return Mark(
        x=quarter_position(row.quarter, first) + 1.0,
        low=row.lower / size,
        high=None if math.isnan(row.upper) else row.upper / size,
        look="range",
        say=words["place" if grade else "place_free"].format(name=name, when=when, what=what, grade=grade),
        row=(name, when, words["interval"], *ends, grade),
        only={"place": (row.province_code,), "unit": (row.unit,)},
        sources=sources,
    )
