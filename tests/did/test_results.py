"""The results object: a sequence of records that answers questions, and refuses those it cannot answer."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pandas as pd
import pytest
from did.peers import reference_panel, small_panel, with_outcome
from scipy import stats

import analysis.did as did
from analysis.did import Estimate, Fitted, Options, Results
from analysis.did.errors import InputError
from analysis.did.estimators.averages import interval
from analysis.did.registry import ESTIMATORS, estimator
from analysis.did.results import FIELDS, of_columns


@pytest.fixture(scope="module")
def result() -> Results:
    return did.group_time(small_panel(7), control="never", draws=99)


def test_results_are_the_sequence_of_the_estimators_records(result):
    rows = estimator("group_time")(small_panel(7), Options(control="never", draws=99))
    assert repr(list(result)) == repr(list(rows))
    assert len(result) == len(rows)
    assert result[0].term == "att"
    assert [row.term for row in result[:2]] == ["att", "att_simple"]
    assert all(isinstance(row, Estimate) for row in result)
    with pytest.raises(FrozenInstanceError):
        result.names = ("twfe",)


def test_table_of_all_records_has_their_fields(result):
    table = result.frame()
    assert len(table) == len(result)
    assert table.loc[0, "estimate"] == result.att.estimate
    assert table.loc[table["term"] == "event", "event_time"].tolist() == [
        row.event_time for row in result if row.term == "event"
    ]


def test_event_study_is_in_order_of_time_with_the_reference_at_zero(result):
    table = result.event_study()
    assert table.index.tolist() == sorted(table.index)
    assert table.loc[-1, "estimate"] == 0
    assert np.isnan(table.loc[-1, "std_error"])
    assert -1 not in result.covariance().index


def test_group_time_effects_are_found_by_cohort_and_period(result):
    table = result.group_time()
    row = next(r for r in result if r.term == "group_time" and (r.cohort, r.period) == (4, 6))
    assert table.loc[(4, 6), "estimate"] == row.estimate
    assert table.loc[(4, 6), "event_time"] == 2


@pytest.mark.parametrize("name", ESTIMATORS)
def test_interval_at_the_level_of_the_options_is_the_one_reported(name):
    result = did.estimate(small_panel(5), name, Options(draws=20) if name.startswith("synth") else None)
    found = result.conf_int()
    expected = result.frame()
    assert found["lower"].to_numpy() == pytest.approx(expected["ci_low"].to_numpy(), rel=1e-9, nan_ok=True)
    assert found["upper"].to_numpy() == pytest.approx(expected["ci_high"].to_numpy(), rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", sorted(set(ESTIMATORS) - {"bacon"}))
def test_interval_at_another_level_is_the_one_estimated_at_that_level(name):
    choices = {"draws": 20} if name.startswith("synth") else {}
    wide = did.estimate(small_panel(5), name, **choices).conf_int(0.99)
    expected = did.estimate(small_panel(5), name, level=0.99, **choices).frame()
    assert wide["lower"].to_numpy() == pytest.approx(expected["ci_low"].to_numpy(), rel=1e-9, nan_ok=True)


@pytest.mark.parametrize("level", [0, 1, 1.5, -0.1])
def test_level_that_is_none_is_refused(result, level):
    with pytest.raises(InputError, match="level"):
        result.conf_int(level)


@pytest.mark.parametrize("name", ["group_time", "event_study_twfe", "sun_abraham", "stacked", "two_stage"])
def test_wald_test_of_one_effect_has_its_p_value(name):
    result = did.estimate(small_panel(8), name)
    row = next(r for r in result if r.term == "event" and r.event_time == 0)
    assert result.wald_test("event", [0]).p_value == pytest.approx(row.p_value, rel=1e-6)


def test_wald_test_is_the_quadratic_form_against_chi_squared(result):
    labels = [0, 1, 2]
    b = result.event_study().loc[labels, "estimate"].to_numpy() - 0.5
    v = result.covariance().loc[labels, labels].to_numpy()
    expected = b @ np.linalg.inv(v) @ b
    test = result.wald_test("event", labels, value=0.5)
    assert test.statistic == pytest.approx(expected)
    assert test.p_value == pytest.approx(stats.chi2.sf(expected, 3))
    assert test.distribution == "chi2(3)"
    assert test.null == "event 0, 1, 2 = 0.5"


def test_wald_test_of_a_regression_is_against_f_with_the_clusters(result):
    regression = did.event_study_twfe(small_panel(7))
    b = regression.event_study().loc[[0, 1], "estimate"].to_numpy()
    v = regression.covariance().loc[[0, 1], [0, 1]].to_numpy()
    test = regression.wald_test(labels=[0, 1])
    assert test.distribution == "F(2, 23)"
    assert test.p_value == pytest.approx(stats.f.sf(b @ np.linalg.inv(v) @ b / 2, 2, 23))


def test_more_restrictions_than_treated_clusters_bear_are_refused():
    outcome = np.random.default_rng(0).normal(size=(20, 8))
    panel = did.Panel.from_arrays(outcome, np.where(np.arange(20) < 3, 4, did.NEVER))
    with pytest.raises(InputError, match="2 effects cannot be tested jointly with 3 treated clusters"):
        did.group_time(panel).wald_test(labels=[0, 1])


def test_label_without_an_error_is_refused(result):
    with pytest.raises(InputError, match="event -1 has no error"):
        result.wald_test("event", [-1])


def test_pretrend_test_is_the_estimators_own_where_it_has_one(result):
    row = next(r for r in result if r.term == "pretrend_joint")
    test = result.test_pretrends()
    assert (test.statistic, test.p_value) == (row.estimate, row.p_value)


def test_pretrend_test_of_placebos_is_the_wald_test_of_them():
    result = did.sun_abraham(small_panel(6), window=(-4, 3))
    early = [-4, -3, -2]
    assert result.test_pretrends().p_value == pytest.approx(result.wald_test("event", early).p_value)


def test_pretrend_test_with_few_treated_clusters_takes_the_largest_t():
    outcome = np.random.default_rng(1).normal(size=(20, 8))
    outcome[:3, 0] += 25  # a difference before the start that nobody could overlook
    panel = did.Panel.from_arrays(outcome, np.where(np.arange(20) < 3, 4, did.NEVER))
    test = did.sun_abraham(panel).test_pretrends()
    assert test.distribution == "largest |t|"
    assert test.p_value < 0.01


def test_estimator_without_placebos_has_no_pretrend_test():
    with pytest.raises(InputError, match="no effects before the start"):
        did.two_stage(small_panel(2)).test_pretrends()


def test_several_estimators_are_taken_apart_by_name():
    both = did.estimate(small_panel(3), ["twfe", "group_time"])
    assert repr(both.of("group_time").att) == repr(did.group_time(small_panel(3)).att)
    with pytest.raises(InputError, match="several estimators"):
        _ = both.att
    with pytest.raises(InputError, match="group_tme is not among"):
        both.of("group_tme")


def test_term_that_an_estimator_has_not_is_refused_with_those_it_has():
    with pytest.raises(InputError, match="twfe has no event on this panel") as error:
        did.twfe(small_panel(3)).event_study()
    assert error.value.expected == "one of att"


def test_object_of_a_library_is_handed_on_and_its_absence_is_said(result):
    assert replace(result, parts=(Fitted(result.parts[0].rows, fit="the fit"),)).fit == "the fit"
    with pytest.raises(InputError, match="not read off a result of linearmodels"):
        _ = result.fit


def test_two_way_regression_hands_on_the_summary_of_linearmodels_with_the_same_digits():
    for result, name in (
        (did.twfe(small_panel(4)), "treated"),
        (did.event_study_twfe(small_panel(4)), "event_0"),
    ):
        assert type(result.fit).__module__.startswith("linearmodels")
        row = result.att if name == "treated" else next(r for r in result if r.event_time == 0)
        assert result.fit.params[name] == pytest.approx(row.estimate, rel=1e-12)
        assert result.fit.std_errors[name] == pytest.approx(row.std_error, rel=1e-12)
        assert "PanelOLS" in str(result.fit.summary)


def test_fast_kernel_has_no_object_of_a_library():
    with pytest.raises(InputError, match="linearmodels"):
        _ = did.twfe(small_panel(4), kernel="fast").fit


def test_outcomes_without_noise_leave_no_covariance():
    panel = small_panel(1)
    silent = with_outcome(panel, slice(None), np.arange(9.0) + (np.arange(9) >= panel.cohort[:, None]))
    result = did.group_time(silent)
    assert result.covariance("event").empty
    with pytest.raises(InputError, match="nothing to test"):
        result.wald_test()


def test_saved_results_come_back_whole_and_in_the_same_bytes(tmp_path, result):
    for path in (tmp_path / "one.npz", tmp_path / "two.npz"):
        result.save(path)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    again = did.load(tmp_path / "one.npz")
    assert again.panel == result.panel
    assert again.options == result.options
    pd.testing.assert_frame_equal(again.frame(), result.frame(), check_exact=True)
    for term in ("event", "group_time", "att", "calendar"):
        pd.testing.assert_frame_equal(again.covariance(term), result.covariance(term), check_exact=True)
    assert again.wald_test(labels=[0, 1]) == result.wald_test(labels=[0, 1])
    assert repr(again) == repr(result)
    with pytest.raises(InputError, match="linearmodels"):
        _ = again.fit


def test_saved_results_of_every_estimator_keep_what_they_refuse(tmp_path):
    result = did.estimate(reference_panel("mpdta", ("x",)), "all", window=(-3, 2))
    result.save(tmp_path / "all.npz")
    again = did.load(tmp_path / "all.npz")
    pd.testing.assert_frame_equal(again.frame(), result.frame(), check_exact=True)
    assert again.unread == result.unread
    with pytest.raises(InputError, match="two regressions"):
        again.of("imputation").covariance("event")
    with pytest.raises(InputError, match="no covariance"):
        again.of("bacon").covariance("att")


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"estimates", None])
def test_file_that_holds_no_results_is_refused_by_name(tmp_path, content):
    path = tmp_path / "other.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="results") as error:
        did.load(path)
    assert error.value.file == path


def test_failed_save_leaves_the_earlier_file(tmp_path, result):
    path = tmp_path / "result.npz"
    result.save(path)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        replace(result, names=(object(),)).save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["result.npz"]


def test_tables_escape_what_their_language_would_read():
    panel = small_panel(3)
    row = replace(did.twfe(panel)[0], estimator="a|b<c>_d%", note="x < y & z")
    odd = Results(panel, Options(), ("twfe",), (Fitted((row,)),))
    assert "a\\|b<c>_d%" in odd.to_markdown()
    assert "a|b<c>\\_d\\%" in odd.to_latex()
    assert "a|b&lt;c&gt;_d%" in odd._repr_html_()
    assert "x &lt; y &amp; z" in odd._repr_html_()


def test_tables_show_overall_and_event_effects_in_as_many_columns(result):
    lines = result.to_markdown().splitlines()
    events = [row for row in result if row.term == "event"]
    overall = [row for row in result if row.term.startswith("att")]
    assert len(lines) == 2 + len(events) + len(overall) + 1
    assert {line.count("|") for line in lines} == {8}
    assert result.to_latex().count(r"\\") == len(lines) - 1
    assert result._repr_html_().count("<tr>") == len(lines) - 1
    assert f"{result.att.estimate:.4g}" in lines[2]


def test_option_that_some_estimator_ignores_is_said_below_the_table():
    both = did.estimate(small_panel(3), ["twfe", "group_time"], control="never")
    assert "twfe does not use control." in repr(both)
    assert "group_time does not use" not in repr(both)


def test_plot_marks_intervals_band_and_a_hollow_reference(result):
    axes = result.plot()
    hollow = [line for line in axes.lines if line.get_markerfacecolor() == "white"]
    assert [line.get_xdata().tolist() for line in hollow] == [[-1]]
    drawn = sorted(x for line in axes.lines if line.get_marker() in ("s", "o") for x in line.get_xdata())
    assert drawn == result.event_study().index.tolist()
    bars = sorted(seg[0][0] for part in axes.collections for seg in getattr(part, "get_segments", list)())
    assert bars == [e for e in drawn if e != -1]
    other = axes.figure.add_subplot(1, 2, 2)
    assert result.plot(other) is other


def test_importing_the_engine_does_not_import_matplotlib():
    code = "import analysis.did, sys; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_numbers_of_records_are_pythons_own(name):
    """A number of numpy prints as np.float64(...) and is refused by json where it is an integer."""
    rows = did.estimate(did.example_panel(), name, Options())
    kinds = {type(value) for row in rows for value in vars(row).values()}
    assert kinds <= {str, int, float, type(None)}


def test_columns_of_unlike_length_make_no_records():
    """A column that is too short must not drop the last records without a word."""
    alike = Estimate("twfe", "", 0.0)
    assert [row.estimate for row in of_columns(alike, term=["att", "event"], estimate=[1.0, 2.0])] == [
        1.0,
        2.0,
    ]
    with pytest.raises(ValueError, match="shorter"):
        of_columns(alike, term=["att", "event"], estimate=[1.0])


@pytest.mark.parametrize("shape", [(), (4,), (2, 2)])
def test_normal_intervals_and_p_values_are_those_of_scipy(shape):
    value, error = np.resize([0.3, -40.0, 2.0, 0.0], shape), np.resize([0.2, 1.5, 0.0, 1.0], shape)
    low, high, p_value = interval(value, error, 0.9)
    usable = np.where(error > 0, error, np.nan)
    expected = stats.norm.interval(0.9, loc=value, scale=usable)
    assert low == pytest.approx(expected[0], rel=1e-13, nan_ok=True)
    assert high == pytest.approx(expected[1], rel=1e-13, nan_ok=True)
    assert p_value == pytest.approx(2 * stats.norm.sf(np.abs(value) / usable), rel=1e-12, nan_ok=True)


def test_records_of_columns_hold_every_field():
    """Fields are assigned one by one there: each must land under its own name, given or not."""
    given = {name: [f"{name} 1", f"{name} 2"] for name in FIELDS}
    alike = Estimate("twfe", "att", 0.5, note="alike")
    made = of_columns(alike, **given)
    assert [vars(row) for row in made] == [{name: given[name][k] for name in FIELDS} for k in range(2)]
    assert of_columns(alike, cohort=[3, 4]) == [replace(alike, cohort=3), replace(alike, cohort=4)]


@pytest.mark.parametrize("level", [0.5, 0.999, np.nextafter(1.0, 0.0)])
def test_interval_of_any_level_is_that_of_the_normal_quantile(level):
    row = did.estimate(did.example_panel(), "group_time", level=float(level)).att
    reach = stats.norm.ppf(0.5 + level / 2) * row.std_error  # infinite where no float is nearer to one
    assert (row.ci_low, row.ci_high) == pytest.approx((row.estimate - reach, row.estimate + reach), rel=1e-12)
