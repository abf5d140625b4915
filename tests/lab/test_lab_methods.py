"""Intervals and the whole set of tests: against the engine's own, and their size."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.did import Options, Panel, estimate
from analysis.did.inference.robust import robust_tests
from analysis.lab import methods
from analysis.lab.calibrate import Calibration
from analysis.lab.catalogue import annual
from analysis.lab.design import Calendar, Design, simulate
from analysis.lab.forms import find_forms, own_scores, scores

MONTE_CARLO = 3 * np.sqrt(0.05 * 0.95 / 1_000)  # three errors of a rate of 5 % over 1,000 panels


@pytest.mark.parametrize(("kind", "name"), [("CR1", "cr1_t"), ("CR2", "cr2_satterthwaite"), ("CR3", "cr3_t")])
def test_clustered_intervals_are_those_of_the_regression(cases, kind: str, name: str) -> None:
    case = cases[0]
    test = robust_tests(case.panel, "twfe", Options(), (kind,))[0]
    reach = methods.student_reach(case.spread, case.calendar, 0.95)[name][0, 0]
    assert case.value[0, 0] == pytest.approx(test.estimate)
    assert reach == pytest.approx(test.ci_high - test.estimate, rel=1e-8)


def test_the_influence_interval_is_that_of_group_time_effects(model, calendar) -> None:
    drawn = simulate(Design("d", calendar), model, range(1))
    forms, _ = find_forms(calendar, "group_time", events=False)
    values = scores(forms, drawn.outcome, calendar.sizes)
    panel = Panel.from_arrays(drawn.outcome[0], np.array(calendar.starts)[drawn.member[0]])
    row = next(r for r in estimate(panel, "group_time", Options()) if r.term == "att_simple")
    spread = methods.spread_of(own_scores(values, drawn.member), drawn.member, 2)
    reach = methods.student_reach(spread, calendar, 0.95)["influence_normal"][0, 0]
    assert reach == pytest.approx(row.ci_high - row.estimate, rel=1e-8)


def size_of(design: Design, model: Calibration, replications: int = 1_000) -> dict[str, float]:
    drawn = simulate(design, model, range(replications), strength=2.0)
    forms, _ = find_forms(design.calendar, "group_time", events=False)
    values = scores(forms, drawn.outcome, design.calendar.sizes)
    block = methods.draw_block(design.calendar, model, drawn, [5])
    found = methods.rejections(values, drawn.member, design.calendar, block)
    return {name: float(hit.mean()) for name, hit in found.items()}


def many_provinces(model: Calibration, number: int) -> Calibration:
    """The toy model with more provinces, alike but in size."""
    return replace(
        model, sigma=np.ones(number), trend_sd=np.full(number, 0.1), trends=np.zeros(number),
        income=np.linspace(-1, 1, number), first_wave=np.arange(number) < 5,
        residents=np.linspace(60.0, 4.0, number), region=np.arange(number) * 3 // number,
        level=np.linspace(5, -5, number),
    )  # fmt: skip


def test_permutation_tests_keep_their_size_among_exchangeable_provinces(model, calendar) -> None:
    size = size_of(Design("d", calendar), model)
    assert size["randomization"] == pytest.approx(0.05, abs=MONTE_CARLO)
    assert size["randomization_studentised"] == pytest.approx(0.05, abs=MONTE_CARLO)
    assert size["randomization_region"] == pytest.approx(0.05, abs=MONTE_CARLO)
    assert size["randomization_size"] == pytest.approx(0.05, abs=MONTE_CARLO)


@pytest.mark.parametrize("scheme", ["randomization", "randomization_level"])
def test_permutation_keeps_its_size_drawn_by_lot_also_if_trends_follow_the_level(
    model, calendar, scheme: str
) -> None:
    # Every province keeps its own trend, which decides its level before and its change after the start.
    drifting = replace(model, trends=np.linspace(1.0, -1.0, 15))
    size = size_of(Design("d", calendar, trends="kept"), drifting)
    assert size[scheme] == pytest.approx(0.05, abs=MONTE_CARLO)


def test_the_wild_bootstrap_with_six_points_keeps_its_size_with_a_third_treated(model, calendar) -> None:
    size = size_of(Design("d", calendar), model)["wild_webb"]
    assert 0.05 - 2 * MONTE_CARLO < size < 0.05 + MONTE_CARLO


def test_ferman_pinto_keeps_its_size_with_many_controls_of_equal_variance(model) -> None:
    size = size_of(Design("d", annual("toy", 6, 3, 3, 60)), many_provinces(model, 60))["ferman_pinto"]
    # The control mean's error is ignored: 1.96 / (1 + 3/57)^.5 leaves 5.6 %.
    assert size == pytest.approx(0.056, abs=MONTE_CARLO)


def test_small_noisy_provinces_mislead_conley_taber_more_than_ferman_pinto(model) -> None:
    number = 60
    country = many_provinces(model, number)
    people = np.concatenate([np.full(3, 2.0), np.geomspace(2.0, 40.0, number - 3)])
    country = replace(
        country, residents=people, sigma=1 / np.sqrt(people), trend_sd=0 * people,
        first_wave=np.arange(number) < 3,
    )  # fmt: skip
    size = size_of(Design("d", annual("toy", 6, 3, 3, number), assignment="actual"), country)
    assert size["conley_taber"] > 0.15
    assert size["ferman_pinto"] < 0.1


def test_randomisation_rejects_a_true_null_when_the_treated_drift_away(model, calendar) -> None:
    assert size_of(Design("d", calendar, violation=10.0), model, 400)["randomization"] > 0.5


def test_normal_intervals_reject_too_often_with_few_treated(model, calendar) -> None:
    assert size_of(Design("d", calendar), model)["influence_normal"] > 0.07


def test_estimates_are_judged_alike_alone_and_beside_others(model, calendar) -> None:
    drawn = simulate(Design("d", calendar, effect="constant", size=1.0), model, range(50))
    forms = [form for name in ("twfe", "imputation") for form in find_forms(calendar, name, events=False)[0]]
    values = scores(forms, drawn.outcome, calendar.sizes)
    block = methods.draw_block(calendar, model, drawn, [5])
    both = methods.rejections(values, drawn.member, calendar, block)
    alone = methods.rejections(values[1:], drawn.member, calendar, block)
    assert all(np.array_equal(both[name][1:], alone[name]) for name in both)


def test_methods_for_one_cohort_are_left_out_with_more(model) -> None:
    waves = Calendar("toy_waves", 12, (4, 7, 10), (5, 5, 5))
    assert set(size_of(Design("d", waves), model, 50)) == {
        "influence_normal",
        "randomization",
        "randomization_studentised",
    }
