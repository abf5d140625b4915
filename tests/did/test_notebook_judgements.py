"""Inference and sensitivity that take a result, and sensitivity of a user's own event study."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from did.peers import small_panel
from linearmodels.panel import PanelOLS

import analysis.did as did
from analysis.did import EventStudy, Options
from analysis.did.errors import InputError
from analysis.did.inference.leave_out import leave_one_unit_out
from analysis.did.inference.wild import wild_tests
from analysis.did.sensitivity import average_effect, relative_magnitude_set, smoothness_set


def two_groups(seed: int = 0) -> did.Panel:
    """Eight treated and twelve untreated units over six periods, start in the fourth."""
    outcome = np.random.default_rng(seed).normal(size=(20, 6))
    outcome[:8, 3:] += 2.0
    return did.Panel.from_arrays(outcome, np.where(np.arange(20) < 8, 3, did.NEVER))


def test_randomization_asks_about_the_estimate_of_the_result():
    outcome = np.column_stack([np.zeros(8), [0.0, 1, 2, 3, 4, 5, 6, 20]])
    panel = did.Panel.from_arrays(outcome, np.where(np.arange(8) >= 5, 1, did.NEVER))
    table = did.randomization(did.twfe(panel))
    # Of the 56 choices of 3 in 8 none gives as large a difference of means but the one seen.
    assert table.loc[0, "assignments"] == 56
    assert table.loc[0, "p_value"] == pytest.approx(1 / 56)
    assert bool(table.loc[0, "exact"])


def test_randomization_covers_event_times_and_the_terms_asked_for():
    result = did.group_time(two_groups())
    table = did.randomization(result, draws=99)
    assert table["event_time"].dropna().tolist() == [-3, -2, 0, 1, 2]
    assert did.randomization(result, terms=["att"], draws=99)["term"].tolist() == ["att"]


def test_wild_bootstrap_is_that_of_the_panel_and_the_level():
    panel = two_groups(1)
    table = did.wild(did.twfe(panel, level=0.9), draws=499)
    (expected,) = wild_tests(panel, "twfe", Options(level=0.9), draws=499)
    assert table.loc[0, "p_value"] == expected.p_value
    assert (table.loc[0, "ci_low"], table.loc[0, "ci_high"]) == (expected.ci_low, expected.ci_high)


def test_wild_bootstrap_of_another_estimator_is_refused():
    with pytest.raises(InputError, match="group_time is not a two-way regression"):
        did.wild(did.group_time(two_groups()))


def test_leave_one_out_follows_the_choices_of_the_result():
    panel = small_panel(3)
    table = did.leave_one_out(did.group_time(panel, control="never", base="varying"))
    expected = leave_one_unit_out(panel, "group_time", Options(control="never", base="varying"))
    assert table["left_out"].tolist() == [str(unit) for unit in panel.units]
    assert table["estimate"].tolist() == [refit.estimate.estimate for refit in expected]


def test_leave_one_out_of_something_else_is_refused():
    with pytest.raises(InputError, match="what is 'period'"):
        did.leave_one_out(did.twfe(two_groups()), what="period")


def test_honest_set_of_a_result_is_that_of_its_coefficients_and_covariance():
    panel = two_groups(2)
    change = panel.outcome - panel.outcome[:, [2]]
    kept = [0, 1, 3, 4, 5]
    means = change[:8].mean(axis=0) - change[8:].mean(axis=0)
    covariance = sum(np.cov(part[:, kept].T, ddof=0) / len(part) for part in (change[:8], change[8:]))
    study = EventStudy(means[:2], means[3:], covariance)
    low, high = relative_magnitude_set(study, average_effect(study), 0.5)
    found = did.honest(did.group_time(panel), bound=0.5)
    assert found.estimate == pytest.approx(means[3:].mean())
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)


def test_own_event_study_of_linearmodels_gives_the_set_of_its_numbers():
    panel = two_groups(4)
    unit, period = np.nonzero(panel.observed)
    index = pd.MultiIndex.from_arrays([unit, period])
    columns = {t - 3: ((unit < 8) & (period == t)).astype(float) for t in (0, 1, 3, 4, 5)}
    fit = PanelOLS(
        pd.Series(panel.outcome.ravel(), index=index), pd.DataFrame(columns, index=index),
        entity_effects=True, time_effects=True,
    ).fit(cov_type="clustered", cluster_entity=True)  # fmt: skip
    study = EventStudy(fit.params.to_numpy()[:2], fit.params.to_numpy()[2:], fit.cov.to_numpy())
    expected = smoothness_set(study, np.array([1.0, 0, 0]), 0.1, level=0.9)
    found = did.honest(fit.params, fit.cov, bound=0.1, violation="smoothness", effect="first", level=0.9)
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-9)
    shuffled = [3, 0, 4, 1, 2]
    again = did.honest(
        fit.params.iloc[shuffled], fit.cov.iloc[shuffled, shuffled], bound=0.1, violation="smoothness",
        effect="first", level=0.9,
    )  # fmt: skip
    assert (again.low, again.high) == (found.low, found.high)


def test_breakdown_is_where_the_set_first_holds_zero():
    found = did.honest(did.group_time(two_groups(2)), bound=0.0)
    assert found.low > 0
    result = did.group_time(two_groups(2))
    assert did.honest(result, bound=found.breakdown * 0.98).low > 0
    assert did.honest(result, bound=found.breakdown * 1.02).low <= 1e-3


def test_anticipation_of_the_result_moves_the_reference():
    result = did.group_time(two_groups(2), anticipation=1)
    assert did.honest(result).estimate == pytest.approx(
        result.event_study().loc[[0, 1, 2], "estimate"].mean()
    )


V = np.eye(4)
OWN = pd.Series([0.1, -0.1, 1.0, 1.2], index=[-3, -2, 0, 1])
BAD = {
    "no covariance": (OWN, None, "need their covariance"),
    "another size": (OWN, np.eye(3), "covariance of as many rows"),
    "not finite": (OWN.where(OWN < 1), V, "covariance of as many rows"),
    "the reference": (OWN.set_axis([-3, -1, 0, 1]), V, "another reference than event time -1"),
    "twice": (OWN.set_axis([-3, -2, 0, 0]), V, "not different"),
    "words": (OWN.set_axis(["a", "b", "c", "d"]), V, "holds event times"),
    "halves": (OWN.set_axis([-2.5, -2, 0, 1]), V, "holds event times"),
    "one side": (OWN.set_axis([0, 1, 2, 3]), V, "no event study"),
}


@pytest.mark.parametrize(("coefficients", "covariance", "words"), BAD.values(), ids=BAD)
def test_own_event_study_that_is_none_is_refused(coefficients, covariance, words):
    with pytest.raises(InputError, match=words):
        did.honest(coefficients, covariance)


@pytest.mark.parametrize(("name", "choices"), [("group_time", {"base": "varying"})])
def test_event_times_with_other_references_are_refused(name, choices):
    with pytest.raises(InputError, match="another reference"):
        did.honest(did.estimate(two_groups(), name, **choices))


def test_imputation_leads_are_no_event_study_with_its_effects():
    with pytest.raises(InputError, match="two regressions"):
        did.honest(did.imputation(two_groups()))


@pytest.mark.parametrize("choice", [{"violation": "linear"}, {"effect": "last"}])
def test_unknown_choice_is_refused(choice):
    with pytest.raises(InputError, match=next(iter(choice))):
        did.honest(did.group_time(two_groups()), **choice)
