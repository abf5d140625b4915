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
    rows = [{name: (value, error) for name, value, error in accuracy(run, 0.0)} for run in runs]
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


def fail_every(monkeypatch, period: int) -> None:
    """Make the first of every ``period`` runs of an estimator fail, each with a message of its own."""
    calls = iter(range(10_000))
    real = block.apply_estimator

    def fragile(name, *given):
        call = next(calls)
        if call % period == period - 1:
            raise np.linalg.LinAlgError(f"singular at {call}\nand more")
        return real(name, *given)

    monkeypatch.setattr(block, "apply_estimator", fragile)


def test_too_many_failed_replications_leave_nothing_reported_but_their_count_and_cause(
    model, calendar, monkeypatch
) -> None:
    fail_every(monkeypatch, 10)
    rows = table_of(experiment(Design("d", calendar), model, ("twfe",), direct=("efficient",)))
    rows = rows[rows["estimator"] == "efficient"]
    assert rows["failures"].tolist() == [5]
    assert rows["value"].isna().all()
    assert rows["note"].item() == (
        "Not reported, above 1 %: efficient failed in 5 of 50 replications; "
        "first in replication 9: LinAlgError: singular at 9"
    )


def test_a_failed_replication_is_named_and_left_out_of_the_averages(model, calendar, monkeypatch) -> None:
    case = experiment(Design("d", calendar), model, ("twfe",), direct=("efficient",))
    whole = [block.run_block(case, first, 50) for first in (0, 50)]
    fail_every(monkeypatch, 73)
    blocks = [block.run_block(case, first, 50) for first in (0, 50)]
    table = summarise(case, blocks, [(form, k) for k, form in enumerate(case.forms)])
    rows = table[table["estimator"] == "efficient"].set_index("metric")
    expected = np.delete(np.concatenate([b["direct_efficient"] for b in whole], axis=1)[0], 72)
    assert (rows["failures"] == 1).all()
    assert (rows["replications"] == 99).all()
    assert rows.loc["bias", "value"] == pytest.approx(expected.mean(), rel=1e-5)
    note = "efficient failed in 1 of 100 replications; first in replication 72: LinAlgError: singular at 72"
    assert set(rows["note"]) == {note}


def test_a_long_message_is_cut(model) -> None:
    assert len(block.failure_message(ValueError("x" * 1_000))) == block.MESSAGE_LENGTH


def test_power_with_several_waves_is_that_of_permutation_and_by_event_time(model, staggered) -> None:
    forms = find_forms(staggered, "group_time", events=True)[0]
    case = Experiment(Design("d", staggered), model, ("group_time",), power=True, forms=tuple(forms))
    table = table_of(case, 100)
    found = table[table["metric"] == "minimum_detectable_effect"]
    assert set(found["inference"]) == {"randomization"}
    # Wave one, from period 4, is seen until the last wave starts in period 10.
    assert found["event_time"].tolist() == ["", "0", "1", "2", "3", "4", "5"]
    assert (found["value"] > 0).all()


def test_the_power_curve_is_the_rejection_rate_with_the_effect_in_the_panels(model, staggered) -> None:
    (form,) = find_forms(staggered, "group_time", events=False)[0]
    null = Experiment(Design("d", staggered), model, ("group_time",), power=True, forms=(form,))
    k = 6
    size = block.effect_grid(form, null)[k] / model.noise_sd
    moved = Design("d", staggered, effect="constant", size=size)
    curve = block.run_block(null, 0, 50)["power"][0, :, 0]
    found = block.run_block(Experiment(moved, model, ("group_time",), forms=(form,)), 0, 50)
    assert 0 < curve[k] < 50
    assert curve[k] == found["reject_randomization"][0]


def test_a_defect_of_ours_is_not_counted_as_a_failed_replication(model, calendar, monkeypatch) -> None:
    def broken(*given):
        raise TypeError("a defect")

    monkeypatch.setattr(block, "apply_estimator", broken)
    with pytest.raises(TypeError):
        block.run_block(
            replace(experiment(Design("d", calendar), model, ("twfe",)), direct=("efficient",)), 0, 5
        )
