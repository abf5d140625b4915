"""What the one door lets in, recodes, notes and refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.did import NEVER, Panel

NAMES = {"unit": "unit", "time": "time", "outcome": "y", "cohort": "g"}


@pytest.fixture
def table() -> pd.DataFrame:
    """Six units over 2019-2024; A, B start in 2021, C in 2023, the others never."""
    rows = [
        {
            "unit": unit,
            "time": year,
            "y": float(k * 10 + year % 7),
            "g": start,
            "x": float(k**2),
            "w": k + 1.0,
        }
        for k, (unit, start) in enumerate(zip("ABCDEF", [2021, 2021, 2023, 0, 0, 0], strict=True))
        for year in range(2019, 2025)
    ]
    return pd.DataFrame(rows)


def read(table: pd.DataFrame, **changes: object) -> Panel:
    return Panel.from_frame(table, **{**NAMES, **changes})  # type: ignore[arg-type]


def test_times_and_cohorts_become_positions(table) -> None:
    panel = read(table.sample(frac=1, random_state=1))
    assert panel.times == (2019, 2020, 2021, 2022, 2023, 2024)
    assert panel.units == ("A", "B", "C", "D", "E", "F")
    assert panel.cohort.tolist() == [2, 2, 4, NEVER, NEVER, NEVER]
    assert panel.cohort_labels == ("2021", "2021", "2023", "", "", "")
    assert panel.outcome[1].tolist() == [10.0 + year % 7 for year in range(2019, 2025)]
    assert panel.balanced


@pytest.mark.parametrize("never", [0, np.nan, np.inf, "", "NA", "inf", "0"])
def test_each_way_to_write_never_is_the_same(table, never) -> None:
    table["g"] = [never if start == 0 else start for start in table["g"]]
    assert read(table).cohort.tolist() == [2, 2, 4, NEVER, NEVER, NEVER]


def test_quarters_become_consecutive(table) -> None:
    quarters = {year: f"{2019 + k // 4}Q{k % 4 + 1}" for k, year in enumerate(range(2019, 2025))}
    table["time"] = table["time"].map(quarters)
    table["g"] = table["g"].map({**quarters, 0: None})
    panel = read(table)
    assert panel.times == ("2019Q1", "2019Q2", "2019Q3", "2019Q4", "2020Q1", "2020Q2")
    assert panel.cohort.tolist() == [2, 2, 4, NEVER, NEVER, NEVER]


def test_quarters_written_as_numbers_are_read_as_quarters_and_said(table) -> None:
    packed = {year: 10 * (2019 + k // 4) + k % 4 + 1 for k, year in enumerate(range(2019, 2025))}
    table["time"] = table["time"].map(packed)
    table["g"] = table["g"].map({**packed, 0: 0})
    panel = read(table)
    assert panel.cohort.tolist() == [2, 2, 4, NEVER, NEVER, NEVER]
    assert "were read as quarters" in panel.notes[0]


def test_periods_three_apart_are_steps_of_one_and_said(table) -> None:
    table["time"] = 3 * (table["time"] - 2019) + 1
    table["g"] = table["g"].map({2021: 7, 2023: 13, 0: 0})
    panel = read(table)
    assert panel.cohort.tolist() == [2, 2, 4, NEVER, NEVER, NEVER]
    assert "3 apart" in panel.notes[0]


def test_a_start_between_periods_counts_from_the_next(table) -> None:
    table["time"] = 3 * (table["time"] - 2019) + 1
    table["g"] = table["g"].map({2021: 6, 2023: 13, 0: 0})
    assert read(table).cohort.tolist() == [2, 2, 4, NEVER, NEVER, NEVER]


def test_a_start_after_the_panel_is_untreated_in_it_and_said(table) -> None:
    table.loc[table["unit"] == "F", "g"] = 2026
    panel = read(table)
    assert panel.cohort[5] == NEVER
    assert panel.starts[5] == 7
    assert panel.cohort_labels[5] == "2026"
    assert any("start after 2024" in note and "2026" in note for note in panel.notes)


def test_missing_outcomes_and_rows_are_counted_and_named(table) -> None:
    table.loc[(table["unit"] == "B") & (table["time"] == 2020), "y"] = np.nan
    panel = read(table[~((table["unit"] == "D") & (table["time"] == 2024))])
    assert not panel.balanced
    assert (
        "2 of 36 unit-periods have no outcome (1 empty cell, 1 absent row), in 2 units: B, D"
        in panel.notes[0]
    )


def test_units_treated_from_the_start_are_named_and_stay(table) -> None:
    table.loc[table["unit"] == "A", "g"] = 2019
    panel = read(table)
    assert panel.n_units == 6
    assert any("treated from 2019 on" in note and "A" in note for note in panel.notes)


def test_a_cohort_of_one_unit_is_said(table) -> None:
    assert not any("one unit" in note for note in read(table[table["unit"] != "C"]).notes)
    assert any("Cohort 2023 has one unit (C)" in note for note in read(table).notes)


def test_a_period_without_any_outcome_is_an_absent_period_and_said(table) -> None:
    table.loc[table["time"] == 2020, "y"] = np.nan
    panel = read(table)
    assert panel.times == (2019, 2021, 2022, 2023, 2024)
    assert panel.cohort.tolist() == [1, 1, 3, NEVER, NEVER, NEVER]
    assert any("rows but no outcome" in note and "2020" in note for note in panel.notes)
    kept = read(table, time_gaps="keep")
    assert kept.times == (2019, 2020, 2021, 2022, 2023, 2024)
    assert np.isnan(kept.outcome[:, 1]).all()


def change(column: str, value: object, where: str = "unit == 'B'"):
    def spoil(table: pd.DataFrame) -> pd.DataFrame:
        table[column] = table[column].astype(object)
        table.loc[table.query(where).index, column] = value
        return table

    return spoil


REFUSED = {
    "duplicate unit-period": (
        lambda t: pd.concat([t, t.iloc[[8]]]), {},
        ["1 unit-period occurs more than once: B in 2021 (rows 10 and 38)", "row 38", "take all but one"],
    ),
    "cohort changes": (
        change("g", 2022, "unit == 'B' and time > 2021"), {},
        ["cohort changes", "B", "row 11, column g, value 2022", "the same as in row 8 of that unit: 2021"],
    ),
    "no pre-period": (change("g", 2019, "g > 0"), {}, ["no pre-period", "2019", "add periods before 2019"]),
    "all treated from the start": (
        lambda t: t.assign(g=2019), {},
        ["every unit is treated", "2019", "add periods before 2019"],
    ),
    "all start together": (
        lambda t: t.assign(g=2021), {},
        ["no unit is left as a control", "2021", "treated later or never"],
    ),
    "nobody treated": (
        lambda t: t.assign(g=0), {},
        ["no unit is treated", "between 2020 and 2024", "check the cohorts"],
    ),
    "unequal spacing": (
        lambda t: t[t["time"] != 2022], {"time_gaps": "refuse"}, ["not equally spaced", "2021 to 2023"],
    ),
    "words as outcome": (
        change("y", "n/a?"), {},
        ["outcome is not a number in 6 rows", "n/a?", "row 8", "leave the cell empty"],
    ),
    "infinite outcome": (change("y", np.inf), {}, ["infinite"]),
    "one period": (lambda t: t[t["time"] == 2021], {}, ["one period"]),
    "unreadable period": (change("time", "spring"), {}, ["period cannot be read", "spring"]),
    "fraction of a year": (lambda t: t.assign(time=t["time"] + 0.5), {}, ["not a whole number"]),
    "unreadable cohort": (change("g", "soon"), {}, ["cannot be read", "soon"]),
    "period missing": (
        change("time", None, "unit == 'B' and time == 2020"), {},
        ["1 row has no period", "row 9"],
    ),
    "unit missing": (
        change("unit", None, "unit == 'B' and time == 2020"), {},
        ["1 row has no unit", "row 9"],
    ),
    "one cluster": (lambda t: t.assign(c="all"), {"cluster": "c"}, ["one cluster"]),
    "cluster changes": (
        lambda t: t.assign(c=t["time"].astype(str)), {"cluster": "c"},
        ["cluster changes within a unit", "A", "row 3, column c, value '2020'",
         "in row 2 of that unit: 2019"],
    ),
    "zero weight": (
        change("w", 0), {"weights": "w"},
        ["1 unit has a weight that is zero, negative or missing", "B (0)"],
    ),
    "negative weight": (change("w", -2), {"weights": "w"}, ["zero, negative or missing", "B (-2)"]),
    "weight changes": (
        change("w", 9, "unit == 'B' and time > 2021"), {"weights": "w"},
        ["weight changes", "B", "row 11, column w, value 9", "in row 8 of that unit: 2.0"],
    ),
    "constant covariate": (lambda t: t.assign(c=4.0), {"covariates": ["c"]}, ["'c' is collinear"]),
    "collinear covariate": (
        lambda t: t.assign(c=2 * t["x"] - 1), {"covariates": ["x", "c"]}, ["'c' is collinear", "x"],
    ),
    "absent column": (
        lambda t: t.drop(columns="y"), {},
        ["no column 'y'", "expected: one of unit, time, g, x, w", "name a column"],
    ),
    "misspelt column": (lambda t: t, {"outcome": "Y"}, ["no column 'Y'", "did you mean 'y'?"]),
    "one word among the outcomes": (
        change("y", "?", "unit == 'B' and time == 2020"), {}, ["not a number in 1 row\n", "row 9"],
    ),
    "units missing": (change("unit", None), {}, ["6 rows have no unit", "row 8"]),
    "no rows": (lambda t: t.iloc[:0], {}, ["no rows"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_with_the_units_and_periods_concerned(case, table) -> None:
    spoil, choices, words = REFUSED[case]
    with pytest.raises(InputError) as caught:
        read(spoil(table), **choices)
    for word in words:
        assert word in str(caught.value)
    assert caught.value.action, "the message does not say what to do"


def test_a_treatment_indicator_in_place_of_the_cohort_is_recognised(table) -> None:
    table["d"] = ((table["g"] > 0) & (table["time"] >= table["g"]) & (table["time"] != 2023)).astype(int)
    with pytest.raises(InputError, match="treatment switches off: A in 2023, B in 2023"):
        read(table, cohort="d")


def test_a_zero_one_cohort_is_a_cohort_where_one_is_a_period(table) -> None:
    table["time"] -= 2018
    table["g"] = table["g"].map({2021: 3, 2023: 1, 0: 0})
    assert read(table).cohort.tolist() == [2, 2, 0, NEVER, NEVER, NEVER]
