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
@given(numbers, st.integers(1, 9), st.booleans())
def test_codes_are_those_of_pandas(values, times, runs) -> None:
    column = pd.Series(np.repeat(values, times) if runs else np.tile(values, times))
    with mock.patch.object(arrays, "MANY", 2):
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
