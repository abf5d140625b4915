"""Real insurance counts before the pilot: growth of the first wave's provinces beside the others.

Work-injury insurance is printed for all provinces at the ends of 2008 and 2011 only, unemployment insurance
at the end of 2008 only. Two year-ends give one change, eleven years before the pilot: it says whether the
seven have grown like the others in another decade, and no more. Product: ``coverage_before.csv``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis import config
from analysis.did import NEVER, Options, Panel
from analysis.did.inference.confidence import randomization_inference

if TYPE_CHECKING:
    from analysis.did.numerics.types import Array

WORK_INJURY = "work_injury_insurance_contributors_year_end"
UNEMPLOYMENT = "unemployment_insurance_contributors_year_end"
FIRST, LAST = 2008, 2011
KEY = ("quantity", "group")
COLUMNS = (
    "evidence",
    "quantity",
    "group",
    "unit",
    "value",
    "ci_low",
    "ci_high",
    "p_value",
    "provinces",
    "note",
)


def coverage_before(statistics: pd.DataFrame, first_wave: pd.Series) -> pd.DataFrame:
    """Mean log growth of both groups, their difference, and the share of contributors in the first wave.

    Parameters
    ----------
    statistics
        As `analysis.inputs.load_statistics` returns them.
    first_wave
        Whether a province is in the first wave, by code.

    Returns
    -------
    DataFrame
        `COLUMNS`. ``growth``: mean over provinces of the log change of work-injury contributors from 2008 to
        2011, of the first wave, the others, and first less others with its permutation p-value over
        all assignments and the set of differences that it does not reject. ``total_growth``: log change of
        the group's sum. ``share``: contributors of the first wave in percent of all, by insurance and year.
        Empty where the record lacks the counts.
    """
    before, after = (counts(statistics, WORK_INJURY, year, first_wave) for year in (FIRST, LAST))
    jobless = counts(statistics, UNEMPLOYMENT, FIRST, first_wave)
    if before is None or after is None or first_wave.sum() < 2:
        return pd.DataFrame(columns=list(COLUMNS))
    treated = first_wave.to_numpy()
    growth = np.log(after) - np.log(before)
    panel = Panel.from_arrays(np.column_stack([np.zeros(len(growth)), growth]), np.where(treated, 1, NEVER))
    options = Options(level=config.CONFIDENCE_LEVEL, seed=config.SEED)
    (test,) = randomization_inference(
        panel, "group_time", options, draws=config.BOOTSTRAP_DRAWS, seed=config.SEED
    )
    note = f"{test.comparisons} {'' if test.exact else 'drawn '}assignments"
    rows: list[tuple[object, ...]] = [
        ("growth", "difference", "log points", test.estimate, test.ci_low, test.ci_high, test.p_value, note)
    ]
    for group, members in (("first_wave", treated), ("others", ~treated)):
        rows.append(("growth", group, "log points", growth[members].mean(), None, None, None, ""))
        total = float(np.log(after[members].sum() / before[members].sum()))
        rows.append(("total_growth", group, "log points", total, None, None, None, ""))
    for name, values in ((f"work_injury_{FIRST}", before), (f"work_injury_{LAST}", after),
                         (f"unemployment_{FIRST}", jobless)):  # fmt: skip
        if values is not None:
            share = 100 * float(values[treated].sum() / values.sum())
            rows.append(("share", name, "percent", share, None, None, None, ""))
    names = ["quantity", "group", "unit", "value", "ci_low", "ci_high", "p_value", "note"]
    table = pd.DataFrame(rows, columns=names)
    return table.assign(evidence="statistics", provinces=len(growth))[list(COLUMNS)]


def counts(statistics: pd.DataFrame, indicator: str, year: int, first_wave: pd.Series) -> Array | None:
    """(N,) counts of a year in the order of ``first_wave``; nothing unless each is there and positive."""
    rows = statistics[(statistics["indicator"] == indicator) & (statistics["year"] == year)]
    found = rows.set_index("province_code")["value"].reindex(first_wave.index)
    values: Array = found.to_numpy(dtype=float)
    return values if np.isfinite(values).all() and (values > 0).all() else None
