"""Simulated panels: seeds, assignments, effects and moments."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.lab.calibrate import serial_covariance
from analysis.lab.design import Calendar, Design, effect_path, simulate, true_effect


def test_a_replication_is_the_same_alone_and_among_others(model, calendar) -> None:
    design = Design("d", calendar, effect="constant", size=1.0)
    many, one = simulate(design, model, range(10)), simulate(design, model, range(7, 8))
    assert np.array_equal(many.outcome[7:8], one.outcome)
    assert np.array_equal(many.member[7:8], one.member)


def test_replications_differ(model, calendar) -> None:
    drawn = simulate(Design("d", calendar), model, range(2))
    assert not np.allclose(drawn.outcome[0], drawn.outcome[1])


def test_random_assignment_treats_every_province_equally_often(model, calendar) -> None:
    member = simulate(Design("d", calendar), model, range(3_000)).member
    assert ((member == 0).sum(axis=1) == 5).all()
    share = (member == 0).mean(axis=0)
    assert np.abs(share - 1 / 3).max() < 4 * np.sqrt(2 / 9 / 3_000)


def test_actual_assignment_treats_the_first_wave(model, calendar) -> None:
    member = simulate(Design("d", calendar, assignment="actual"), model, range(5)).member
    assert ((member == 0) == model.first_wave).all()


def test_selection_takes_the_rich_more_often_the_stronger_it_is(model, calendar) -> None:
    design = Design("d", calendar, assignment="selected")

    def richness(strength: float) -> float:
        chosen = simulate(design, model, range(500), strength).member == 0
        return float(np.broadcast_to(model.income, chosen.shape)[chosen].mean())

    assert richness(0.0) == pytest.approx(0.0, abs=0.1)
    assert richness(1.0) > 0.4
    assert richness(1_000.0) == pytest.approx(float(model.income[:5].mean()))


def test_a_difference_in_means_varies_as_the_formula_says(model, calendar) -> None:
    drawn = simulate(Design("d", calendar), model, range(4_000))
    contrast = np.concatenate([np.full(6, -1 / 6), np.full(3, 1 / 3)])
    own, treated = drawn.outcome @ contrast, drawn.member == 0
    gap = (own * treated).sum(axis=1) / 5 - (own * ~treated).sum(axis=1) / 10
    assert gap.std() == pytest.approx(model.contrast_sd(np.stack([contrast, -contrast]), (5, 10)), rel=0.05)
    assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(4_000)


def test_a_weighted_sum_of_three_waves_by_quarter_varies_as_the_formula_says(model) -> None:
    quarters = Calendar("q", 12, (4, 7, 10), (3, 5, 7), 0.25)
    drawn = simulate(Design("d", quarters), model, range(4_000))
    weights = np.random.default_rng(4).normal(size=(3, 12))
    weights -= weights.mean(axis=0)
    weights -= weights.mean(axis=1, keepdims=True)  # as in any difference-in-differences: levels drop out
    found = sum(
        ((drawn.outcome @ weights[h]) * (drawn.member == h)).sum(axis=1) / size
        for h, size in enumerate(quarters.sizes)
    )
    assert found.std() == pytest.approx(model.contrast_sd(weights, quarters.sizes, 0.25), rel=0.05)


def test_fourth_quarters_correlate_as_years_do(model) -> None:
    calm = replace(model, trend_sd=0 * model.trend_sd, sigma=np.ones(15), level=np.zeros(15))
    quarters = Calendar("q", 13, (4, 10**6), (5, 10), 0.25)
    outcome = simulate(Design("d", quarters), calm, range(4_000)).outcome
    flat = outcome[:, :, [3, 7, 11]].reshape(-1, 3)
    assert np.cov(flat.T) == pytest.approx(serial_covariance(0.6, 3), abs=0.05)


def test_a_violation_adds_its_size_to_the_first_wave_alone(model, calendar) -> None:
    plain = simulate(Design("d", calendar), model, range(3))
    bent = simulate(Design("d", calendar, violation=2.0), model, range(3))
    added = np.diff(bent.outcome - plain.outcome, axis=2)
    assert added[bent.member == 0] == pytest.approx(2.0 * model.drift_sd)
    assert added[bent.member == 1] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("trends", ["drawn", "kept"])
def test_provinces_keep_their_levels_before_the_start(model, calendar, trends: str) -> None:
    drawn = simulate(Design("d", calendar, trends=trends), model, range(4_000))
    before = drawn.outcome[:, :, : calendar.starts[0]].mean(axis=2)
    error = before.std(axis=0) / np.sqrt(4_000)
    assert (np.abs(before.mean(axis=0) - model.level) < 4.5 * error).all()


def test_growing_effects_average_to_the_hand_calculation(staggered) -> None:
    # Six identified years for wave one (1..6)/6 and three for wave two (1..3)/6; five provinces each.
    design = Design("d", staggered, effect="growing", size=2.0)
    expected = 2.0 * (sum(range(1, 7)) + sum(range(1, 4))) / 6 / 9
    assert true_effect(design, noise_sd=1.0) == pytest.approx(expected)
    assert true_effect(design, noise_sd=1.0, event_time=4) == pytest.approx(2.0 * 5 / 6)


def test_anticipation_shows_in_the_last_period_before_the_start_only(calendar) -> None:
    path = effect_path(Design("d", calendar, effect="anticipated", size=1.0), 3.0)
    assert path[0].tolist() == [0, 0, 0, 0, 0, 1.5, 3, 3, 3]
    assert not path[1].any()


def test_unequal_effects_average_to_zero_over_provinces(model, calendar) -> None:
    base = simulate(Design("d", calendar), model, range(2_000))
    moved = simulate(Design("d", calendar, effect="mean_zero", size=2.0), model, range(2_000))
    own = (moved.outcome - base.outcome)[moved.member == 0]
    assert np.abs(own[:, :6]).max() == 0
    assert own[:, 8].std() == pytest.approx(2.0 * model.noise_sd, rel=0.05)
    assert abs(own[:, 8].mean()) < 4 * own[:, 8].std() / 100
