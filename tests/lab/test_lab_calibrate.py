"""The fitted model of provinces."""

import numpy as np
import pytest

from analysis.base.errors import InputError
from analysis.lab.calibrate import calibrate, selection_strength, serial_covariance


def provinces(number: int, rho: float, trend: float, periods: int = 7, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    noise = rng.multivariate_normal(np.zeros(periods), serial_covariance(rho, periods), size=number)
    return (
        5 + rng.normal(size=(number, 1)) + trend * rng.normal(size=(number, 1)) * np.arange(periods) + noise
    )


def fit(before: np.ndarray):
    number = len(before)
    return calibrate(
        "toy", before, before[:, -1], np.arange(number) < 5, np.ones(number), np.zeros(number, int)
    )


@pytest.mark.parametrize(("rho", "trend"), [(0.0, 0.0), (0.6, 0.3), (0.8, 0.0)])
def test_a_known_model_is_recovered_from_seven_years(rho: float, trend: float) -> None:
    found = fit(provinces(4_000, rho, trend))
    # Tolerances exceed the largest error over twenty other seeds; a variance of zero is met from one side.
    assert found.rho == pytest.approx(rho, abs=0.06)
    assert found.noise_sd == pytest.approx(1.0, abs=0.03)
    assert found.drift_sd == pytest.approx(trend, abs=0.12)


def test_the_lagged_regression_understates_persistence_as_nickell_said() -> None:
    found = fit(provinces(4_000, 0.6, 0.3))
    # With M removing level and trend, sum (MGM)_{t,t-1} / sum (MGM)_{t-1,t-1}: -0.065 at rho 0.6, T 7.
    basis = np.column_stack([np.ones(7), np.arange(7)])
    remover = np.eye(7) - basis @ np.linalg.inv(basis.T @ basis) @ basis.T
    seen = remover @ serial_covariance(0.6, 7) @ remover
    expected = np.trace(seen, offset=-1) / np.trace(seen[:-1, :-1])
    assert expected < 0
    assert found.rho_uncorrected == pytest.approx(expected, abs=0.03)


def test_provinces_of_equal_noise_get_nearly_equal_scales() -> None:
    found = fit(provinces(31, 0.5, 0.1, seed=3))
    raw = np.diff(provinces(31, 0.5, 0.1, seed=3), axis=1).std(axis=1)
    assert np.ptp(np.log(found.sigma)) < 0.5 * np.ptp(np.log(raw))


@pytest.mark.parametrize("spoil", ["gap", "short", "flat"])
def test_series_that_cannot_calibrate_are_refused(spoil: str) -> None:
    before = provinces(31, 0.5, 0.1)
    if spoil == "gap":
        before[3, 2] = np.nan
    if spoil == "short":
        before = before[:, :4]
    if spoil == "flat":
        before = np.tile(before[:1], (31, 1))
    with pytest.raises(InputError):
        fit(before)


def test_selection_is_as_strong_as_the_real_wave_is_rich() -> None:
    income = np.random.default_rng(1).normal(size=31)
    wave = np.zeros(31, dtype=bool)
    wave[np.argsort(-income)[[0, 2, 4, 6, 9, 12, 20]]] = True
    strength = selection_strength(income, wave, seed=0)
    noise = np.random.default_rng(9).gumbel(size=(20_000, 31))
    chosen = np.argsort(-(strength * income + noise), axis=1)[:, :7]
    assert income[chosen].mean() == pytest.approx(income[wave].mean(), abs=0.03)


def test_a_poor_first_wave_means_no_selection_of_the_rich() -> None:
    income = np.linspace(-1, 1, 31)
    assert selection_strength(income, np.arange(31) < 7, seed=0) == 0.0
