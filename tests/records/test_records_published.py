"""A published example of cell suppression, from its printed figures.

sdcTable 0.34 (Meindl, Statistics Austria), function ``problemdata`` in ``R/test_problems.R``: a table
of counts, v1 (w to z) by v2 (a to d), of which nine cells are suppressed. Its comment prints that the
first two rows hold 236 in suppressed cells and the first and third column 189 in those, so that
the cell (w, b) is 47 exactly, although each row and column has two or more suppressed cells; and that
suppressing (x, b) as well makes the table safe. (Two printed column totals, 1021 and 770, are not the
sums of the printed cells, 1012 and 779; together they are, and only that sum is used.)
"""

from __future__ import annotations

import numpy as np
import pytest

from analysis.records.protection import Layer, protect
from tests.records.test_disclosure import Attack

COUNTS = np.array([[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]])
TOTALS = {"rows": [230, 250, 336, 3127], "b and d": [1262, 890], "a and c": 1021 + 770, "all": 3943}
W, X, Y, Z = range(4)
A, B, C, D = range(4)
SUPPRESSED = [(W, A), (W, B), (W, C), (X, A), (X, C), (Y, B), (Y, D), (Z, B), (Z, D)]


def intervals(hidden: np.ndarray) -> dict[tuple[int, int], tuple[float, float]]:
    """What an outsider learns who knows that counts are not negative, and all totals."""
    table = np.vstack([COUNTS, COUNTS.sum(axis=0)])
    everything = np.vstack([hidden, np.zeros((1, 4), bool)])
    attack = Attack(table, everything, np.zeros(table.shape), np.full(table.shape, np.inf))
    attack.rows()
    attack.columns(np.array([True] * 4 + [False]))
    return {cell: attack.interval(cell) for cell in zip(*np.nonzero(hidden), strict=True)}


def mask(cells: list[tuple[int, int]]) -> np.ndarray:
    hidden = np.zeros((4, 4), bool)
    hidden[tuple(zip(*cells, strict=True))] = True
    return hidden


def test_the_table_has_the_printed_totals():
    assert COUNTS.sum(axis=1).tolist() == TOTALS["rows"]
    assert COUNTS.sum(axis=0)[[B, D]].tolist() == TOTALS["b and d"]
    assert COUNTS.sum(axis=0)[[A, C]].sum() == TOTALS["a and c"] and COUNTS.sum() == TOTALS["all"]


def test_the_printed_cell_is_found_exactly_although_no_row_or_column_has_one_alone():
    hidden = mask(SUPPRESSED)
    assert hidden.sum(axis=0).min() >= 2 and hidden.sum(axis=1).min() >= 2
    assert intervals(hidden)[W, B] == pytest.approx((236 - 189, 236 - 189))


def test_the_printed_further_cell_makes_the_table_safe():
    found = intervals(mask([*SUPPRESSED, (X, B)]))
    assert all(high - low > 1 for low, high in found.values()), found


@pytest.mark.parametrize("small", [(W, A), (X, C), (X, D)])
def test_our_suppression_leaves_a_cell_of_the_table_all_the_room_below_its_double(small):
    table = np.vstack([COUNTS, COUNTS.sum(axis=0)])
    primary = np.zeros(table.shape, bool)
    primary[small] = True
    layer = Layer(("n",), (table,), primary, ~primary & (table >= 2 * table[small]), across_time=True)
    protect(layer, np.ones_like(primary))
    low, high = intervals(layer.hidden[:-1])[small]
    assert not layer.hidden[-1].any()
    assert low <= 1e-6 and high >= 2 * COUNTS[small] - 1e-6
