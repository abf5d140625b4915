"""What no estimator may depend on, and which of them must coincide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.did import NEVER, Estimate, Options, Panel, estimate

ALL = ("twfe", "event_study_twfe", "group_time", "sun_abraham", "imputation", "two_stage", "extended_twfe")
FEW = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@st.composite
def panels(draw: st.DrawFn, everybody: bool = False) -> Panel:
    """Small staggered panels: 2 or 3 cohorts, at least two units in each group."""
    periods = draw(st.integers(5, 8))
    cohorts = draw(st.lists(st.integers(1, periods - 1), min_size=2, max_size=3, unique=True))
    groups = [*cohorts, *([] if everybody else [NEVER])]
    sizes = draw(st.lists(st.integers(2, 4), min_size=len(groups), max_size=len(groups)))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    return Panel.from_arrays(rng.normal(size=(sum(sizes), periods)), np.repeat(groups, sizes))


def values(panel: Panel, name: str, options: Options | None = None) -> dict[tuple[object, ...], Estimate]:
    rows = estimate(panel, name, options or Options())
    return {(r.term, r.cohort, r.period, r.event_time): r for r in rows if r.term != "pretrend_joint"}


def assert_same(
    first: dict[tuple[object, ...], Estimate], second: dict[tuple[object, ...], Estimate], scale: float = 1.0
) -> None:
    assert first.keys() == second.keys()
    for key, row in first.items():
        assert second[key].estimate == pytest.approx(scale * row.estimate, rel=1e-7, abs=1e-8), key
        if row.std_error > 1e-6:
            assert second[key].std_error == pytest.approx(abs(scale) * row.std_error, rel=1e-6), key


@pytest.mark.parametrize("name", ALL)
@FEW
@given(panel=panels(), seed=st.integers(0, 1000))
def test_order_of_units_does_not_matter(name, panel, seed) -> None:
    order = np.random.default_rng(seed).permutation(panel.n_units)
    shuffled = Panel.from_arrays(panel.outcome[order], panel.starts[order])
    assert_same(values(panel, name), values(shuffled, name))


@pytest.mark.parametrize("name", ALL)
@FEW
@given(panel=panels(), seed=st.integers(0, 1000))
def test_unit_effects_period_effects_and_constants_drop_out(name, panel, seed) -> None:
    rng = np.random.default_rng(seed)
    moved = panel.outcome + 7 + 3 * rng.normal(size=(panel.n_units, 1)) + 3 * rng.normal(size=panel.n_periods)
    assert_same(values(panel, name), values(replace(panel, outcome=moved), name))


@pytest.mark.parametrize("name", ALL)
@FEW
@given(panel=panels(), scale=st.sampled_from([-2.0, 0.01, 1000.0]))
def test_estimates_and_errors_scale_with_the_outcome(name, panel, scale) -> None:
    scaled = replace(panel, outcome=scale * panel.outcome)
    assert_same(values(panel, name), values(scaled, name), scale)


@pytest.mark.parametrize("power", [-1000, -900, 900, 1021])
def test_outcomes_as_large_or_small_as_floats_go_have_the_same_errors(power: int) -> None:
    outcome = np.array([[1.0, 2.0, 4.0], [1.5, 2.0, 5.0], [0.5, 1.0, 2.0], [1.0, 2.5, 3.0], [2.0, 2.5, 3.0]])
    starts = np.array([2, 2, NEVER, NEVER, NEVER])
    plain, far = (
        estimate(Panel.from_arrays(y, starts), "group_time").att
        for y in (outcome / 8, outcome / 8 * 2.0**power)
    )
    assert far.estimate / 2.0**power == plain.estimate
    assert far.std_error / 2.0**power == pytest.approx(plain.std_error, rel=1e-12)


@pytest.mark.parametrize("name", ALL)
@FEW
@given(panel=panels())
def test_relabelled_time_changes_labels_only(name, panel) -> None:
    labels = tuple(f"20{10 + t // 4}Q{t % 4 + 1}" for t in range(panel.n_periods))
    renamed = {
        (term, None if c is None else labels[c], None if t is None else labels[t], e): row  # type: ignore[index]
        for (term, c, t, e), row in values(panel, name).items()
    }
    assert_same(renamed, values(replace(panel, times=labels), name))


@FEW
@given(panel=panels())
def test_never_treated_twins_of_the_controls_leave_estimates_unchanged(panel) -> None:
    # Doubling every never-treated unit changes no mean among the never treated.
    twins = panel.cohort == NEVER
    doubled = Panel.from_arrays(
        np.vstack([panel.outcome, panel.outcome[twins]]), np.r_[panel.starts, panel.starts[twins]]
    )
    options = Options(control="never")
    before, after = values(panel, "group_time", options), values(doubled, "group_time", options)
    for key, row in before.items():
        assert after[key].estimate == pytest.approx(row.estimate, rel=1e-9, abs=1e-10)


@FEW
@given(panel=panels(everybody=True))
def test_a_never_treated_twin_that_moves_like_the_controls_leaves_not_yet_cells_unchanged(panel) -> None:
    # The added unit moves exactly like the mean of each cell's controls if all untreated units move alike.
    common = np.random.default_rng(1).normal(size=panel.n_periods).cumsum()
    effect = np.where(np.arange(panel.n_periods) >= panel.cohort[:, None], panel.outcome, 0.0)
    without = Panel.from_arrays(common + effect, panel.starts)
    twin = Panel.from_arrays(np.vstack([common + effect, common]), np.r_[panel.starts, NEVER])
    before, after = values(without, "group_time"), values(twin, "group_time")
    cells = [key for key in before if key[0] == "group_time"]
    assert cells
    for key in cells:
        assert after[key].estimate == pytest.approx(before[key].estimate, abs=1e-10)


@FEW
@given(panel=panels())
def test_imputation_two_stage_and_extended_twfe_coincide(panel) -> None:
    first = values(panel, "imputation")
    post = [key for key in first if key[0] in ("att", "cohort") or (key[0] == "event" and key[3] >= 0)]
    assert post
    for name in ("two_stage", "extended_twfe"):
        other = values(panel, name)
        for key in post:
            assert other[key].estimate == pytest.approx(first[key].estimate, rel=1e-7, abs=1e-8), (name, key)


@FEW
@given(panel=panels())
def test_one_cohort_makes_all_estimators_of_the_effect_agree(panel) -> None:
    # With one cohort the static coefficient, imputation and the extended regression are one number.
    first = min(panel.cohorts)
    kept = (panel.cohort == first) | (panel.cohort == NEVER)
    single = Panel.from_arrays(panel.outcome[kept], panel.starts[kept])
    expected = estimate(single, "twfe")[0].estimate
    for name in ("imputation", "two_stage", "extended_twfe"):
        found = next(r.estimate for r in estimate(single, name) if r.term == "att")
        assert found == pytest.approx(expected, rel=1e-7, abs=1e-8)


@FEW
@given(panel=panels(), effect=st.floats(-5, 5))
def test_a_constant_effect_without_noise_is_found_exactly(panel, effect) -> None:
    treated = np.arange(panel.n_periods) >= panel.cohort[:, None]
    rng = np.random.default_rng(0)
    outcome = rng.normal(size=(panel.n_units, 1)) + rng.normal(size=panel.n_periods) + effect * treated
    exact = replace(panel, outcome=outcome)
    for name in ALL:
        found = next(r.estimate for r in estimate(exact, name) if r.term == "att")
        assert found == pytest.approx(effect, abs=1e-8), name
