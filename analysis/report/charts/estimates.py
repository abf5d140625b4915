"""Effects on official statistics: by year since the start, and under every specification."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from analysis import config
from analysis.report.charts.chart import Axis, Chart, Control, Mark
from analysis.report.effects import UNITS, shown
from analysis.report.figures.specifications import CHOICES, is_main
from analysis.report.tables.words import OUTCOMES, SPECIFICATIONS
from analysis.report.text import p_text, range_text, round_to, write

if TYPE_CHECKING:
    from collections.abc import Hashable

    from analysis.report.results import Results

DIGITS = 2
START = "formal_employment_rate"
MAIN = "main"
ESTIMATORS = {
    "group_time": ("group-time effects", "组群—时间效应"),
    "event_study_twfe": ("two-way fixed effects", "双向固定效应"),
}
YEARS = (("start", ("data from", "数据起始")), ("end", ("data to", "数据截止")))
LEVEL = 0.05
WORDS: dict[str, dict[str, Any]] = {
    "en": {
        "event": "Effect by year since the first year under the pilot",
        "years": "years since the first year under the pilot",
        "head": ("Outcome", "Estimator", "Sample", "Year", "Estimate", "95 % pointwise", "95 % simultaneous",
                 "p, randomisation", "Provinces"),
        "outcome": "Outcome", "estimator": "Estimator", "sample": "Sample", "band": "95 % interval",
        "bands": (("both", "both"), ("pointwise", "each year alone"), ("simultaneous", "all years at once")),
        "year": "Year {year}: {estimate} {unit}; 95 % interval for this year alone {ci}, {band}; "
                "p by randomisation {p}; {n} provinces. Official statistics.",
        "for_all": "for all years at once {band}", "no_band": "none was computed for all years at once",
        "reference": "Year {year}: the reference; 0 by construction.",
        "key": (("range", "interval for each year alone"), ("wide", "for all years at once"),
                ("ring", "reference year")),
        "start": "start",
        "curve": "Every specification, in the order of the estimates",
        "rank": "specifications in the order of their estimates",
        "all": "all", "every": "31 provinces, all years",
        "point": "{estimate} {unit}, p = {p}", "p": "p",
        "key_curve": (("dark", "p at most 0.05"), ("pale", "p above 0.05"), ("ring", "the study’s own")),
        "own": "the study’s own specification",
        "place": "place {rank} of {count}",
    },
    "zh": {
        "event": "按距试点首年的年数列出的效应",
        "years": "距试点首年的年数",
        "head": ("结果变量", "估计方法", "样本", "年份", "估计值", "95%逐点区间", "95%联合区间",
                 "随机化p值", "省份数"),
        "outcome": "结果变量", "estimator": "估计方法", "sample": "样本", "band": "95%区间",
        "bands": (("both", "两种"), ("pointwise", "逐点"), ("simultaneous", "联合")),
        "year": "第{year}年：{estimate}（{unit}）；95%逐点区间{ci}，{band}；随机化p值{p}；{n}个省份。"
                "官方统计。",
        "for_all": "联合区间{band}", "no_band": "未计算联合区间",
        "reference": "第{year}年：参照期，设定为0。",
        "key": (("range", "逐点区间"), ("wide", "联合区间"), ("ring", "参照期")),
        "start": "开始",
        "curve": "全部设定，按估计值排序",
        "rank": "各设定，按估计值排序",
        "all": "全部", "every": "31个省份，全部年份",
        "point": "{estimate}（{unit}），p = {p}", "p": "p值",
        "key_curve": (("dark", "p不大于0.05"), ("pale", "p大于0.05"), ("ring", "本研究主设定")),
        "own": "本研究主设定",
        "place": "第{rank}位，共{count}个",
    },
}  # fmt: skip


def outcome_menu(language: str) -> tuple[tuple[str, str], ...]:
    """Outcomes by name."""
    return tuple((name, words[language == "zh"]) for name, words in OUTCOMES.items())


def value_axis(language: str) -> Axis:
    """The vertical axis: its unit follows the outcome."""
    chinese = language == "zh"
    titles = {name: words[chinese] for name, words in UNITS.items()}
    return Axis(titles[START], zero=True, by="outcome", titles=titles)


def digits(value: float, language: str) -> str:
    """An estimate as printed."""
    return write(round_to(value, DIGITS), language)


def sample_menu(language: str) -> tuple[tuple[str, str], ...]:
    """Samples by what they leave out."""
    if language == "zh":
        return tuple(SPECIFICATIONS.items())
    reasons = {item.name: item.reason for item in config.SPECIFICATIONS}
    return tuple((name, reasons[name]) for name in SPECIFICATIONS)


def events(results: Results, language: str) -> Chart:
    """Effects by year: outcome, estimator, sample and kind of interval are the reader's choice."""
    words = WORDS[language]
    rows = results.estimates[results.estimates["term"] == "event"]
    rows = rows.assign(year=pd.to_numeric(rows["event_time"]).astype(int))
    rows = rows.sort_values(["outcome", "estimator", "specification", "year"])
    marks = [mark for row in rows.itertuples() for mark in event_marks(row, language)]
    years = sorted(set(rows["year"]))
    columns = [
        *("evidence", "outcome", "estimator", "specification", "event_time", "estimate", "ci_low", "ci_high"),
        *("band_low", "band_high", "p_randomization", "n_treated"),
    ]
    return Chart(
        title=words["event"],
        x=Axis(words["years"], tuple((float(year), str(year).replace("-", "−")) for year in years),
               (years[0] - 0.6, years[-1] + 0.6)),
        y=value_axis(language),
        head=words["head"],
        marks=marks,
        controls=(
            Control("outcome", words["outcome"], START, outcome_menu(language)),
            Control("estimator", words["estimator"], "group_time",
                    tuple((name, label[language == "zh"]) for name, label in ESTIMATORS.items())),
            Control("sample", words["sample"], MAIN, sample_menu(language)),
            Control("band", words["band"], "both", words["bands"]),
        ),
        table=rows[columns],
        lines=((-0.5, words["start"]),),
        key=words["key"],
    )  # fmt: skip


