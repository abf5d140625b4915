"""Rows of the table: Monte Carlo errors, minimum detectable effects, exact bias, failures."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.did import Options, Panel, estimate
from analysis.lab import block
from analysis.lab.catalogue import Experiment
from analysis.lab.design import Design, effect_path
from analysis.lab.forms import find_forms
from analysis.lab.summary import KEY, accuracy, minimum_detectable, share_error, summarise


def test_the_error_of_a_share_is_binomial() -> None:
    assert share_error(0.05, 2_000) == pytest.approx(0.004873397, rel=1e-6)  # sqrt(.05 * .95 / 2000)


def test_errors_of_accuracy_are_how_much_runs_differ() -> None:
    runs = np.random.default_rng(0).normal(0.3, 2.0, size=(4_000, 200))
    rows = [dict((name, (value, error)) for name, value, error in accuracy(run, 0.0)) for run in runs]
    for name in ("bias", "sd", "rmse"):
        values, errors = np.array([row[name] for row in rows]).T
        assert errors.mean() == pytest.approx(values.std(), rel=0.06)


def test_bias_and_rmse_of_three_estimates_by_hand() -> None:
    found = {name: value for name, value, _ in accuracy(np.array([1.0, 2.0, 6.0]), 1.0)}
    assert found["bias"] == pytest.approx(2.0)
    assert found["rmse"] == pytest.approx(np.sqrt((0 + 1 + 25) / 3))


def test_the_minimum_detectable_effect_is_interpolated() -> None:
    value, error = minimum_detectable(np.array([1.0, 2.0, 3.0]), np.array([0.2, 0.7, 0.9]), 100)
    assert value == pytest.approx(2.5)
    assert error == pytest.approx(0.04 / 0.2)


def test_a_grid_too_short_for_the_power_gives_no_number() -> None:
    assert np.isnan(minimum_detectable(np.array([1.0, 2.0]), np.array([0.2, 0.7]), 100)).all()


def experiment(design: Design, model, names: tuple[str, ...], **more) -> Experiment:
    forms = [form for name in names for form in find_forms(design.calendar, name, events=False)[0]]
    return Experiment(design, model, names, forms=tuple(forms), **more)


def table_of(case: Experiment, replications: int = 50):
    counts = [block.run_block(case, 0, replications)]
    return summarise(case, counts, [(form, k) for k, form in enumerate(case.forms)])


def test_exact_bias_is_that_of_the_estimator_on_a_panel_without_noise(model, staggered) -> None:
    design = Design("d", staggered, effect="growing_by_cohort", size=4.0)
    table = table_of(experiment(design, model, ("twfe", "imputation")))
    path = effect_path(design, model.noise_sd)
    panel = Panel.from_arrays(np.repeat(path, 5, axis=0), np.repeat([4, 7, 10], 5))
    truth = table.loc[table["metric"] == "truth", "value"].iloc[0]
    static = next(row.estimate for row in estimate(panel, "twfe", Options()) if row.term == "att")
    bias = table[table["metric"] == "exact_bias_percent"].set_index("estimator")["value"]
    assert bias["twfe"] == pytest.approx(100 * (static / truth - 1), rel=1e-4)
    assert bias["twfe"] < -10
    assert bias["imputation"] == pytest.approx(0.0, abs=1e-6)


def test_every_row_is_labelled_simulated_and_has_its_key_once(model, calendar) -> None:
    table = table_of(experiment(Design("d", calendar), model, ("twfe", "group_time"), power=True))
    assert set(table["evidence"]) == {"simulated"}
    assert not table.duplicated(list(KEY)).any()
    assert not table[list(KEY)].isna().any().any()


def test_intervals_cover_a_known_effect_as_often_as_they_miss_zero_under_the_null(model, calendar) -> None:
    names = ("group_time",)
    null = table_of(experiment(Design("d", calendar), model, names), 200)
    moved = table_of(experiment(Design("d", calendar, effect="constant", size=1.0), model, names), 200)
    size = null[null["metric"] == "size"].set_index("inference")["value"]
    cover = moved[moved["metric"] == "coverage"].set_index("inference")["value"]
    # A constant effect shifts estimate and truth alike, so this holds panel by panel.
    for name in ("cr2_satterthwaite", "influence_normal", "wild_rademacher"):
        assert cover[name] == pytest.approx(1 - size[name])


def test_failed_replications_are_counted_and_a_share_too_large_is_not_reported(
    model, calendar, monkeypatch
) -> None:
    calls = iter(range(10_000))
    real = block.apply_estimator

    def fragile(name, *given):
        if next(calls) % 10 == 0:
            raise np.linalg.LinAlgError("singular")
        return real(name, *given)

    monkeypatch.setattr(block, "apply_estimator", fragile)
    case = experiment(Design("d", calendar), model, ("twfe",), direct=("efficient",))
    rows = table_of(case)
    rows = rows[rows["estimator"] == "efficient"]
    assert rows["failures"].tolist() == [5]
    assert rows["value"].isna().all()
    assert "failed" in rows["note"].iloc[0]


def test_a_defect_of_ours_is_not_counted_as_a_failed_replication(model, calendar, monkeypatch) -> None:
    def broken(*given):
        raise TypeError("a defect")

    monkeypatch.setattr(block, "apply_estimator", broken)
    with pytest.raises(TypeError):
        block.run_block(
            replace(experiment(Design("d", calendar), model, ("twfe",)), direct=("efficient",)), 0, 5
        )
