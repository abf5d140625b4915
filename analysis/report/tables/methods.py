"""Methods as tables: ways of inference beside each other, our estimates beside other software's."""

from __future__ import annotations

import pandas as pd

from analysis.report.results import Results
from analysis.report.tables.markdown import Column, Table, number, translated
from analysis.report.tables.words import OUTCOMES
from analysis.report.text import p_text, plain, range_text, value_text

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


METHODS = {
    "CR1": ("clustered, usual correction", "聚类稳健（常规修正）"),
    "CR2": ("clustered, Bell-McCaffrey", "聚类稳健（Bell-McCaffrey）"),
    "CR3": ("clustered, jackknife", "聚类稳健（刀切法）"),
    "conley_taber": ("Conley-Taber", "Conley-Taber"),
    "ferman_pinto": ("Ferman-Pinto", "Ferman-Pinto"),
    "randomization": ("randomisation (named in advance)", "随机化检验（事先指定）"),
    "randomization_matched": ("randomisation among matched provinces", "匹配省份内随机化"),
    "randomization_region": ("randomisation within regions", "区域内随机化"),
    "randomization_size": ("randomisation within size bands", "规模组内随机化"),
    "randomization_studentised": ("randomisation, studentised", "学生化随机化检验"),
    "romano_wolf": ("Romano-Wolf, three outcomes and years", "Romano-Wolf（多结果多年份）"),
    "wild_rademacher": ("wild bootstrap, Rademacher", "野自助法（Rademacher）"),
    "wild_webb": ("wild bootstrap, Webb", "野自助法（Webb）"),
}
DIGITS = {"formal_employment_rate": 2, "log_income_per_head": 3, "log_gdp_per_head": 3}


def inference(results: Results) -> Table:
    """The overall effect on each outcome under every way of inference; the one named in advance first."""
    rows = results.inference
    rows = rows[(rows["term"] == "att") & (rows["estimator"] == "event_study_twfe")]
    later = rows["named_in_advance"] != "yes"
    data = rows.assign(later=later).sort_values(["outcome", "later", "method"], ignore_index=True)

    def interval(row: pd.Series, language: str) -> str:
        if pd.isna(row["ci_low"]) or pd.isna(row["ci_high"]):
            return ""
        return range_text(float(row["ci_low"]), float(row["ci_high"]), DIGITS[row["outcome"]], language)

    columns = [
        Column("Outcome", "结果变量", translated("outcome", OUTCOMES)),
        Column("Way of inference", "推断方法", translated("method", METHODS)),
        Column("p", "p值", number("p_value", p_text), True),
        Column("95 % interval", "95%区间", interval, True),
    ]
    return Table(data, columns)