def event_marks(row: Any, language: str) -> list[Mark]:
    """The two intervals of a year, drawn alone, and its estimate, which says them."""
    words, chinese = WORDS[language], language == "zh"
    only = {"outcome": (row.outcome,), "estimator": (row.estimator,), "sample": (row.specification,)}
    year, value = str(row.year).replace("-", "−"), float(shown(row.estimate, row.outcome))
    unit = UNITS[row.outcome][chinese]
    sample = dict(sample_menu(language))[row.specification]
    line = (OUTCOMES[row.outcome][chinese], ESTIMATORS[row.estimator][chinese], sample, year,
            digits(value, language))  # fmt: skip
    if math.isnan(row.std_error):
        said = words["reference"].format(year=year)
        return [Mark(row.year, value, value, "ring", said, (*line, "", "", "", ""), only)]
    marks, texts = [], {}
    kinds = (("wide", "simultaneous", row.band_low, row.band_high),
             ("range", "pointwise", row.ci_low, row.ci_high))  # fmt: skip
    for look, kind, low, high in kinds:
        if math.isnan(low):
            continue
        low, high = (float(shown(end, row.outcome)) for end in (low, high))
        texts[kind] = range_text(low, high, DIGITS, language)
        marks.append(Mark(row.year, low, high, look, only={**only, "band": (kind, "both")}))
    band = texts.get("simultaneous", "")
    p = "" if math.isnan(row.p_randomization) else p_text(row.p_randomization, language)
    provinces = str(int(row.n_treated))
    said = words["year"].format(
        year=year, estimate=line[-1], unit=unit, ci=texts["pointwise"], p=p or "–", n=provinces,
        band=words["for_all"].format(band=band) if band else words["no_band"],
    )  # fmt: skip
    marks.append(
        Mark(row.year, value, value, "point", said, (*line, texts["pointwise"], band, p, provinces), only)
    )
    return marks


def curve(results: Results, language: str) -> Chart:
    """All specifications of an outcome; the reader filters them by what they choose."""
    words, chinese = WORDS[language], language == "zh"
    table = results.curve
    choices = {
        name: (title[chinese], {value: label[chinese] for value, label in options.items()})
        for name, (title, options) in CHOICES.items()
    }
    for name, title in YEARS:
        choices[name] = (title[chinese], {str(year): str(year) for year in sorted(set(table[name]))})
    menus = tuple(
        Control(
            name,
            title,
            "all",
            (("all", words["all"]), *((f"={value}", label) for value, label in options.items())),
        )
        for name, (title, options) in choices.items()
    )
    return Chart(
        title=words["curve"],
        x=Axis(words["rank"]),
        y=value_axis(language),
        head=(words["outcome"], *(title for title, _ in choices.values()), words["head"][4], words["p"]),
        marks=[],
        controls=(Control("outcome", words["outcome"], START, outcome_menu(language)), *menus),
        table=table,
        key=words["key_curve"],
        more={"kind": "curve", "rows": curve_rows(table, choices), "choices": list(choices), "digits": DIGITS,
              "level": LEVEL, "outcomes": list(OUTCOMES), "say": words["point"], "own": words["own"],
              "place": words["place"]},
    )  # fmt: skip


def shown_rows(rows: pd.DataFrame, outcome: str) -> pd.Series[float]:
    """Estimates of one outcome as drawn."""
    return pd.Series(shown(rows["estimate"], outcome), rows.index).round(6)


def curve_rows(table: pd.DataFrame, choices: dict[str, tuple[str, dict[str, str]]]) -> list[list[Hashable]]:
    """Each specification: outcome, estimate as drawn, p, the study's own or not, its options by place."""
    own = pd.concat([is_main(rows) for _, rows in table.groupby("outcome")]).reindex(table.index)
    columns = [
        table["outcome"].map({name: place for place, name in enumerate(OUTCOMES)}),
        pd.concat([shown_rows(rows, name) for name, rows in table.groupby("outcome")]).reindex(table.index),
        table["p_value"],
        own.astype(int),
    ]
    for name, (_, options) in choices.items():
        places = {value: place for place, value in enumerate(options)}
        columns.append(table[name].astype(str).map(places).astype(int))
    return [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]
