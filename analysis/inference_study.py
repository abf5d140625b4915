"""Every way of judging the study's estimates, beside each other, with the one named in advance marked.

With one treated cohort the two-way event study averaged over its years after the start equals the
group-time effect, so that regression-based and permutation-based methods judge the same number.
Product: ``inference.csv``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import config
from analysis.did import Options, Panel
from analysis.did.inference.confidence import randomization_inference
from analysis.did.inference.few_treated import conley_taber, ferman_pinto
from analysis.did.inference.multiple import romano_wolf
from analysis.did.inference.record import Inference, share_error
from analysis.did.inference.robust import robust_tests
from analysis.did.inference.schemes import bands, matched
from analysis.did.inference.studentised import studentised_inference
from analysis.did.inference.wild import wild_tests
from analysis.errors import InputError
from analysis.estimate import annual_panel
from analysis.files import save_table

KEY = ("outcome", "estimator", "term", "event_time", "method")
ESTIMATORS = ("event_study_twfe", "twfe")
FAMILY = "family-wise over outcomes and years; every choice of treated units was equally likely"


def study_options() -> Options:
    """Options of the study's estimates, without bootstrap bands."""
    return Options(level=config.CONFIDENCE_LEVEL, seed=config.SEED, base="universal")


def read_outcome(panel: pd.DataFrame, outcome: config.Outcome) -> Panel:
    """Annual panel of one outcome on all provinces."""
    return Panel.from_frame(
        annual_panel(panel, outcome),
        unit="province_code",
        time="year",
        outcome=outcome.name,
        cohort="cohort",
    )


def residents(panel: pd.DataFrame, units: Sequence[str]) -> np.ndarray:
    """(N,) residents of each province at the last year-end before the pilot.

    Raises
    ------
    InputError
        A province has no count.
    """
    year_end = f"{config.PILOT_START.year - 1}Q4"
    count = panel[panel["quarter"] == year_end].set_index("province_code")[config.RESIDENTS].reindex(units)
    if count.isna().any():
        raise InputError(f"no residents at {year_end} in {', '.join(count[count.isna()].index)}")
    return count.to_numpy(dtype=float)


def regions(units: Sequence[str]) -> np.ndarray:
    """(N,) region of each province."""
    region = {code: k for k, codes in enumerate(config.REGIONS) for code in codes}
    return np.array([region[unit] for unit in units])


def judge(data: Panel, estimator: str, sizes: np.ndarray) -> list[Inference]:
    """The overall effect of one outcome by every method."""
    options = study_options()
    draws, seed = config.BOOTSTRAP_DRAWS, config.SEED
    found = robust_tests(data, estimator, options)
    found = [row for row in found if row.term == "att"]
    for weights in ("rademacher", "webb"):
        found += wild_tests(data, estimator, options, weights=weights, draws=draws, seed=seed)
    found += randomization_inference(data, estimator, options, seed=seed)
    for method, strata in (
        ("randomization_region", regions(data.units)),
        ("randomization_size", bands(sizes, config.SIZE_BANDS)),
        ("randomization_matched", matched(data, config.MATCHED_PARTNERS)),
    ):
        found += randomization_inference(
            data, estimator, options, strata=strata, method=method, draws=draws, seed=seed
        )
    found += studentised_inference(data, estimator, options, seed=seed)
    found += conley_taber(data, estimator, options, draws=draws, seed=seed)
    found += ferman_pinto(data, estimator, options, sizes, draws=draws, seed=seed)
    return found


def infer_outcomes(panel: pd.DataFrame) -> pd.DataFrame:
    """Table of all outcomes, estimators and methods; rows of `romano_wolf` cover outcomes and years."""
    tables, panels = [], {}
    for outcome in config.OUTCOMES:
        data = read_outcome(panel, outcome)
        panels[outcome.name] = data
        sizes = residents(panel, data.units)
        for estimator in ESTIMATORS:
            rows = pd.DataFrame([vars(row) for row in judge(data, estimator, sizes)])
            tables.append(rows.assign(outcome=outcome.name, estimator=estimator))
    for estimator in ESTIMATORS:
        family = romano_wolf(
            panels, estimator, study_options(), draws=config.BOOTSTRAP_DRAWS, seed=config.SEED
        )
        rows = pd.DataFrame(
            {
                "outcome": [row.outcome for row in family],
                "estimator": estimator,
                "method": "romano_wolf",
                "term": [row.estimate.term for row in family],
                "event_time": [row.estimate.event_time for row in family],
                "estimate": [row.estimate.estimate for row in family],
                "p_value": [row.p_adjusted for row in family],
                "mc_error": [share_error(row.p_adjusted, config.BOOTSTRAP_DRAWS + 1) for row in family],
                "comparisons": config.BOOTSTRAP_DRAWS + 1,
                "exact": False,
                "assumes": FAMILY,
            }
        )
        tables.append(rows)
    table = pd.concat(tables, ignore_index=True)
    event = pd.to_numeric(table["event_time"]).astype("Int64").astype("string").fillna("")
    table = table.assign(
        evidence="statistics",
        event_time=event,
        exact=table["exact"].astype(bool).map({True: "yes", False: "no"}),
        named_in_advance=(table["method"] == config.INFERENCE).map({True: "yes", False: "no"}),
    )
    columns = [
        "evidence", "outcome", "estimator", "term", "event_time", "method", "named_in_advance", "estimate",
        "std_error", "freedom", "p_value", "mc_error", "ci_low", "ci_high", "comparisons", "exact", "assumes",
    ]  # fmt: skip
    return table[columns]


def build(processed: Path) -> None:
    """``inference.csv`` from ``panel.csv``."""
    panel = pd.read_csv(processed / "panel.csv", dtype={"province_code": str})
    save_table(infer_outcomes(panel), KEY, processed / "inference.csv")
