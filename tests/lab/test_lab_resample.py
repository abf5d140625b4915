"""Fast bootstrap and control-based tests: fed the engine's own draws they give its p-values."""

import numpy as np
import pytest
from scipy.optimize import nnls

from analysis.did import Options
from analysis.did.inference.few_treated import conley_taber, ferman_pinto
from analysis.did.inference.wild import WEIGHTS, wild_tests
from analysis.lab import resample
from analysis.lab.methods import draw_block
from analysis.lab.permute import ASSIGNMENTS

ERROR = 4 * np.sqrt(0.25 / ASSIGNMENTS)  # four Monte Carlo errors of a p-value, at its worst


def wild(case, weights) -> float:
    return float(resample.wild_p_values(case.own, case.value, case.spread, case.draws.member, weights)[0, 0])


def test_six_point_weights_give_the_p_value_of_the_engine_from_the_same_draws(cases) -> None:
    for case in cases:
        (test,) = wild_tests(case.panel, "twfe", Options(), weights="webb", draws=1_999, seed=3)
        weights = np.random.default_rng(3).choice(WEIGHTS["webb"], size=(1_999, 15))
        assert wild(case, weights.T) == pytest.approx(test.p_value, abs=1e-12)


@pytest.mark.parametrize(("name", "drawn"), [("rademacher", "signs"), ("webb", "six")])
def test_drawn_weights_agree_with_the_engine(cases, model, name: str, drawn: str) -> None:
    for case in cases:
        (test,) = wild_tests(case.panel, "twfe", Options(), weights=name)
        block = draw_block(case.calendar, model, case.draws, [1])
        assert wild(case, getattr(block, drawn)) == pytest.approx(test.p_value, abs=ERROR)


def test_conley_taber_agrees_with_the_engine(cases, model) -> None:
    for case in cases:
        drawn = draw_block(case.calendar, model, case.draws, [1])
        found = resample.conley_taber_p_values(
            case.own, case.value, case.draws.member, case.calendar, drawn.times
        )
        (test,) = conley_taber(case.panel, "twfe", Options())
        assert found[0, 0] == pytest.approx(test.p_value, abs=2 * ERROR)  # twice a tail


def ferman(case, picks, sizes) -> float:
    found = resample.ferman_pinto_p_values(
        case.own, case.value, case.draws.member, case.calendar, picks, sizes
    )
    return float(found[0, 0])


def test_ferman_pinto_gives_the_p_value_of_the_engine_from_the_same_draws(cases, model) -> None:
    for case in cases:
        (test,) = ferman_pinto(case.panel, "twfe", Options(), model.residents, draws=1_999, seed=4)
        picks = np.random.default_rng(4).integers(10, size=(1_999, 5))
        assert ferman(case, picks, model.residents) == pytest.approx(test.p_value, abs=1e-12)


def test_drawn_controls_agree_with_the_engine_on_ferman_pinto(cases, model) -> None:
    for case in cases:
        (test,) = ferman_pinto(case.panel, "twfe", Options(), model.residents)
        block = draw_block(case.calendar, model, case.draws, [1])
        assert ferman(case, block.picks, model.residents) == pytest.approx(test.p_value, abs=2 * ERROR)


def test_variances_by_size_are_the_least_squares_without_negative_parts() -> None:
    rng = np.random.default_rng(0)
    inverse = rng.uniform(0.2, 3.0, size=(60, 12))
    squares = rng.exponential(size=(1, 60, 12)) * (inverse ** rng.choice([-1, 0, 1, 3], size=(60, 1)))
    level, slope = resample.size_variances(squares, inverse)
    expected = np.array(
        [nnls(np.column_stack([np.ones(12), x]), y)[0] for x, y in zip(inverse, squares[0], strict=True)]
    )
    assert (expected == 0).any(axis=0).all()  # both bounds bind somewhere
    assert np.column_stack([level[0], slope[0]]) == pytest.approx(expected, abs=1e-9)


def test_controls_without_residuals_have_a_constant_variance() -> None:
    level, slope = resample.size_variances(np.zeros((1, 1, 4)), np.ones((1, 4)))
    assert (level[0, 0], slope[0, 0]) == (1.0, 0.0)
