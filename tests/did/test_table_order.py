"""Rows may come in any order: long tables in order are read in another way, and the panel is the same."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.did import InputError, Panel
from analysis.did.panel import arrays
from analysis.did.panel.arrays import MANY, factorized, first_rows
from analysis.did.panel.places import rows_of_each

UNITS, PERIODS = 200, 110


def long_table() -> pd.DataFrame:
    """Units 1000 downwards so that the order of appearance is not that of the labels."""
    rng = np.random.default_rng(8)
    start = rng.choice([0, 1950, 1990], UNITS)
    return pd.DataFrame(
        {
            "unit": np.repeat(1000 - np.arange(UNITS), PERIODS),
            "time": np.tile(1900 + np.arange(PERIODS), UNITS),
            "y": rng.normal(size=UNITS * PERIODS),
            "g": np.repeat(start, PERIODS),
        }
    )


def read(frame: pd.DataFrame) -> Panel:
    return Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="g")


def test_a_long_table_gives_the_same_panel_in_every_order() -> None:
    table = long_table()
    assert len(table) > MANY
    wide = table.pivot(index="unit", columns="time", values="y")
    orders = [table, table.sort_values(["unit", "time"]), table.sort_values(["time", "unit"])]
    for frame in [*orders, table.sample(frac=1, random_state=1)]:
        panel = read(frame)
        assert panel.units == tuple(wide.index)
        assert panel.times == tuple(wide.columns)
        assert np.array_equal(panel.outcome, wide.to_numpy())
        assert panel == read(table)
    rest = table.drop(index=[5, 777])
    gaps = read(rest)
    assert gaps == read(rest.sample(frac=1, random_state=2))
    assert np.isnan(gaps.outcome).sum() == 2
    given_cells = table["y"].copy()
    panel = read(table)
    assert not np.shares_memory(panel.outcome, table["y"].to_numpy())
    assert given_cells.equals(table["y"])


def test_a_row_that_stands_twice_is_found_in_a_table_of_the_right_length() -> None:
    table = long_table().sort_values(["unit", "time"], ignore_index=True)
    table.loc[PERIODS + 1, "time"] = table.loc[PERIODS, "time"]
    with pytest.raises(InputError, match=r"802 in 1900 \(rows 112 and 113\)"):
        read(table)


numbers = st.lists(st.sampled_from([3.0, -1.0, 0.0, 7.5, np.nan]), min_size=1, max_size=30)


@settings(deadline=None)
@given(numbers, st.integers(1, 9), st.booleans(), st.sampled_from([0, 200]))
def test_codes_are_those_of_pandas(values, times, runs, few) -> None:
    column = pd.Series(np.repeat(values, times) if runs else np.tile(values, times))
    with mock.patch.object(arrays, "MANY", 2), mock.patch.object(arrays, "FEW", few):
        codes, distinct = factorized(column)
    expected, labels = pd.factorize(column)
    assert np.array_equal(codes, expected)
    assert np.array_equal(np.asarray(distinct), np.asarray(labels))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=40))
def test_first_rows_are_the_places_of_first_appearance(labels) -> None:
    dense = np.unique(labels, return_inverse=True)[1]
    assert first_rows(dense, dense.max() + 1).tolist() == [
        dense.tolist().index(k) for k in range(dense.max() + 1)
    ]


def short_table() -> pd.DataFrame:
    """Four units in five periods, in order."""
    return pd.DataFrame(
        {
            "unit": np.repeat([2, 3, 5, 9], 5),
            "time": np.tile(np.arange(2001, 2006), 4),
            "y": np.random.default_rng(3).normal(size=20),
            "g": np.repeat([np.nan, 2003, 2004, np.nan], 5),
        }
    )


def test_a_table_in_order_is_seen_at_a_glance_and_one_that_is_not_is_not() -> None:
    table = short_table()
    assert rows_of_each(table["unit"], table["time"]) == 5
    others = [
        table.iloc[::-1],
        table.sort_values("time"),
        table[:-1],
        table.drop(index=[7]),
        table.replace({"unit": {3: 1}}),
        table.assign(unit=table["unit"].astype(str)),
        table.assign(unit=table["unit"].mask(table.index == 12)),
        table.assign(unit=table["unit"].mask(table.index == 12, 3)),
        table.assign(time=table["time"].mask(table.index == 12, 2004)),
        table.assign(time=np.tile([1, 2, 2, 3, 4], 4)),
    ]
    for other in others:
        assert rows_of_each(other["unit"], other["time"]) == 0


def test_a_short_table_in_order_gives_the_panel_of_its_rows_in_any_order() -> None:
    table = short_table()
    unseen = table.assign(y=table["y"].where((table["time"] != 2002) & (table["unit"] != 2)))
    for frame in (table, table.assign(y=table["y"].where(table.index != 6)), unseen):
        panel = read(frame)
        assert panel == read(frame.sample(frac=1, random_state=4))
        seen = frame.dropna(subset="y")
        assert panel.units == tuple(sorted(seen["unit"].unique()))
        assert panel.times == tuple(sorted(seen["time"].unique()))
        starts = {2: "", 3: "2003", 5: "2004", 9: ""}
        assert panel.cohort_labels == tuple(starts[unit] for unit in panel.units)


def test_a_start_that_changes_in_a_table_in_order_is_refused_with_its_row() -> None:
    table = short_table()
    table.loc[8, "g"] = 2004
    with pytest.raises(InputError, match="cohort changes within a unit: 3") as refused:
        read(table)
    assert (refused.value.row, refused.value.column, refused.value.value) == (10, "g", 2004.0)
