"""The wild cluster bootstrap against fwildclusterboot and against the slow way, draw by draw."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from did.peers import reference_panel

from analysis.base.errors import InputError
from analysis.did import Options, Panel
from analysis.did.inference.regression import read_regression
from analysis.did.inference.wild import wild_bootstrap, wild_tests
from analysis.did.panel.panel import NEVER

VALUES = pd.read_csv(Path(__file__).parents[2] / "data/reference/did/inference_reference.csv")


def few_clusters(seed=2):
    rng = np.random.default_rng(seed)
    outcome = rng.normal(size=(8, 5)).cumsum(axis=1)
    outcome[:3, 3:] += 0.8
    return Panel.from_arrays(outcome, np.array([3, 3, 3] + [NEVER] * 5))


def plain(panel, null):
    """All sign changes, each regression run again on dummies for every unit and period."""
    n, t = panel.outcome.shape
    unit, period = np.repeat(np.arange(n), t), np.tile(np.arange(t), n)
    effect = (period >= panel.cohort[unit]).astype(float)
    fixed = np.hstack([np.eye(n)[unit], np.eye(t)[period][:, 1:]])
    full = np.column_stack([effect, fixed])
    solve, y = np.linalg.pinv(full), panel.outcome.reshape(-1)
    base = y - null * effect
    fitted = fixed @ np.linalg.lstsq(fixed, base, rcond=None)[0]

    def t_value(values):
        b = solve @ values
        scores = np.bincount(unit, solve[0] * (values - full @ b), n)
        return (b[0] - null) / np.sqrt(scores @ scores)

    actual = abs(t_value(y))
    drawn = [
        abs(t_value(null * effect + fitted + np.array(v)[unit] * (base - fitted)))
        for v in product((-1, 1), repeat=n)
    ]
    return np.mean(np.array(drawn) >= actual * (1 - 1e-9))


@pytest.mark.parametrize("null", [0.0, 0.5, -1.0])
def test_enumerated_p_value_is_that_of_running_every_regression_again(null):
    boot = wild_bootstrap(read_regression(few_clusters(), "twfe", Options()), 0)
    assert boot.exact
    assert boot.p_value(null) == pytest.approx(plain(few_clusters(), null), abs=1e-12)


@pytest.mark.parametrize("weights", ["rademacher", "webb"])
@pytest.mark.parametrize("dataset", ["mpdta", "sim_nyt"])
def test_p_value_agrees_with_fwildclusterboot_up_to_simulation(dataset, weights):
    chosen = VALUES[(VALUES["estimator"] == f"WCB_{weights}") & (VALUES["dataset"] == dataset)]
    chosen = chosen.set_index("parameter")
    (found,) = wild_tests(reference_panel(dataset), "twfe", Options(), weights=weights)
    p = chosen.at["p_value", "estimate"]
    # Both sides drew 9,999 times; four standard errors of the difference.
    assert found.p_value == pytest.approx(p, abs=4 * np.sqrt(2 * max(p, 1e-4) / 9_999))
    width = chosen.at["att", "ci_high"] - chosen.at["att", "ci_low"]
    assert found.ci_low == pytest.approx(chosen.at["att", "ci_low"], abs=0.025 * width)
    assert found.ci_high == pytest.approx(chosen.at["att", "ci_high"], abs=0.025 * width)


def test_interval_ends_where_the_p_value_crosses_five_per_cent():
    boot = wild_bootstrap(read_regression(reference_panel("sim_never"), "twfe", Options()), 0, draws=1_999)
    low, high = boot.interval(0.95)
    for inside, outside in ((low + 1e-4, low - 1e-4), (high - 1e-4, high + 1e-4)):
        assert boot.p_value(inside) > 0.05
        assert boot.p_value(outside) <= 0.05


def test_shifting_the_outcome_by_an_effect_shifts_the_interval():
    panel = few_clusters()
    treated = np.arange(5) >= panel.cohort[:, None]
    moved = Panel.from_arrays(panel.outcome + 2.0 * treated, panel.starts)
    options = Options(level=0.8)  # eight clusters are too few for an interval at 95 %
    (before,), (after,) = wild_tests(panel, "twfe", options), wild_tests(moved, "twfe", options)
    assert after.ci_low == pytest.approx(before.ci_low + 2, abs=1e-5)
    assert after.ci_high == pytest.approx(before.ci_high + 2, abs=1e-5)


def test_with_one_treated_unit_and_no_effect_it_never_rejects():
    # The known failure of the restricted bootstrap (MacKinnon and Webb 2017): size near zero, not 5 %.
    rng = np.random.default_rng(4)
    starts = np.array([4] + [NEVER] * 30)
    for _ in range(40):
        panel = Panel.from_arrays(rng.normal(size=(31, 8)), starts)
        assert wild_bootstrap(read_regression(panel, "twfe", Options()), 0, draws=399).p_value() > 0.05


def test_unknown_weights_are_refused():
    with pytest.raises(InputError, match="no bootstrap weights 'normal'"):
        wild_bootstrap(read_regression(few_clusters(), "twfe", Options()), 0, weights="normal")


@pytest.mark.parametrize(("units", "treated"), [(4, 2), (5, 2), (5, 1)])
def test_with_too_few_sign_changes_for_a_five_per_cent_test_the_interval_is_everything(units, treated):
    # Five clusters have 2^4 sign patterns up to reversal: no p-value below 1/16.
    outcome = np.random.default_rng(units).normal(size=(units, 5))
    outcome[:treated, 3:] += 3
    panel = Panel.from_arrays(outcome, np.array([3] * treated + [NEVER] * (units - treated)))
    (found,) = wild_tests(panel, "twfe", Options())
    assert (found.ci_low, found.ci_high) == (-np.inf, np.inf)
    assert found.p_value >= 1 / 2 ** (units - 1)


def test_an_interval_of_few_clusters_has_ends_where_the_level_allows_them():
    outcome = np.random.default_rng(2).normal(size=(5, 5))
    outcome[:2, 3:] += 3
    panel = Panel.from_arrays(outcome, np.array([3] * 2 + [NEVER] * 3))
    (found,) = wild_tests(panel, "twfe", Options(level=0.5))
    assert np.isfinite([found.ci_low, found.ci_high]).all()
