"""Results as tables: headline intervals, readings, estimates, missing figures, codebook."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from analysis import config
from analysis.report.effects import DIGITS, shown
from analysis.report.tables.inference import with_unit
from analysis.report.tables.labels import ESTIMATORS, TERMS
from analysis.report.tables.labels import READINGS as LABELS
from analysis.report.tables.markdown import Cell, Column, Table, escape, number, translated, worded
from analysis.report.tables.record import place
from analysis.report.tables.words import EVIDENCE, READINGS, SPECIFICATIONS
from analysis.report.text import (
    FORMATS,
    Format,
    interval_text,
    p_text,
    plain,
    quarter_text,
    range_text,
    value_text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from analysis.report.results import Results

SMALLEST = 0.1  # people per 1,000 residents: smaller reductions are not worth a row
UNITS = ("persons", "per_1000_residents", "per_100_urban_employees")
RATES = UNITS[1:]


def interval_cell(name: str, form: Format) -> Cell:
    """Cell that prints the interval in ``name_lower`` and ``name_upper``; empty where neither is known."""

    def cell(row: pd.Series, language: str) -> str:
        lower, upper = float(row[f"{name}_lower"]), float(row[f"{name}_upper"])
        return "" if math.isnan(lower) else interval_text(lower, upper, form, language)

    return cell


def wide(rows: pd.DataFrame, index: list[str], names: pd.Series) -> pd.DataFrame:
    """One row for each ``index``, with columns ``NAME_lower`` and ``NAME_upper``."""
    keyed = rows.assign(name=names)
    table = keyed.pivot(index=index, columns="name", values=["lower", "upper"])
    table.columns = [f"{name}_{end}" for end, name in table.columns]
    return table.sort_index(axis=1).reset_index()


QUARTER = Column("Quarter", "季度", lambda row, language: quarter_text(row["quarter"], language))


def headline(results: Results) -> Table:
    """Pooled enrolment and the average over provinces, by quarter."""
    rows = pd.concat(
        [results.headline("pooled", unit) for unit in UNITS]
        + [results.headline("province_average", unit) for unit in RATES]
    )
    strict = results.bounds[results.bounds["assumptions"] == "a_b_only"]
    strict = strict[(strict["estimand"] == "pooled") & (strict["unit"] == "persons")]
    rows = pd.concat([rows, strict.assign(estimand="a_b_only")])
    data = wide(rows, ["quarter"], rows["estimand"] + "_" + rows["unit"])
    data = data.sort_values("quarter", ascending=False, ignore_index=True)  # the newest is read first
    columns = [
        QUARTER,
        Column("People ever enrolled", "累计参保人数",
               interval_cell("pooled_persons", FORMATS["persons"]), True),
        Column("The same, grades A and B only", "同上，仅用A级和B级数字",
               interval_cell("a_b_only_persons", FORMATS["persons"]), True),
        Column("Per 1,000 residents, all provinces together", "每千常住人口，各省合计",
               interval_cell("pooled_per_1000_residents", plain(1)), True),
        Column("Per 1,000 residents, average of provinces", "每千常住人口，各省平均",
               interval_cell("province_average_per_1000_residents", plain(1)), True),
        Column("Per 100 employees of urban non-private units, all provinces together",
               "每百名城镇非私营单位就业人员，各省合计",
               interval_cell("pooled_per_100_urban_employees", plain(1)), True),
        Column("Per 100 employees of urban non-private units, average of provinces",
               "每百名城镇非私营单位就业人员，各省平均",
               interval_cell("province_average_per_100_urban_employees", plain(1)), True),
    ]  # fmt: skip
    return Table(data.assign(evidence="bounds"), columns)


def readings(results: Results) -> Table:
    """The two main rates under each reading of the printed figures, at the newest bounded quarter."""
    quarter = results.newest_bounded()
    rows = results.bounds
    rows = rows[
        (rows["quarter"] == quarter) & (rows["unit"] == "per_1000_residents") & (rows["scope"] == "in_force")
    ]
    rows = rows[rows["estimand"].isin(["pooled", "province_average"])]
    data = wide(rows, ["assumptions"], rows["estimand"])
    order = {reading.name: place for place, reading in enumerate(config.READINGS)}
    reasons = {reading.name: (reading.reason, READINGS[reading.name]) for reading in config.READINGS}
    data = data.sort_values("assumptions", key=lambda names: names.map(order)).assign(quarter=quarter)
    columns = [
        Column("Reading", "读法", translated("assumptions", LABELS)),
        Column("What it assumes", "假定", translated("assumptions", reasons)),
        Column(
            "Per 1,000 residents, all provinces together",
            "每千常住人口，各省合计",
            interval_cell("pooled", plain(1)),
            True,
        ),
        Column("Average of provinces", "各省平均", interval_cell("province_average", plain(1)), True),
    ]
    return Table(data.assign(evidence="bounds"), columns)


def estimates(results: Results) -> Table:
    """Overall effects on official statistics, by outcome and estimator."""
    rows = results.estimates
    data = rows[rows["term"].isin(["att", "att_simple"])].reset_index(drop=True)

    def effect(row: pd.Series, language: str) -> str:
        outcome = str(row["outcome"])
        return value_text(float(shown(row["estimate"], outcome)), plain(DIGITS[outcome]), language)

    def interval(row: pd.Series, language: str) -> str:
        if pd.isna(row["ci_low"]) or pd.isna(row["ci_high"]):
            return ""
        low, high = (float(shown(row[name], row["outcome"])) for name in ("ci_low", "ci_high"))
        return range_text(low, high, DIGITS[row["outcome"]], language)

    def sizes(row: pd.Series, language: str) -> str:
        return f"{int(row['n_units'])} ({int(row['n_treated'])})"

    samples = {item.name: (item.reason, SPECIFICATIONS[item.name]) for item in config.SPECIFICATIONS}
    columns = [
        Column("Outcome", "结果变量", lambda row, lang: with_unit(row["outcome"])[lang == "zh"]),
        Column("Estimator", "估计方法", translated("estimator", ESTIMATORS)),
        Column("Sample", "样本", translated("specification", samples)),
        Column("Term", "项", translated("term", TERMS)),
        Column("Estimate", "估计值", effect, True),
        Column("95 % conventional interval", "95%常规区间", interval, True),
        Column("p, clustered", "p值（聚类）", number("p_value", p_text), True),
        Column("p, randomisation", "p值（随机化）", number("p_randomization", p_text), True),
        Column("Provinces (treated)", "省份（处理）", sizes, True),
    ]
    return Table(data, columns)


def digits(direction: str) -> Callable[[float, str], str]:
    """Words of a number with one digit, rounded in a direction."""
    return lambda value, language: value_text(value, plain(1), language, direction)


def missing(results: Results) -> Table:
    """The unpublished counts whose release is sure to narrow the province average, by quarter."""
    rows = results.missing[results.missing["reduction"] > SMALLEST]
    data = rows.sort_values(["quarter", "reduction", "province_code"], ascending=[False, False, True])
    columns = [
        QUARTER,
        Column("Province", "省份", place(results)),
        Column("Width now", "现区间宽度", number("width_before", digits("nearest")), True),
        Column("Width at most after release", "公布后至多", number("width_after", digits("up")), True),
        Column("Sure to go", "必然缩减", number("reduction", digits("down")), True),
    ]
    return Table(data.assign(evidence="bounds").reset_index(drop=True), columns)


def codebook(results: Results) -> Table:
    """Every column of the panel."""
    columns = [
        Column("Column", "列", lambda row, _: f"`{row['column']}`"),
        Column(
            "Meaning", "含义", lambda row, lang: escape(row["label_en"] if lang == "en" else row["label_zh"])
        ),
        Column("Unit", "单位", worded(results, "unit")),
        Column("Evidence", "证据类别", translated("column_evidence", EVIDENCE)),
        Column("Source", "来源", worded(results, "source")),
        Column("Rule", "规则", worded(results, "rule")),
        Column("Missing means", "缺失含义", worded(results, "missing_means")),
    ]
    data = results.codebook.rename(columns={"evidence": "column_evidence"})
    return Table(data.assign(evidence="published"), columns)
