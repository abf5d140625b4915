"""The province-by-quarter panel: skeleton first, then joins, then a codebook row for every column.

The skeleton is every province in every quarter from `config.PANEL_START` to the newest quarter in
which a figure was published. Rollout, denominators, bounds and statistics join on to it many to one
or one to one, and no join may change the number of rows. Gaps stay gaps.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from analysis import config
from analysis.base.errors import InputError
from analysis.panel.series import DERIVED, SERIES

KEY = ("province_code", "quarter")
COVERAGE = "cumulative_participants"
DENOMINATORS = {
    "residents_last_year_end": config.RESIDENTS,
    "urban_employees_last_year_end": config.URBAN_EMPLOYEES,
}


def newest_quarter(ledger: pd.DataFrame) -> pd.Period:
    """Quarter of the newest published figure, at least the first quarter after the bounds."""
    return max(pd.Period(ledger["as_of_last"].max(), freq="Q"), config.BOUNDS_END)


def first_quarter(start: pd.Timestamp, rule: str = config.TREATMENT_RULE) -> pd.Period:
    """First treated quarter of a province whose pilot starts on ``start``.

    ``first_full``: the first quarter wholly under the pilot; ``any_day`` and ``share_of_days``: the
    quarter of the start.
    """
    if rule not in config.TREATMENT_RULES:
        raise InputError(f"unknown treatment rule {rule!r}", expected=", ".join(config.TREATMENT_RULES))
    quarter = pd.Period(start, freq="Q")
    starts_inside = start.normalize() > quarter.start_time
    return quarter + 1 if rule == "first_full" and starts_inside else quarter


def start_dates(rollout: pd.DataFrame) -> pd.Series:
    """Day the pilot came into force, by province code."""
    starts = rollout[rollout["event"] == "starts"]
    return starts.set_index("province_code")["date"].sort_index()


def build_skeleton(
    provinces: pd.DataFrame, rollout: pd.DataFrame, statistics: pd.DataFrame, last: pd.Period
) -> pd.DataFrame:
    """Every province in every quarter, with its treatment and denominators.

    Parameters
    ----------
    provinces
        The register; rows of kind ``corps`` have no statistics of their own and are no panel unit.
    rollout, statistics
        As `analysis.inputs` loads them.
    last
        Last quarter of the panel.

    Returns
    -------
    DataFrame
        One row per province and quarter: names, ``cohort``, ``event_time`` (quarters), ``treated``,
        ``exposure_share`` (share of the quarter's days under the pilot), ``dose_platforms``
        (platforms in force at its end) and the denominators (persons).
    """
    units = provinces[provinces["kind"] != "corps"]
    quarters = pd.period_range(config.PANEL_START, last, freq="Q")
    grid = pd.MultiIndex.from_product([units["code"], quarters], names=list(KEY)).to_frame(index=False)
    names = units[["code", "name_en", "name_zh"]].set_axis(
        ["province_code", "province_en", "province_zh"], axis=1
    )
    skeleton = grid.merge(names, on="province_code", how="left", validate="m:1")
    starts = start_dates(rollout)
    missing = sorted(set(units["code"]) - set(starts.index))
    if missing:
        raise InputError(
            f"no start date for {', '.join(missing)}",
            file="rollout.csv",
            column="event",
            expected="one row with event 'starts' for every province",
            action="add the row, with its source",
        )
    start = skeleton["province_code"].map(starts)
    cohort = start.map(lambda day: first_quarter(day)).astype("period[Q-DEC]")
    skeleton["cohort"] = cohort.astype(str)
    skeleton["event_time"] = [
        quarter.ordinal - first.ordinal for quarter, first in zip(skeleton["quarter"], cohort, strict=True)
    ]
    skeleton["treated"] = (skeleton["event_time"] >= 0).astype(int)
    first_day = skeleton["quarter"].dt.start_time.dt.normalize()
    last_day = skeleton["quarter"].dt.end_time.dt.normalize()
    days = (last_day - first_day).dt.days + 1
    covered = ((last_day - start).dt.days + 1).clip(lower=0)
    skeleton["exposure_share"] = np.minimum(covered / days, 1.0)
    skeleton["dose_platforms"] = dose(skeleton, rollout)
    for column, name in DENOMINATORS.items():
        skeleton[column] = last_year_end(skeleton, statistics, name)
    return skeleton


def dose(skeleton: pd.DataFrame, rollout: pd.DataFrame) -> pd.Series:
    """Platforms in the pilot at the quarter's end: 0 before the start, the newest stated number after."""
    stated = rollout.dropna(subset=["platforms"])
    stated = stated[stated["event"] != "announced"].sort_values("date", kind="stable")
    number = pd.Series(0, index=skeleton.index, dtype="Int64")
    last_day = skeleton["quarter"].dt.end_time
    for event in stated.itertuples():
        hit = (skeleton["province_code"] == event.province_code) & (last_day >= event.date)
        number[hit & (skeleton["treated"] == 1)] = int(event.platforms)
    return number


def series_values(statistics: pd.DataFrame, column: str) -> pd.DataFrame:
    """One official series as (province_code, year, value) in the panel's unit."""
    series = next(item for item in SERIES if item.column == column)
    rows = statistics[statistics["indicator"] == series.indicator]
    return pd.DataFrame(
        {"province_code": rows["province_code"], "year": rows["year"], "value": series.scale * rows["value"]}
    )


def last_year_end(skeleton: pd.DataFrame, statistics: pd.DataFrame, column: str) -> pd.Series:
    """Newest year-end count not later than the quarter's end: a denominator, not an observation."""
    known = series_values(statistics, column)
    wanted = skeleton[["province_code"]].copy()
    wanted["year"] = skeleton["quarter"].dt.year - (skeleton["quarter"].dt.quarter < 4)
    wanted["order"] = np.arange(len(wanted))
    joined = pd.merge_asof(
        wanted.sort_values("year"), known.sort_values("year"), on="year", by="province_code"
    )
    return joined.set_index("order")["value"].sort_index().set_axis(skeleton.index)


def join_statistics(skeleton: pd.DataFrame, statistics: pd.DataFrame) -> pd.DataFrame:
    """Put each year's value into the row of its fourth quarter, and nowhere else."""
    panel = skeleton
    fourth = panel["quarter"].dt.quarter == 4
    year = panel["quarter"].dt.year.where(fourth)
    for series in SERIES:
        values = series_values(statistics, series.column).set_index(["province_code", "year"])["value"]
        index = pd.MultiIndex.from_arrays([panel["province_code"], year])
        panel = panel.assign(**{series.column: values.reindex(index).to_numpy()})
    rate = 100 * panel["urban_nonprivate_employment"] / panel["urban_population"]
    return panel.assign(
        formal_employment_rate=rate,
        log_income_per_head=np.log(panel["income_per_head"]),
        log_gdp_per_head=np.log(panel["gdp_per_head"]),
    )


def published_counts(ledger: pd.DataFrame) -> pd.DataFrame:
    """Province enrolment printed for a quarter-end day: one value per province and quarter.

    A count printed for another day, "to date", or as "more than" is no quarter-end value; it enters
    the bounds instead. Where two figures are printed for one day, the one with the finer print counts.
    """
    rows = ledger[
        (ledger["measure"] == COVERAGE)
        & (ledger["level"] == "province")
        & (ledger["qualifier"] != "more_than")
        & (ledger["as_of_first"] == ledger["as_of_last"])
        & ledger["grade"].isin(config.HEADLINE_GRADES)
    ]
    rows = rows[rows["as_of_last"].dt.is_quarter_end].sort_values("printed_unit", kind="stable")
    quarter = rows["as_of_last"].dt.to_period("Q")
    table = pd.DataFrame(
        {"province_code": rows["province_code"], "quarter": quarter, "enrolled_published": rows["value"]}
    )
    return table.drop_duplicates(list(KEY))


def build_panel(
    skeleton: pd.DataFrame, statistics: pd.DataFrame, ledger: pd.DataFrame, enrolled: pd.DataFrame
) -> pd.DataFrame:
    """Join bounds, published counts and statistics on to the skeleton.

    ``enrolled`` has ``province_code, quarter, enrolled_lower, enrolled_upper`` (persons) for the
    quarters that `analysis.bounds` solves; before a province's start both are zero by the scheme's rules.
    """
    panel = skeleton.merge(enrolled, on=list(KEY), how="left", validate="1:1")
    before = panel["treated"] == 0
    panel.loc[before, ["enrolled_lower", "enrolled_upper"]] = 0.0
    panel = panel.merge(published_counts(ledger), on=list(KEY), how="left", validate="1:1")
    panel = join_statistics(panel, statistics)
    assert len(panel) == len(skeleton), "a join changed the number of rows"
    return panel.assign(quarter=panel["quarter"].astype(str))


def build_codebook() -> pd.DataFrame:
    """One row per panel column: label, unit, evidence class, source, rule, what missing means."""
    path = Path(__file__).with_name("codebook.yml")
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    rows = [(column, *entry) for column, entry in entries.items()]
    annual = "province_annual.csv (National Bureau of Statistics, re-published)"
    for item in SERIES:
        when = "year-end stock" if item.kind == "stock" else "year to date"
        rule, missing = f"{when}, fourth quarter only", "not a fourth quarter, or not printed"
        rows.append(
            (item.column, item.label_en, item.label_zh, item.unit, "statistics", annual, rule, missing)
        )
    for made in DERIVED:
        labels = (made.column, made.label_en, made.label_zh, made.unit)
        rows.append((*labels, "statistics", annual, made.formula, "an input is missing"))
    columns = ["column", "label_en", "label_zh", "unit", "evidence", "source", "rule", "missing_means"]
    return pd.DataFrame(rows, columns=columns)
