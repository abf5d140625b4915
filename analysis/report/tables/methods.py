"""Methods as tables: our estimates beside those of independent software."""

from __future__ import annotations

import pandas as pd

from analysis.report.results import Results
from analysis.report.tables.markdown import Column, Table
from analysis.report.text import plain, value_text

DATASETS = {
    "sim_never": ("some never treated", "部分从未处理"),
    "sim_nyt": ("all treated in the end", "最终全部处理"),
}


def agreement(results: Results) -> Table:
    """Overall effects of every estimator and of its peers on the two simulated panels."""

    def panel(row: pd.Series, language: str) -> str:
        return DATASETS[str(row["dataset"])][language == "zh"]

    def effect(row: pd.Series, name: str, language: str) -> str:
        value, error = float(row[name]), float(row[f"{name}_error"])
        text = value_text(value, plain(6), language)
        return text if pd.isna(error) else f"{text} ({value_text(error, plain(6), language)})"

    def largest(row: pd.Series, _: str) -> str:
        return f"{float(row['largest_difference']):.0e}"

    columns = [
        Column("Estimator", "估计方法", lambda row, _: f"`{row['estimator']}`"),
        Column("Panel", "面板", panel),
        Column("Peer", "对照软件", lambda row, _: f"{row['software']} {row['version']}: {row['method']}"),
        Column("Ours (error)", "本项目（标准误）", lambda row, lang: effect(row, "ours", lang), True),
        Column("Peer's (error)", "对照（标准误）", lambda row, lang: effect(row, "reference", lang), True),
        Column("Values compared", "比较的数值个数", lambda row, _: str(int(row["parameters"])), True),
        Column("Largest relative difference", "最大相对差异", largest, True),
    ]
    return Table(results.agreement, columns)
