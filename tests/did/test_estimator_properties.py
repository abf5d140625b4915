"""What every estimator of effects must do whatever the data: invariance, scale, recovery, order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from did.peers import reference_panel, small_panel

from analysis.did.options import Options
from analysis.did.panel.panel import NEVER, Panel
from analysis.did.registry import estimator
from analysis.did.results import Estimate

NAMES = (
    "imputation",
    "two_stage",
    "extended_twfe",
    "stacked",
    "local_projection",
    "local_projection_reweighted",
    "efficient",
    "dynamic_dcdh",
    "synthetic_did",
)
OPTIONS = Options(draws=20)
pytestmark = pytest.mark.parametrize("name", NAMES)


def numbers(rows: list[Estimate]) -> np.ndarray:
    """Estimates and errors of all rows but the joint test."""
    return np.array([(row.estimate, row.std_error) for row in rows if row.term != "pretrend_joint"])


def same(
    name: str,
    first: Panel,
    second: Panel,
    change: Callable[[np.ndarray], np.ndarray] | None = None,
    *,
    errors: bool = True,
) -> None:
    """Estimates, and errors unless ``errors`` is no, of two panels are the same after ``change``."""
    one, two = (numbers(estimator(name)(panel, OPTIONS)) for panel in (first, second))
    one = one if change is None else change(one)
    if not errors:
        one, two = one[:, 0], two[:, 0]
    assert two == pytest.approx(one, rel=1e-8, abs=1e-9, nan_ok=True)


def test_order_and_names_of_units_do_not_matter(name):
    panel = small_panel(81)
    order = np.random.default_rng(0).permutation(panel.n_units)
    shuffled = Panel.from_arrays(panel.outcome[order], panel.starts[order])
    same(name, panel, shuffled)


def test_order_of_rows_and_coding_of_time_do_not_matter(name):
    panel = small_panel(82)
    unit, time = np.indices(panel.outcome.shape)
    frame = pd.DataFrame({"unit": unit.ravel(), "time": time.ravel(), "y": panel.outcome.ravel()})
    frame["cohort"] = panel.starts[frame["unit"]]
    frame.loc[frame["cohort"] == NEVER, "cohort"] = np.nan
    quarters = frame.assign(
        unit="u" + frame["unit"].astype(str).str.zfill(2),
        time=[f"{2015 + t // 4}Q{t % 4 + 1}" for t in frame["time"]],
        cohort=["" if np.isnan(g) else f"{2015 + int(g) // 4}Q{int(g) % 4 + 1}" for g in frame["cohort"]],
    )
    columns = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "cohort"}
    shuffled = quarters.sample(frac=1, random_state=1)
    same(name, Panel.from_arrays(panel.outcome, panel.starts), Panel.from_frame(shuffled, **columns))


def test_constants_and_period_effects_do_not_matter(name):
    panel = small_panel(83)
    moved = panel.outcome + 100 + np.linspace(-3, 8, panel.n_periods) ** 2
    if name == "synthetic_did":  # its noise level is that of all changes, period effects among them
        moved = panel.outcome + 100
    same(name, panel, replace(panel, outcome=moved), errors=name != "stacked")


def test_unit_effects_do_not_matter(name):
    panel = small_panel(84)
    levels = np.random.default_rng(2).normal(0, 5, (panel.n_units, 1))
    if name == "synthetic_did":  # donors are put in order of their outcomes before they are drawn
        levels = np.sort(levels, axis=0)
        panel = replace(panel, outcome=panel.outcome[np.lexsort((panel.outcome[:, 0], panel.starts))])
    lifted = replace(panel, outcome=panel.outcome + levels)
    if name == "efficient":  # by design: random timing lets it use levels before treatment
        one, two = (estimator(name)(given, OPTIONS)[0].estimate for given in (panel, lifted))
        assert abs(one - two) > 1e-3
    else:
        same(name, panel, lifted)


def test_scale_and_sign_of_the_outcome_carry_over(name):
    panel = small_panel(85)
    factor = np.array([-3.0, 3.0])
    if name == "synthetic_did":  # the order of the donors, hence the draws, would turn round
        factor = np.array([3.0, 3.0])
    same(name, panel, replace(panel, outcome=factor[0] * panel.outcome), lambda found: found * factor)


def test_equal_effect_without_noise_is_recovered_exactly(name):
    rng = np.random.default_rng(3)
    starts = np.repeat([4, 6, NEVER], 6)
    base = rng.normal(size=(18, 1)) + rng.normal(size=9)
    panel = Panel.from_arrays(base + 2.5 * (np.arange(9) >= starts[:, None]), starts)
    rows = estimator(name)(panel, OPTIONS)
    effects = [row.estimate for row in rows if row.term == "att"]
    assert effects == pytest.approx([2.5], abs=1e-6)


def test_last_cohort_alone_as_control_gives_effects_before_its_start_only(name):
    rows = estimator(name)(reference_panel("sim_nyt"), OPTIONS)
    assert rows[0].estimate == pytest.approx(rows[0].estimate)
    assert not [row for row in rows if row.period is not None and row.period >= 24]
    assert not [row for row in rows if row.cohort == 24]
    assert "24 to 30 are left out" in rows[0].note


def test_outcomes_after_the_last_start_change_nothing_where_nobody_is_untreated(name):
    panel = reference_panel("sim_nyt")
    moved = panel.outcome.copy()
    moved[:, 23:] += np.random.default_rng(4).normal(0, 50, (31, 7))
    same(name, panel, replace(panel, outcome=moved))


def test_always_treated_units_do_not_matter(name):
    panel = small_panel(86)
    extra = np.random.default_rng(5).normal(size=(2, 9))
    joined = Panel.from_arrays(np.vstack([panel.outcome, extra]), np.append(panel.starts, [0, 0]))
    same(name, panel, joined)
