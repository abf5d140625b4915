"""Insurance before the pilot, against the printed tables and a listing of all assignments."""

from __future__ import annotations

import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import inputs
from analysis.study.before import COLUMNS, WORK_INJURY, coverage_before

RAW = Path(__file__).resolve().parents[2] / "data" / "raw"
FIRST_WAVE = ("11", "31", "32", "44", "46", "50", "51")


def small(counts):
    rows = [
        (code, year, WORK_INJURY, n)
        for code, pair in counts.items()
        for year, n in zip((2008, 2011), pair, strict=True)
    ]
    return pd.DataFrame(rows, columns=["province_code", "year", "indicator", "value"])


def test_growth_by_hand_on_eight_provinces():
    counts = {
        c: (100.0, 100.0 * math.exp(g))
        for c, g in zip("ABCDEFGH", (0.5, 0.3, 0.1, 0.2, 0.1, 0.0, 0.2, 0.1), strict=True)
    }
    first = pd.Series([True, True] + [False] * 6, index=list("ABCDEFGH"))
    table = coverage_before(small(counts), first).set_index(["quantity", "group"])
    growth = np.array([math.log(b / a) for a, b in counts.values()])
    assert table.loc[("growth", "first_wave"), "value"] == pytest.approx(0.4)
    assert table.loc[("growth", "others"), "value"] == pytest.approx(0.7 / 6)
    differences = [growth[list(c)].mean() - np.delete(growth, c).mean() for c in combinations(range(8), 2)]
    wanted = np.mean(np.abs(differences) >= abs(0.4 - 0.7 / 6) - 1e-12)
    assert table.loc[("growth", "difference"), "p_value"] == pytest.approx(wanted)
    assert table.loc[("share", "work_injury_2008"), "value"] == 25


def test_the_real_counts_give_what_the_yearbooks_print():
    statistics = inputs.load_statistics(RAW)
    codes = sorted(set(statistics.loc[statistics["indicator"] == WORK_INJURY, "province_code"]))
    table = coverage_before(statistics, pd.Series([c in FIRST_WAVE for c in codes], index=codes))
    found = table.set_index(["quantity", "group"])["value"]
    # By hand from the yearbooks of 2009 and 2012, in 10,000 persons: the seven, and the printed totals.
    before = 666.5 + 950.4 + 1056.6 + 2302.3 + 86.1 + 208.2 + 464.6
    after = 862.4 + 939.5 + 1327.0 + 2847.8 + 104.0 + 337.1 + 650.8
    assert found["total_growth", "first_wave"] == pytest.approx(math.log(after / before))
    assert found["total_growth", "others"] == pytest.approx(
        math.log((17695.9 - after) / (13787.2 - before)), abs=1e-4
    )
    assert found["share", "work_injury_2011"] == pytest.approx(100 * after / 17695.9, abs=0.01)
    note = table.set_index(["quantity", "group"]).loc[("growth", "difference"), "note"]
    assert note == f"{math.comb(31, 7)} assignments"


def test_without_the_counts_the_table_is_empty():
    first = pd.Series([True, True, False], index=list("ABC"))
    table = coverage_before(small({"A": (1.0, 2.0), "B": (1.0, 2.0)}), first)
    assert table.empty and list(table.columns) == list(COLUMNS)
