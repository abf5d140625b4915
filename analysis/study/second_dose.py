"""What official statistics say of the second dose: platforms went from 7 to 11 in provinces already treated.

In July 2025 the seven first provinces went from 7 platforms to 11 (Beijing to 21), ten more from none to 11;
fourteen had none until July 2026. The only series with all provinces in 2025 is output per head, preliminary,
which the pilot is too small to move: an effect would signal a failed comparison. The second dose
alone has no comparison, because no province kept 7. Rows ``second_dose`` of ``sensitivity.csv``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.did import Panel, estimate
from analysis.did.inference.randomization import randomization_tests
from analysis.study.outcomes import annual_panel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analysis.did import Options
    from analysis.did.inference.randomization import RandomizationTest

ANALYSIS = "second_dose"
OUTCOME = replace(
    next(o for o in config.OUTCOMES if o.name == config.SECOND_DOSE_OUTCOME),
    last_year=config.SECOND_DOSE_YEAR,
)
ALONE = "not identified: all provinces with the first dose had the second at once, and none kept the first"


def dose_table(panel: pd.DataFrame) -> pd.DataFrame:
    """Year-ends: ``province_code, year, cohort``, the outcome and ``dose``, platforms in the pilot."""
    table = annual_panel(panel, OUTCOME)
    year_end = panel[panel["quarter"].str[-2:] == "Q4"]
    year_end = year_end.assign(year=year_end["quarter"].str[:4].astype(int))
    doses = year_end[["province_code", "year", "dose_platforms"]].rename(columns={"dose_platforms": "dose"})
    return table.merge(doses, on=["province_code", "year"], how="left", validate="1:1")


def second_dose_table(panel: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Effects of the doses that provinces had, against none, and what the second added.

    Parameters
    ----------
    panel
        ``panel.csv``.
    options
        The study's.

    Returns
    -------
    DataFrame
        ``outcome, analysis, variant, setting, estimator, estimate, p_value, n_units, note``.
        ``path``: output of a year less what it would have been without any platform, for first-wave or
        second-wave provinces (`intertemporal`); ``path_per_platform``: the average total effect per
        platform and year; ``added``: the change from the year of the first dose to that of the second,
        the second dose's effect if that of the first stayed as it was; ``alone``: no estimate. P-values
        count assignments of the wave among its provinces and those without any dose.
    """
    table = dose_table(panel)
    table = table[table[OUTCOME.name].notna()]
    last = table.groupby("province_code")["dose"].transform("max")
    first = table["cohort"].min()
    waves = {"first": table["cohort"] == first, "second": (table["cohort"] > first) & (last > 0)}
    rows: list[dict[str, object]] = []
    for wave, chosen in waves.items():
        if not (table.loc[chosen, "dose"] > 0).any() or not (last == 0).any():
            continue  # the record does not reach the wave, or leaves nobody without a dose
        rows += _wave_rows(table[chosen | (last == 0)], wave, options)
    rows.append({"variant": "alone", "n_units": int(table["province_code"].nunique()), "note": ALONE})
    return pd.DataFrame(rows).assign(outcome=OUTCOME.name, analysis=ANALYSIS, estimator="intertemporal")


def _wave_rows(table: pd.DataFrame, wave: str, options: Options) -> Iterator[dict[str, object]]:
    """Rows of one wave beside the provinces without a dose."""
    data = Panel.from_frame(table, unit="province_code", time="year", outcome=OUTCOME.name, dose="dose")
    start, last = data.cohorts[0], data.n_periods - 1
    found = {(r.term, r.event_time): r.estimate for r in estimate(data, "intertemporal", level=options.level)}
    moved = data.cohort == start
    assert data.dose is not None
    once = Panel.from_arrays(data.outcome, data.starts, units=data.units, times=data.times)
    tests = randomization_tests(once, "group_time", options)
    chance = {(test.estimate.term, test.estimate.event_time): test for test in tests}

    def row(
        variant: str, setting: str, value: float, test: RandomizationTest, words: str
    ) -> dict[str, object]:
        return {
            "variant": variant, "setting": f"{wave} wave, {setting}", "estimate": value,
            "p_value": test.p_value, "n_units": data.n_units,
            "note": f"{words}; {test.assignments} assignments",
        }  # fmt: skip

    for t in range(start, data.n_periods):
        spread = sorted(set(data.dose[moved, t].tolist()))
        words = f"{' or '.join(f'{dose:g}' for dose in spread)} platforms at the year-end"
        key = ("event", t - start)
        yield row("path", str(data.label(t)), found[key], chance[key], words)
    span = f"{data.label(start)} to {data.label(last)}"
    # With one start, the sum of effects over the sum of doses is a multiple of the mean effect.
    yield row("path_per_platform", span, found["att", None], chance["att", None], "per platform and year")
    if (data.dose[moved, last] > data.dose[moved, last - 1]).all() and last > start:
        from_last = np.where(moved, last, data.starts)
        later = Panel.from_arrays(data.outcome, from_last, units=data.units, times=data.times)
        (test,) = randomization_tests(later, "group_time", options, terms=("att",))
        words = "the second dose's effect if that of the first stayed as it was"
        span = f"{data.label(last - 1)} to {data.label(last)}"
        added = found["event", last - start] - found["event", last - 1 - start]
        yield row("added", span, added, test, words)
