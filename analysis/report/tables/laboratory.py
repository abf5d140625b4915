"""The design laboratory as tables. Every row shown is simulated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from analysis import config
from analysis.report.effects import LOGS, shown
from analysis.report.tables.labels import ESTIMATORS, choice_words
from analysis.report.tables.markdown import Cell, Column, Table, translated
from analysis.report.tables.words import OUTCOMES
from analysis.report.text import plain, quarter_text, value_text

if TYPE_CHECKING:
    from analysis.report.results import Results

NAMES = [outcome.name for outcome in config.OUTCOMES]
# Designs without an effect, in two lines for a figure.
DESIGNS: dict[str, tuple[str, str]] = {
    "null_random": ("by\nlot", "随机\n抽取"),
    "null_actual": ("actual\nseven", "实际\n七省"),
    "null_selected": ("rich\nfirst", "富裕者\n先行"),
    "null_unequal_effects": ("effects\ncancel", "效应\n相抵"),
    "null_own_trends": ("real\ntrends", "实际\n趋势"),
}
VIOLATIONS = {
    "null_random": 0.0,
    "null_violation_25": 0.25,
    "null_violation_50": 0.5,
    "null_violation_100": 1.0,
}
LAB_METHODS = {
    "randomization": ("randomisation", "随机化检验"),
    "randomization_studentised": ("studentised rand.", "学生化随机化"),
    "randomization_region": ("rand. in regions", "区域内随机化"),
    "randomization_size": ("rand. in size bands", "规模组内随机化"),
    "randomization_level": ("rand. in level bands", "水平组内随机化"),
    "cr1_t": ("clustered, CR1", "聚类CR1"),
    "cr2_satterthwaite": ("clustered, CR2", "聚类CR2"),
    "cr3_t": ("clustered, CR3", "聚类CR3"),
    "influence_normal": ("normal interval", "正态区间"),
    "wild_rademacher": ("wild, Rademacher", "野自助Rademacher"),
    "wild_webb": ("wild, Webb", "野自助Webb"),
    "conley_taber": ("Conley-Taber", "Conley-Taber"),
    "ferman_pinto": ("Ferman-Pinto", "Ferman-Pinto"),
}
# Kinds of effect in the staggered designs.
EFFECTS = {
    "constant": ("constant", "恒定"),
    "by_cohort": ("differs by wave", "因批次而异"),
    "dose": ("follows platforms", "随平台数变化"),
    "growing": ("grows", "逐期增大"),
    "growing_by_cohort": ("grows, by wave", "增大且因批次而异"),
}
ANNUAL = "annual"


def rows_of(results: Results, metric: str, *, calendar: str = ANNUAL, **wanted: str) -> pd.DataFrame:
    """Rows of lab.csv by metric and further columns; an empty calendar means all."""
    rows = results.lab[results.lab["metric"] == metric]
    if calendar:
        rows = rows[rows["calendar"] == calendar]
    for name, value in wanted.items():
        rows = rows[rows[name] == value]
    return rows.reset_index(drop=True)


def effect_text(value: float, outcome: str, language: str) -> str:
    """An effect in the reader's unit: percent for logs, else two digits."""
    if outcome in LOGS:
        text = value_text(float(shown(value, outcome)), plain(1), language)
        return f"{text} %" if language == "en" else f"{text}%"
    return value_text(value, plain(2), language)


def percent(name: str) -> Cell:
    """A share as percent with one digit; empty where missing."""
    return lambda row, language: "" if pd.isna(row[name]) else value_text(100 * row[name], plain(1), language)


def size(results: Results) -> Table:
    """Share of true nulls rejected at 5 %, by test, outcome and design."""
    rows = rows_of(results, "size", estimator="group_time", event_time="")
    rows = rows[rows["design"].isin(list(DESIGNS)) & rows["inference"].isin(list(LAB_METHODS))]
    wide = rows.pivot(index=["inference", "outcome"], columns="design", values="value").reset_index()
    order = {name: k for k, name in enumerate([*LAB_METHODS, *NAMES])}
    data = wide.sort_values(["inference", "outcome"], key=lambda column: column.map(order), ignore_index=True)
    columns = [
        Column("Test", "检验", translated("inference", LAB_METHODS)),
        Column("Outcome", "结果变量", translated("outcome", OUTCOMES)),
        *(
            Column(
                f"{english}, %".replace("\n", " "), f"{chinese}（%）".replace("\n", ""), percent(name), True
            )
            for name, (english, chinese) in DESIGNS.items()
        ),
    ]
    return Table(data.assign(evidence="simulated"), columns)


def violations(results: Results) -> Table:
    """Share of true nulls that the named test rejects when trends part by a stated amount."""
    rows = rows_of(results, "size", estimator="group_time", event_time="", inference=config.INFERENCE)
    rows = rows[rows["design"].isin(list(VIOLATIONS))]
    wide = rows.pivot(index="outcome", columns="design", values="value").reindex(NAMES).reset_index()
    drift = rows_of(results, "calibration_trend_sd", design="null_random").set_index("outcome")["value"]
    data = wide.assign(trend_sd=wide["outcome"].map(drift), evidence="simulated")
    columns = [
        Column("Outcome", "结果变量", translated("outcome", OUTCOMES)),
        Column("Spread of trends, a year", "年趋势的标准差",
               lambda row, lang: effect_text(row["trend_sd"], row["outcome"], lang), True),
        *(Column(f"Gap {gap:g} of it, %", f"偏离其{gap:g}倍（%）", percent(name), True)
          for name, gap in VIOLATIONS.items()),
    ]  # fmt: skip
    return Table(data, columns)


