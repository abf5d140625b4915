"""Conley-Taber and Ferman-Pinto by hand and by simulated size; leave-one-out and placebos."""

import numpy as np
import pytest
from did.peers import overall, small_panel

from analysis.base.errors import InputError
from analysis.did import Options, Panel, estimate
from analysis.did.inference.few_treated import conley_taber, ferman_pinto, size_variance
from analysis.did.inference.leave_out import (
    leave_one_cohort_out,
    leave_one_unit_out,
    placebo_dates,
    placebo_units,
)
from analysis.did.panel.panel import NEVER


def one_treated(seed=0, controls=20, periods=6):
    rng = np.random.default_rng(seed)
    return Panel.from_arrays(rng.normal(size=(controls + 1, periods)), np.array([4] + [NEVER] * controls))


def test_with_one_treated_unit_the_comparison_is_with_each_control_less_the_control_mean():
    panel = one_treated()
    change = panel.outcome[:, 4:].mean(axis=1) - panel.outcome[:, :4].mean(axis=1)
    placebo = change[1:] - change[1:].mean()
    effect = change[0] - change[1:].mean()
    (found,) = conley_taber(panel, "twfe", Options(level=0.9))
    assert found.mc_error == 0 and not found.exact and found.comparisons == 20  # all picks, not all lotteries
    assert found.estimate == pytest.approx(effect)
    tail = min((placebo >= effect).sum(), (placebo <= effect).sum())
    assert found.p_value == pytest.approx(min(1, 2 * (1 + tail) / 21))
    low, high = np.quantile(placebo, [0.05, 0.95])
    assert (found.ci_low, found.ci_high) == pytest.approx((effect - high, effect - low))


def test_equal_sizes_change_nothing():
    panel = one_treated(3)
    (plain,) = conley_taber(panel, "twfe", Options())
    (sized,) = ferman_pinto(panel, "twfe", Options(), np.full(21, 5.0))
    assert (sized.p_value, sized.ci_low) == pytest.approx((plain.p_value, plain.ci_low))


def test_variance_by_size_is_read_off_exact_squares():
    sizes = np.array([1.0, 2, 4, 8, 16])
    assert size_variance(3 + 7 / sizes, sizes) == pytest.approx((3, 7))


def test_variance_that_grows_with_size_is_read_as_constant():
    sizes = np.array([1.0, 2, 3, 4])
    level, slope = size_variance(sizes, sizes)
    assert slope == 0
    assert level == pytest.approx(2.5)


def test_a_small_noisy_treated_unit_needs_the_size_correction():
    # True effect 0; variance 1 / size; the treated unit is 25 times smaller than the controls.
    rng = np.random.default_rng(5)
    sizes = np.array([1.0] + [5.0] * 20 + [25.0] * 20)
    starts = np.array([2] + [NEVER] * 40)
    rejected = np.zeros(2)
    for _ in range(200):
        panel = Panel.from_arrays(rng.normal(size=(41, 4)) / np.sqrt(sizes)[:, None], starts)
        rejected[0] += conley_taber(panel, "twfe", Options())[0].p_value <= 0.1
        rejected[1] += ferman_pinto(panel, "twfe", Options(), sizes)[0].p_value <= 0.1
    assert rejected[0] / 200 > 0.35
    assert rejected[1] / 200 < 0.20


def test_every_unit_is_left_out_once():
    panel = small_panel(1)
    found = leave_one_unit_out(panel, "group_time", Options())
    assert [r.changed for r in found] == [str(u) for u in panel.units]
    kept = np.arange(panel.n_units) != 3
    expected = overall(estimate(panel.of_units(kept), "group_time", Options())).estimate
    assert found[3].estimate.estimate == pytest.approx(expected)


def test_without_the_only_treated_unit_one_refit_is_empty_and_the_others_stand():
    found = leave_one_unit_out(one_treated(), "twfe", Options())
    assert [r.changed for r in found if np.isnan(r.estimate.estimate)] == ["0"]
    assert found[0].estimate.note.startswith("Not computed: ")


def test_cohorts_that_start_after_the_panel_are_left_out_as_controls():
    rng = np.random.default_rng(2)
    panel = Panel.from_arrays(rng.normal(size=(12, 5)), np.array([3] * 4 + [6] * 4 + [8] * 4))
    found = leave_one_cohort_out(panel, "twfe", Options())
    assert len(found) == 2  # without the one treated cohort there is nothing to estimate
    assert all(r.panel.n_units == 8 for r in found)


def test_placebo_dates_use_no_treated_period():
    panel = small_panel(2)
    spoiled = Panel.from_arrays(panel.outcome + 1e6 * (np.arange(panel.n_periods) >= 4), panel.starts)
    before = placebo_dates(panel, "twfe", Options())
    after = placebo_dates(spoiled, "twfe", Options())
    assert [r.changed for r in before] == ["1", "2", "3"]
    assert [r.estimate.estimate for r in after] == pytest.approx([r.estimate.estimate for r in before])


def test_placebo_dates_need_two_periods_before_the_start():
    panel = Panel.from_arrays(np.random.default_rng(0).normal(size=(6, 4)), np.array([1, 1] + [NEVER] * 4))
    with pytest.raises(InputError, match="1 periods precede the first start"):
        placebo_dates(panel, "twfe", Options())


def test_placebo_units_leave_the_treated_out_and_sum_to_zero():
    panel = one_treated(1)
    found = placebo_units(panel, "twfe", Options())
    assert len(found) == 20
    # Each is 20/19 of a deviation from the control mean, and deviations sum to zero.
    assert sum(r.estimate.estimate for r in found) == pytest.approx(0, abs=1e-10)


def test_too_few_controls_are_refused():
    with pytest.raises(InputError, match="5 units are untreated throughout"):
        conley_taber(one_treated(controls=5), "twfe", Options())


def test_sizes_must_be_positive():
    with pytest.raises(InputError, match="sizes must be positive"):
        ferman_pinto(one_treated(), "twfe", Options(), np.zeros(21))
