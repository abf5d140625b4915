"""The fast tests against the engine's own, one panel at a time."""

import numpy as np
import pytest

from analysis.did import Options, Panel, estimate
from analysis.did.inference import randomization_p_value
from analysis.did.inference.few_treated import conley_taber
from analysis.did.inference.robust import robust_tests
from analysis.did.inference.wild import wild_tests
from analysis.lab import methods
from analysis.lab.design import Design, simulate
from analysis.lab.forms import find_forms, own_scores, scores

ERROR = 4 * np.sqrt(0.25 / methods.ASSIGNMENTS)  # four Monte Carlo errors of a p-value, at its worst


@pytest.fixture
def case(model, calendar):
    """One panel with an effect, its engine twin, and the scores of the static coefficient."""
    drawn = simulate(Design("d", calendar, effect="constant", size=0.7), model, range(1))
    panel = Panel.from_arrays(drawn.outcome[0], np.array(calendar.starts)[drawn.member[0]])
    forms, _ = find_forms(calendar, "twfe", events=False)
    values = scores(forms, drawn.outcome, calendar.sizes)
    return panel, values, drawn.member, calendar


@pytest.mark.parametrize(("kind", "name"), [("CR1", "cr1_t"), ("CR2", "cr2_satterthwaite"), ("CR3", "cr3_t")])
def test_clustered_intervals_are_those_of_the_regression(case, kind: str, name: str) -> None:
    panel, values, member, calendar = case
    test = robust_tests(panel, "twfe", Options(), (kind,))[0]
    spread = methods.spread_of(own_scores(values, member), member, 2)
    reach = methods.student_reach(spread, calendar, 0.95)[name][0, 0]
    assert own_scores(values, member).sum() == pytest.approx(test.estimate)
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


@pytest.mark.parametrize("studentised", [False, True])
def test_drawn_assignments_agree_with_all_assignments(case, studentised: bool) -> None:
    panel, values, member, calendar = case
    exact = randomization_p_value(panel, "twfe", Options(), studentised=studentised)
    assert exact.exact
    drawn = methods.draw_block(calendar, [1])
    found, errors = methods.permuted(values, drawn, calendar)
    own = own_scores(values, member)
    seen = np.abs(own.sum(axis=-1))
    if studentised:
        found, seen = found / errors, seen / np.sqrt(methods.spread_of(own, member, 2).sum(axis=0))
    assert methods.share(np.abs(found), seen)[0, 0] == pytest.approx(exact.p_value, abs=ERROR)


def test_the_wild_bootstrap_agrees_with_the_engine(case) -> None:
    panel, values, member, calendar = case
    own = own_scores(values, member)
    spread = methods.spread_of(own, member, 2)
    found = methods.wild_p_values(own, own.sum(axis=-1), spread, member, methods.draw_block(calendar, [1]))
    assert found[0, 0] == pytest.approx(wild_tests(panel, "twfe", Options())[0].p_value, abs=ERROR)


def test_conley_taber_agrees_with_the_engine(case) -> None:
    panel, values, member, calendar = case
    own = own_scores(values, member)
    drawn = methods.draw_block(calendar, [1])
    found = methods.conley_taber_p_values(own, own.sum(axis=-1), member, calendar, drawn)
    # Twice a tail, so twice the error of a share.
    assert found[0, 0] == pytest.approx(conley_taber(panel, "twfe", Options())[0].p_value, abs=2 * ERROR)


def size_of(design: Design, model, replications: int = 1_000) -> dict[str, float]:
    drawn = simulate(design, model, range(replications), strength=2.0)
    forms, _ = find_forms(design.calendar, "group_time", events=False)
    values = scores(forms, drawn.outcome, design.calendar.sizes)
    block = methods.draw_block(design.calendar, [5])
    found = methods.rejections(values, drawn.member, design.calendar, block)
    return {name: float(hit.mean()) for name, hit in found.items()}


def test_randomisation_keeps_its_size_among_exchangeable_provinces(model, calendar) -> None:
    size = size_of(Design("d", calendar), model)
    assert size["randomization"] == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 1_000))
    assert size["randomization_studentised"] == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 1_000))


def test_randomisation_rejects_a_true_null_when_the_treated_drift_away(model, calendar) -> None:
    assert size_of(Design("d", calendar, violation=10.0), model, 400)["randomization"] > 0.5


def test_normal_intervals_reject_too_often_with_few_treated(model, calendar) -> None:
    assert size_of(Design("d", calendar), model)["influence_normal"] > 0.07
