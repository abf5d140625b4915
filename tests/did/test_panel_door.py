"""Tables as people have them: codes, names with blanks, dates, gaps, rows without outcome."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import polars
import pyarrow as pa
import pytest
from did.survey import NAMES, slow_overall, survey

from analysis.base.errors import InputError
from analysis.did import NEVER, Options, Panel, estimate
from analysis.did.command.tables import read_table

STATA_DOUBLE, STATA_FLOAT = 2.0**1023, 2.0**127


def read(frame: pd.DataFrame, **changes: object) -> Panel:
    return Panel.from_frame(frame, **{**NAMES, **changes})  # type: ignore[arg-type]


def effect(frame: pd.DataFrame, **changes: object) -> float:
    return estimate(read(frame, **changes), "group_time")[0].estimate


def truth() -> float:
    return slow_overall(survey())["att"]


def test_the_undisturbed_panel_has_the_effect_of_the_slow_way() -> None:
    assert effect(survey()) == pytest.approx(truth(), rel=1e-12)


@pytest.mark.parametrize(
    "mark", [STATA_DOUBLE, 8.98846567431158e307, STATA_FLOAT, STATA_FLOAT * (1 + 26 / 4096), ".", ".a", ".z"]
)
def test_a_cohort_that_is_missing_in_stata_is_never_treated_and_said(mark) -> None:
    frame = survey()
    frame["g"] = frame["g"].astype(object if isinstance(mark, str) else float).replace(0, mark)
    panel = read(frame)
    assert effect(frame) == pytest.approx(truth(), rel=1e-12)
    assert any("Column g: 88 cells hold a missing value as Stata" in note for note in panel.notes)


@pytest.mark.parametrize("mark", [STATA_DOUBLE, STATA_FLOAT, "."])
def test_an_outcome_that_is_missing_in_stata_is_missing_and_said(mark) -> None:
    empty, marked = survey(), survey()
    empty.loc[5, "y"] = np.nan
    marked["y"] = marked["y"].astype(object if isinstance(mark, str) else float)
    marked.loc[5, "y"] = mark
    assert effect(marked) == effect(empty)
    assert any("Column y: 1 cell holds" in note for note in read(marked).notes)


@pytest.mark.parametrize("mark", ["never", "Never treated", "never_treated", "untreated", " NA ", "<NA>"])
def test_words_for_never_are_read_as_never(mark) -> None:
    frame = survey()
    frame["g"] = frame["g"].astype(object).replace(0, mark)
    assert effect(frame) == pytest.approx(truth(), rel=1e-12)


def test_zero_is_a_cohort_where_it_is_a_period_and_never_is_marked_otherwise() -> None:
    frame = survey().assign(t=lambda f: f["t"] - 4, g=lambda f: (f["g"] - 4).where(f["g"] > 0))
    panel = read(frame)
    assert effect(frame) == pytest.approx(truth(), rel=1e-12)
    assert panel.cohort_labels[0] == "0"
    assert panel.cohorts == (3, 5)


def test_zero_is_refused_where_it_may_be_a_period_or_mean_never() -> None:
    frame = survey().assign(t=lambda f: f["t"] - 4, g=lambda f: np.where(f["g"] > 0, f["g"] - 4, 3))
    frame["g"] = frame["g"].replace(2, 3)
    with pytest.raises(InputError, match="cohort 0 may be the period 0 or mean never treated"):
        read(frame)


def test_zero_means_never_where_it_is_the_first_period_and_that_is_said() -> None:
    frame = survey().assign(t=lambda f: f["t"] - 1, g=lambda f: np.where(f["g"] > 0, f["g"] - 1, 0))
    assert effect(frame) == pytest.approx(truth(), rel=1e-12)
    assert any("Cohort 0 was read as never" in note for note in read(frame).notes)


def test_a_negative_cohort_is_a_code() -> None:
    with pytest.raises(InputError, match="negative, and no period is: it looks like a code"):
        read(survey().assign(g=lambda f: f["g"].replace(0, -9)))


def test_a_cohort_of_9999_is_untreated_in_the_panel_and_said() -> None:
    frame = survey().assign(g=lambda f: f["g"].replace(0, 9999))
    assert effect(frame) == pytest.approx(truth(), rel=1e-12)
    assert any("start after 8 count as untreated in the panel: 9999" in note for note in read(frame).notes)


@pytest.mark.parametrize("code", [9999, -9, 20144])
def test_a_period_far_from_all_others_is_refused(code) -> None:
    frame = survey()
    frame.loc[7, "t"] = code
    with pytest.raises(InputError, match=f"far from all others(.|\n)*value {code}"):
        read(frame)


@pytest.mark.parametrize("code", [9999, -99])
def test_an_outcome_that_may_be_a_code_stays_a_number_and_is_said(code) -> None:
    frame = survey()
    frame.loc[[3, 60], "y"] = code
    panel = read(frame)
    assert np.isin(panel.outcome, code).sum() == 2
    assert any(f"Column y holds {code} in 2 rows" in note for note in panel.notes)
    assert not any("holds" in note for note in read(survey()).notes)


@pytest.mark.parametrize("codes", [(-8, -9), (998, 999), (-1, -2, 99999), (1e20,)])
def test_several_codes_for_missing_are_all_said(codes) -> None:
    frame = survey()
    for k, code in enumerate(codes):
        frame.loc[5 * k : 5 * k + 1, "y"] = code
    said = " ".join(read(frame).notes)
    assert all(f"Column y holds {code:.16g} in 2 rows" in said for code in codes if code not in (-1, -2))


def test_a_negative_code_within_the_spread_is_said_where_all_else_is_positive() -> None:
    frame = survey()
    frame["y"] = 1000 * np.exp(frame["y"])
    frame.loc[[3, 60], "y"] = -9
    assert any("Column y holds -9 in 2 rows" in note for note in read(frame).notes)
    frame.loc[[4], "y"] = -250.5  # a debt
    assert not any("holds" in note for note in read(frame).notes)


def test_a_scale_that_ends_in_nine_is_no_code() -> None:
    frame = survey()
    frame["y"] = np.round(frame["y"].rank(pct=True) * 9)
    assert not any("holds" in note for note in read(frame).notes)


@pytest.mark.parametrize(
    "other", [lambda y: y + 1j, lambda y: pd.to_timedelta(y.abs(), unit="D"), lambda y: y > 1]
)
def test_an_outcome_that_is_no_number_is_refused(other) -> None:
    frame = survey()
    frame["y"] = other(frame["y"])
    with pytest.raises(InputError, match="the outcome is not a number"):
        read(frame)


@pytest.mark.parametrize("period", [1e20, 2.0**60, "9" * 20])
def test_a_period_too_large_for_a_number_is_refused(period) -> None:
    frame = survey()
    frame["t"] = frame["t"].astype(object if isinstance(period, str) else float)
    frame.loc[3, "t"] = period
    with pytest.raises(InputError, match="a period is too large a number"):
        read(frame)


def test_a_unit_called_na_is_a_unit_in_csv(tmp_path) -> None:
    frame = survey()
    frame["id"] = frame["id"].map("C{:02d}".format).replace("C07", "NA")
    frame["g"] = frame["g"].astype(object).replace(0, "NA")
    frame.to_csv(tmp_path / "panel.csv", index=False)
    table, _ = read_table(tmp_path / "panel.csv", ["id"])
    panel = read(table)
    assert panel.n_units == 24
    assert "NA" in panel.units
    assert effect(table) == pytest.approx(truth(), rel=1e-9)


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0", "\u3000"])
def test_names_that_differ_by_blanks_are_one_and_said(blank) -> None:
    frame = survey()
    frame["id"] = frame["id"].map("P{}".format)
    frame.loc[frame.index[frame["id"] == "P3"][4:], "id"] = f"P3{blank}"
    panel = read(frame)
    assert panel.n_units == 24
    assert effect(frame) == pytest.approx(truth(), rel=1e-12)
    assert any("differ by blanks only" in note and "'P3'" in note for note in panel.notes)


@pytest.mark.parametrize("other", ["Pé3\u200b", "\ufeffPé3", "Pe\u03013", "Ｐé３"])
def test_names_that_look_the_same_are_one_and_said(other) -> None:
    frame = survey()
    frame["id"] = frame["id"].map("Pé{}".format)
    frame.loc[frame.index[frame["id"] == "Pé3"][4:], "id"] = other
    panel = read(frame)
    assert effect(frame) == pytest.approx(truth(), rel=1e-12)
    assert any("names that look the same are one" in note for note in panel.notes)


@pytest.mark.parametrize("one, other", [("P3", "p3"), ("3", "03"), ("3", "3.0"), ("3", 3)])
def test_names_that_a_spreadsheet_may_have_changed_stay_apart_and_are_said(one, other) -> None:
    frame = survey()
    frame["id"] = frame["id"].map("{:d}".format).replace("3", one)
    frame["id"] = frame["id"].astype(object)
    frame.loc[frame.index[frame["id"] == one][4:], "id"] = other
    panel = read(frame)
    assert panel.n_units == 25
    assert any("different, though alike" in note and repr(other) in note for note in panel.notes)


def test_a_blank_name_is_no_unit() -> None:
    frame = survey()
    frame["id"] = frame["id"].map("P{}".format).replace("P5", "  ")
    with pytest.raises(InputError, match="8 rows have no unit"):
        read(frame)


def test_clusters_that_differ_by_blanks_are_one() -> None:
    frame = survey()
    frame["st"] = frame["st"].map("s{}".format)
    tidy = read(frame, cluster="st")
    frame.loc[frame["id"].isin([1, 6]), "st"] += " "
    assert np.array_equal(read(frame, cluster="st").cluster, tidy.cluster)


DATES = pd.date_range("2001-10-01", periods=8, freq="MS")
QUARTERS = pd.period_range("2001Q3", periods=8, freq="Q")
WRITTEN = {
    "months in six digits": ([int(d.strftime("%Y%m")) for d in DATES], "2001-10", "2002-05"),
    "months as text": ([d.strftime("%Y-%m") for d in DATES], "2001-10", "2002-05"),
    "months as in Stata": ([f"{d.year}m{d.month}" for d in DATES], "2001-10", "2002-05"),
    "first days of months": ([d.date().isoformat() for d in DATES], "2001-10", "2002-05"),
    "instants at midnight": ([d.isoformat() for d in DATES], "2001-10", "2002-05"),
    "datetimes": (list(DATES), "2001-10", "2002-05"),
    "last days of months": (list(DATES + pd.offsets.MonthEnd()), "2001-10", "2002-05"),
    "monthly Periods": (list(DATES.to_period("M")), "2001-10", "2002-05"),
    "dates of Python": ([d.date() for d in DATES], "2001-10", "2002-05"),
    "quarterly Periods": (list(QUARTERS), "2001Q3", "2003Q2"),
    "quarters with a stroke": ([f"{q.year}-Q{q.quarter}" for q in QUARTERS], "2001Q3", "2003Q2"),
    "quarters first": ([f"Q{q.quarter}{q.year}" for q in QUARTERS], "2001Q3", "2003Q2"),
    "quarters as in Stata": ([f"{q.year}q{q.quarter}" for q in QUARTERS], "2001Q3", "2003Q2"),
    "quarters in five digits": ([10 * q.year + q.quarter for q in QUARTERS], "2001Q3", "2003Q2"),
    "first days of quarters": ([q.start_time.date().isoformat() for q in QUARTERS], "2001Q3", "2003Q2"),
    "yearly Periods": (list(pd.period_range("2001", periods=8, freq="Y")), 2001, 2008),
    "one day of each year": ([f"{year}-07-01" for year in range(2001, 2009)], 2001, 2008),
    "waves": ([f"Wave {n}" for n in range(1, 9)], 1, 8),
    "waves in Chinese": ([f"第{n}期" for n in "一二三四五六七八"], 1, 8),
    "waves in Chinese with digits": ([f"第 {n} 轮" for n in range(4, 12)], 4, 11),
    "weeks": ([d.date().isoformat() for d in pd.date_range("2001-10-01", periods=8, freq="7D")],
              "2001-10-01", "2001-11-19"),
    "days in eight digits": ([int(d.strftime("%Y%m%d")) for d in pd.date_range("2001-10-28", periods=8)],
                             "2001-10-28", "2001-11-04"),
}  # fmt: skip


@pytest.mark.parametrize("how", WRITTEN)
def test_each_way_to_write_periods_gives_the_same_panel(how) -> None:
    written, first, last = WRITTEN[how]
    frame = survey()
    name = dict(enumerate(written, start=1))
    frame = frame.assign(t=pd.Series([name[t] for t in frame["t"]]), g=[name.get(g) for g in frame["g"]])
    panel = read(frame)
    assert (panel.times[0], panel.times[-1]) == (first, last)
    assert panel.cohorts == (3, 5)
    assert effect(frame) == pytest.approx(truth(), rel=1e-12)


def test_six_digits_are_months_only_where_all_can_be_and_that_is_said() -> None:
    months = {k: 200110 + k - 1 if k < 4 else 200201 + k - 4 for k in range(1, 9)}
    frame = survey().assign(t=lambda f: f["t"].map(months), g=lambda f: f["g"].map({**months, 0: 0}))
    assert "Periods such as 200110 were read as months." in read(frame).notes
    assert read(frame.assign(t=frame["t"].replace(200205, 200213))).times[-1] == 200213
    with pytest.raises(InputError, match=r"a cohort is written unlike the periods(.|\n)*200213"):
        read(frame.assign(g=frame["g"].replace(200203, 200213)))


def test_a_start_within_a_period_counts_from_that_period_and_is_said() -> None:
    day = {4: "2004-03-15", 6: datetime.date(2006, 12, 31), 0: None}
    frame = survey().assign(t=lambda f: f["t"] + 2000, g=lambda f: [day[g] for g in f["g"]])
    panel = read(frame)
    assert panel.cohorts == (3, 5)
    assert any("count from the year that contains them" in note for note in panel.notes)


@pytest.mark.parametrize("period", ["03/04/2001", "2001-13", "2001-02-30", "2001-01-01 10:30", "spring"])
def test_a_period_with_two_readings_or_none_is_refused(period) -> None:
    frame = survey()
    frame["t"] = frame["t"].map({k: f"2001-{k:02d}-01" for k in range(1, 9)})
    frame.loc[7, "t"] = period
    with pytest.raises(InputError, match="period") as caught:
        read(frame)
    assert caught.value.action


def test_frames_of_polars_and_arrow_give_the_same_panel() -> None:
    frame = survey().astype({"t": str, "id": str})
    for other in (polars.from_pandas(frame), pa.Table.from_pandas(frame)):
        panel = read(other)  # type: ignore[arg-type]
        assert np.array_equal(panel.outcome, read(frame).outcome)
        assert panel.units == read(frame).units
    with pytest.raises(InputError, match="a list is no table"):
        read([1, 2])  # type: ignore[arg-type]


def test_stata_files_keep_labels_dates_and_missing_values(tmp_path) -> None:
    frame = survey()
    frame["name"] = pd.Categorical.from_codes(frame["id"] - 1, [f"Town {chr(65 + k)}" for k in range(24)])
    frame["t"] = pd.PeriodIndex(
        frame["t"].map(lambda k: f"{2001 + k // 4}Q{k % 4 + 1}"), freq="Q"
    ).to_timestamp()
    frame["g"] = (
        frame["g"]
        .where(frame["g"] > 0)
        .map(
            lambda k: pd.Period(f"{2001 + int(k) // 4}Q{int(k) % 4 + 1}", "Q").start_time, na_action="ignore"
        )
    )
    frame.to_stata(tmp_path / "panel.dta", write_index=False, convert_dates={"t": "tq", "g": "tq"})
    table, notes = read_table(tmp_path / "panel.dta", ["name"])
    panel = read(table, unit="name")
    assert notes == []
    assert panel.units[0] == "Town A"
    assert (panel.times[0], panel.times[-1]) == ("2001Q2", "2003Q1")
    assert effect(table, unit="name") == pytest.approx(truth(), rel=1e-12)


def test_a_stata_label_that_two_codes_share_is_not_a_name_and_said(tmp_path) -> None:
    frame = survey()
    labels = {k: f"Town {k // 2}" for k in range(1, 25)}
    frame.to_stata(tmp_path / "panel.dta", write_index=False, value_labels={"id": labels})
    table, notes = read_table(tmp_path / "panel.dta", ["id"])
    assert read(table).n_units == 24
    assert "two codes share a label" in notes[0]


@pytest.mark.parametrize("ending", [".xls", ".rdata", ".sav"])
def test_other_formats_are_refused_with_a_way_out(ending, tmp_path) -> None:
    (tmp_path / f"panel{ending}").write_bytes(b"x")
    with pytest.raises(InputError, match=r"are not read(.|\n)*what to do: "):
        read_table(tmp_path / f"panel{ending}", ["id"])


def test_repeated_cross_sections_are_named_and_a_way_out_given() -> None:
    with pytest.raises(InputError, match=r"repeated cross-sections, not a panel(.|\n)*cross_sections"):
        read(survey().assign(id=range(192)))


@pytest.mark.parametrize(
    "choice",
    [{"anticipation": 1.5}, {"seed": -1}, {"seed": "a"}, {"window": (None, 3)}, {"window": 3}, {"level": "x"},
     {"draws": 9.5}, {"balance": 0.5}],
)  # fmt: skip
def test_choices_of_the_wrong_kind_are_refused(choice) -> None:
    with pytest.raises(InputError, match=next(iter(choice))):
        Options(**choice)


def test_a_never_treated_unit_has_the_position_never() -> None:
    assert (read(survey()).cohort == NEVER).sum() == 11
