"""What a referee asks of the regression behind the mean effect: spread, memory, influence, outliers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis import config
from analysis.report.tables.markdown import Cell, Column, Table, number, translated
from analysis.report.tables.words import OUTCOMES
from analysis.report.text import p_text, plain, value_text

if TYPE_CHECKING:
    from analysis.report.results import Results

NAMES = [outcome.name for outcome in config.OUTCOMES]


def diagnostics(results: Results) -> Table:
    """One row for each outcome: unequal spread, serial correlation, the provinces that stand out."""
    rows = results.sensitivity
    data = pd.DataFrame([summarise(rows[rows["outcome"] == name]) for name in NAMES]).assign(outcome=NAMES)

    def value(name: str) -> Cell:
        return lambda row, language: value_text(float(row[name]), plain(2), language)

    def province(name: str, measured: Cell) -> Cell:
        return lambda row, lang: f"{results.name(row[name], lang)} ({measured(row, lang)})"

    least = number("outlier_p_value", lambda p, lang: f"p {p_text(p, lang)}")
    columns = [
        Column("Outcome", "结果变量", translated("outcome", OUTCOMES)),
        Column("Spread, first wave less others", "离散程度：首批减其余", value("treated"), True),
        Column("p", "p值", number("treated_p_value", p_text), True),
        Column("Spread by log residents", "离散程度：随常住人口对数", value("residents"), True),
        Column("p", "p值", number("residents_p_value", p_text), True),
        Column("Change on the change before", "变动对上年变动的斜率", value("changes"), True),
        Column("p", "p值", number("changes_p_value", p_text), True),
        Column("Weighs most", "影响最大", province("weightiest", value("influence"))),
        Column("Farthest out", "离群最远", province("farthest", least)),
    ]
    return Table(data.assign(evidence="statistics"), columns)


def summarise(rows: pd.DataFrame) -> dict[str, object]:
    """The tests of one outcome, and the two provinces that stand out."""
    found: dict[str, object] = {}
    tests = rows[rows["analysis"].isin(["unequal_spread", "serial_correlation"])]
    for row in tests.itertuples():
        found |= {row.variant: row.estimate, f"{row.variant}_p_value": row.p_value}
    moved, outliers = (rows[rows["analysis"] == name] for name in ("influence", "outlier"))
    weightiest = moved.loc[moved["estimate"].abs().idxmax()]
    farthest = outliers.loc[outliers["estimate"].abs().idxmax()]
    return found | {
        "weightiest": weightiest["variant"], "influence": weightiest["estimate"],
        "farthest": farthest["variant"], "outlier": farthest["estimate"],
        "outlier_p_value": farthest["p_value"],
    }  # fmt: skip
