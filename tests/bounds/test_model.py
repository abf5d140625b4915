"""The program's intervals against hand calculation, brute force and theory."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from analysis.base.constants import NATION
from analysis.base.errors import InputError
from analysis.bounds.model import EnrolmentSet
from analysis.bounds.readings import Restriction
from analysis.config import Reading

PLAIN = Reading("plain", "test")
Q1, Q2, Q3 = pd.period_range("2023Q1", periods=3, freq="Q")


def make_cells(starts):
    """Cells of provinces A, B, ... that start in the given quarters, to 2023Q3."""
    rows = [
        (code, quarter, str(start), quarter.ordinal - start.ordinal, 1e6, 5e5)
        for code, start in starts.items()
        for quarter in pd.period_range(start, Q3, freq="Q")
    ]
    columns = ["province_code", "quarter", "cohort", "event_time", "residents", "urban_employees"]
    return pd.DataFrame(rows, columns=columns).sort_values(["province_code", "quarter"], ignore_index=True)


def point(name, place, quarter, persons):
    return Restriction(name, place, persons, persons, quarter, quarter)


def floor(name, place, quarter, persons):
    return Restriction(name, place, persons, math.inf, quarter, None)


def interval(panel, place, quarter):
    weights = np.zeros(panel.size)
    weights[panel.position(place, quarter)] = 1.0
    return tuple(panel.extreme(weights, side).value for side in ("lower", "upper"))


TWO = {"A": Q1, "B": Q1}


def test_a_national_count_and_one_province_give_the_other_by_subtraction():
    figures = [point("n", NATION, Q2, 900.0), point("a", "A", Q2, 300.0)]
    panel = EnrolmentSet(make_cells(TWO), figures, PLAIN)
    assert interval(panel, "B", Q2) == pytest.approx((600.0, 600.0))


def test_a_later_count_limits_earlier_quarters_from_above_and_an_earlier_one_later_from_below():
    figures = [point("a1", "A", Q1, 100.0), point("a3", "A", Q3, 400.0)]
    panel = EnrolmentSet(make_cells(TWO), figures, PLAIN)
    assert interval(panel, "A", Q2) == pytest.approx((100.0, 400.0))


def test_nothing_published_leaves_the_upper_end_open_and_the_lower_at_zero():
    panel = EnrolmentSet(make_cells(TWO), [], PLAIN)
    assert interval(panel, "A", Q2) == (0.0, math.inf)


def test_a_province_not_yet_started_takes_no_part_in_the_national_count():
    figures = [point("n", NATION, Q1, 500.0)]
    panel = EnrolmentSet(make_cells({"A": Q1, "B": Q2}), figures, PLAIN)
    assert panel.position("B", Q1) is None
    assert interval(panel, "A", Q1) == pytest.approx((500.0, 500.0))


def test_overlap_lets_provinces_sum_to_more_than_the_nation_and_never_to_less():
    figures = [point("n", NATION, Q2, 1000.0), point("a", "A", Q2, 600.0)]
    panel = EnrolmentSet(make_cells(TWO), figures, Reading("o", "test", overlap=0.1))
    assert interval(panel, "B", Q2) == pytest.approx((400.0, 500.0))


def test_a_cap_limits_enrolment_per_resident():
    panel = EnrolmentSet(make_cells(TWO), [], Reading("c", "test", cap_per_resident=0.2))
    assert interval(panel, "A", Q3) == pytest.approx((0.0, 200_000.0))


def test_a_figure_before_the_start_is_refused_by_name():
    with pytest.raises(InputError, match=r"early.*before the pilot started"):
        EnrolmentSet(make_cells({"A": Q1, "B": Q2}), [point("early", "B", Q1, 5.0)], PLAIN)


def test_shadow_prices_are_the_effect_of_one_more_person_in_print():
    base = [("n", NATION, Q2, 900.0), ("a", "A", Q2, 300.0)]
    cells = make_cells(TWO)
    panel = EnrolmentSet(cells, [point(*item) for item in base], PLAIN)
    weights = np.zeros(panel.size)
    weights[panel.position("B", Q2)] = 1.0
    prices = panel.extreme(weights, "upper").shadow_prices
    for number, (name, place, quarter, persons) in enumerate(base):
        moved = list(base)
        moved[number] = (name, place, quarter, persons + 1)
        shifted = EnrolmentSet(cells, [point(*item) for item in moved], PLAIN)
        change = shifted.extreme(weights, "upper").value - panel.extreme(weights, "upper").value
        assert prices[name] == pytest.approx(change)


def test_counts_that_a_cell_may_have_give_the_rest_and_leave_the_set_as_it_was():
    panel = EnrolmentSet(make_cells(TWO), [point("n", NATION, Q2, 900.0)], PLAIN)
    before = interval(panel, "A", Q2)
    weights = np.zeros(panel.size)
    weights[panel.position("A", Q2)] = 1.0
    for side in ("lower", "upper"):
        found = panel.values_at(weights, side, "B", Q2, np.array([0.0, 250.0, 900.0]))
        assert found == pytest.approx([900.0, 650.0, 0.0])
    assert interval(panel, "A", Q2) == pytest.approx(before)


def test_the_quick_program_has_the_values_of_the_one_with_all_rows():
    rng = np.random.default_rng(0)
    figures = [point("n", NATION, Q2, 900.0), floor("a1", "A", Q1, 10.0), point("a", "A", Q2, 300.0)]
    panel = EnrolmentSet(make_cells(TWO), figures, PLAIN)
    for weights in rng.normal(size=(40, panel.size)):
        for side in ("lower", "upper"):
            assert panel.value(weights, side) == pytest.approx(panel.extreme(weights, side).value)


def contradictory():
    """Three national and provincial figures that clash, among three that are fine."""
    return [
        point("n2", NATION, Q2, 500.0),
        floor("a2", "A", Q2, 300.0),
        floor("b2", "B", Q2, 300.0),
        floor("a1", "A", Q1, 10.0),
        point("n3", NATION, Q3, 2000.0),
        floor("n1", NATION, Q1, 20.0),
    ]


def feasible(figures):
    try:
        EnrolmentSet(make_cells(TWO), figures, PLAIN)
    except InputError:
        return False
    return True


def test_the_smallest_contradiction_is_named_and_no_other_figure():
    with pytest.raises(InputError) as caught:
        EnrolmentSet(make_cells(TWO), contradictory(), PLAIN)
    named = {item.figure_id for item in contradictory() if item.figure_id in str(caught.value)}
    assert named == {"a2", "b2", "n2"}
    every_smaller = itertools.chain.from_iterable(
        itertools.combinations(contradictory(), size) for size in range(3)
    )
    assert all(feasible(list(subset)) for subset in every_smaller)


def slow_interval(figures, place, quarter):
    """The same question to scipy with a dense matrix written out by hand for TWO provinces."""
    names = [(code, q) for code in ("A", "B", NATION) for q in (Q1, Q2, Q3)]
    at = {name: number for number, name in enumerate(names)}
    rows, ends = [], []
    for code in ("A", "B", NATION):
        for q in (Q1, Q2):
            row = np.zeros(9)
            row[at[code, q]], row[at[code, q + 1]] = 1, -1
            rows.append(row), ends.append(0)
    for item in figures:
        row = np.zeros(9)
        row[at[item.province_code, item.floor_from]] = -1
        rows.append(row), ends.append(-item.lower)
        if item.ceiling_until is not None:
            rows.append(-row), ends.append(item.upper)
    equal = np.zeros((3, 9))
    for number, q in enumerate((Q1, Q2, Q3)):
        equal[number, [at["A", q], at["B", q], at[NATION, q]]] = 1, 1, -1
    cost = np.zeros(9)
    cost[at[place, quarter]] = 1
    out = []
    for sign in (1, -1):
        found = linprog(sign * cost, A_ub=np.array(rows), b_ub=ends, A_eq=equal, b_eq=np.zeros(3))
        out.append(sign * found.fun if found.status == 0 else math.inf)
    return tuple(out)


@st.composite
def truths(draw):
    """A true panel of two provinces and a set of figures printed from it, some as floors."""
    steps = draw(st.lists(st.integers(0, 10**6), min_size=6, max_size=6))
    a, b = np.cumsum(steps[:3]), np.cumsum(steps[3:])
    truth = {"A": a, "B": b, NATION: a + b}
    keys = [(place, number) for place in truth for number in range(3)]
    figures = []
    for place, number in draw(st.lists(st.sampled_from(keys), max_size=6, unique=True)):
        value, quarter = float(truth[place][number]), (Q1, Q2, Q3)[number]
        make = draw(st.sampled_from([point, floor]))
        figures.append(make(f"{place}{number}", place, quarter, value))
    return truth, figures


@settings(max_examples=60, deadline=None)
@given(truths())
def test_the_interval_contains_the_truth_and_equals_a_program_written_out_by_hand(case):
    truth, figures = case
    panel = EnrolmentSet(make_cells(TWO), figures, PLAIN)
    for place, number in itertools.product(truth, range(3)):
        quarter = (Q1, Q2, Q3)[number]
        low, high = interval(panel, place, quarter)
        assert low - 1e-3 <= truth[place][number] <= high + 1e-3
        assert (low, high) == pytest.approx(slow_interval(figures, place, quarter), abs=1e-2)


@settings(max_examples=20, deadline=None)
@given(truths())
def test_another_true_figure_never_widens_an_interval(case):
    truth, figures = case
    more = [*figures, point("extra", "A", Q2, float(truth["A"][1]))]
    before = interval(EnrolmentSet(make_cells(TWO), figures, PLAIN), "B", Q2)
    after = interval(EnrolmentSet(make_cells(TWO), more, PLAIN), "B", Q2)
    assert after[0] >= before[0] - 1e-3
    assert after[1] <= before[1] + 1e-3