def detectable(results: Results) -> Table:
    """Smallest constant effect that the named test finds four times in five, by outcome and quarter."""
    rows = rows_of(
        results, "minimum_detectable_effect", estimator="group_time", design="null_random",
        inference=config.INFERENCE,
    )  # fmt: skip
    names = {"": "mean"} | {
        str(event): f"{config.PILOT_START.year + event}Q4"
        for event in range(len(rows["event_time"].unique()) - 1)
    }
    wide = rows.assign(when=rows["event_time"].map(names))
    data = wide.pivot(index="outcome", columns="when", values="value").reindex(NAMES).reset_index()
    quarters = sorted(name for name in names.values() if name != "mean")

    def cell(name: str) -> Cell:
        return lambda row, language: effect_text(float(row[name]), row["outcome"], language)

    columns = [
        Column("Outcome", "结果变量", translated("outcome", OUTCOMES)),
        *(Column(quarter_text(name, "en"), quarter_text(name, "zh"), cell(name), True) for name in quarters),
        Column("Mean of the years", "各年平均", cell("mean"), True),
    ]
    return Table(data.assign(evidence="simulated"), columns)


def estimators(results: Results) -> Table:
    """Accuracy of every estimator for a constant effect, and for one that grows and differs by wave."""
    designs = {
        (ANNUAL, "constant"): ("annual, constant effect", "年度，恒定效应"),
        ("quarterly", "growing_by_cohort"): (
            "quarterly rollout, grows by wave",
            "季度推广，逐期增大且因批次而异",
        ),
    }
    outcome = NAMES[0]
    rows = results.lab[(results.lab["outcome"] == outcome) & (results.lab["event_time"] == "")]
    parts = []
    for calendar, design in designs:
        own = rows[(rows["calendar"] == calendar) & (rows["design"] == design) & (rows["inference"] == "")]
        own = own[own["metric"].isin(["bias", "rmse", "truth"])]
        wide = own.pivot(index="estimator", columns="metric", values="value").reset_index()
        wide["truth"] = wide["truth"].fillna(wide["truth"].max())
        wide = wide.dropna(subset=["bias", "rmse"])  # too many replications failed: nothing is reported
        notes = own[own["metric"] == "truth"].set_index("estimator")["note"]
        wide = wide.assign(note=wide["estimator"].map(notes))
        error = own[own["metric"] == "bias"].set_index("estimator")["mc_error"]
        parts.append(wide.assign(calendar=calendar, design=design, mc_error=wide["estimator"].map(error)))
    data = pd.concat(parts, ignore_index=True).sort_values(["calendar", "rmse"], ignore_index=True)

    def share(name: str) -> Cell:
        return lambda row, lang: value_text(100 * row[name] / row["truth"], plain(1), lang)

    def what(row: pd.Series, language: str) -> str:
        return designs[row["calendar"], row["design"]][language == "zh"]

    def same(row: pd.Series, language: str) -> str:
        text = str(row["note"]).split(". ")[0]
        if "same estimate" not in text:
            return ""
        names = text.removeprefix("The same estimate here: ").rstrip(".").split(", ")
        return choice_words(", ".join(names), language)

    columns = [
        Column("Design", "设计", what),
        Column("Estimator", "估计方法", translated("estimator", ESTIMATORS)),
        Column("Bias, % of the effect", "偏误（占效应%）", share("bias"), True),
        Column("Its simulation error", "模拟误差", share("mc_error"), True),
        Column("Root mean squared error, %", "均方根误差（%）", share("rmse"), True),
        Column("Gives the same here", "此处结果相同", same),
    ]
    return Table(data.assign(evidence="simulated"), columns)


def calibration(results: Results) -> Table:
    """What the simulated provinces are like, read off the years before the pilot."""
    rows = results.lab[results.lab["metric"].str.startswith("calibration_")]
    wide = rows.assign(metric=rows["metric"].str.removeprefix("calibration_"))
    data = wide.pivot(index="outcome", columns="metric", values="value").reindex(NAMES).reset_index()

    def effect(name: str) -> Cell:
        return lambda row, language: effect_text(float(row[name]), row["outcome"], language)

    def plainly(name: str) -> Cell:
        return lambda row, language: value_text(float(row[name]), plain(2), language)

    columns = [
        Column("Outcome", "结果变量", translated("outcome", OUTCOMES)),
        Column("Serial correlation, a year", "年自相关", plainly("rho"), True),
        Column("Yearly shock", "年度冲击", effect("innovation_sd"), True),
        Column("Smallest to largest province: from", "各省最小", effect("innovation_sd_smallest"), True),
        Column("to", "最大", effect("innovation_sd_largest"), True),
        Column("Spread of trends, a year", "年趋势的标准差", effect("trend_sd"), True),
        Column(
            "First wave's trend above the others', a year",
            "首批年趋势高出",
            effect("first_wave_trend_gap"),
            True,
        ),
    ]
    return Table(data.assign(evidence="simulated"), columns)
