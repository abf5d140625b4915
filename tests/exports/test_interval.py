"""Bounds on a difference-in-differences of an interval outcome, against brute force and the engine."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.bounds.model import EnrolmentSet
from analysis.bounds.readings import Restriction
from analysis.config import Reading
from analysis.did import Panel, estimate
from analysis.exports.interval import added, group_time_weights, interval_effect

Q1, Q2, Q3 = pd.period_range("2023Q1", periods=3, freq="Q")
QUARTERS = (Q1, Q2, Q3)
STARTS = {"A": Q2, "B": Q2, "C": Q3, "D": Q3}
PER = np.array([2.0, 4.0, 1.0, 8.0])  # persons whose share is one


def toy(restrictions):
    """Four provinces: A and B start in the second quarter, C and D in the third."""
    rows = [
        (code, quarter, str(start), 0, 1e6, 5e5)
        for code, start in STARTS.items()
        for quarter in QUARTERS
        if quarter >= start
    ]
    columns = ["province_code", "quarter", "cohort", "event_time", "residents", "urban_employees"]
    return EnrolmentSet(pd.DataFrame(rows, columns=columns), restrictions, Reading("plain", "test"))


def never(outcome):
    """A and B treated from the second period; C and D compared with, also where the pilot reaches them."""
    frame = pd.DataFrame(
        [
            (u, t, "2" if u in "AB" else "", outcome[k][t - 1])
            for k, u in enumerate("ABCD")
            for t in (1, 2, 3)
        ],
        columns=["unit", "time", "cohort", "y"],
    )
    frame["cohort"] = pd.to_numeric(frame["cohort"])
    return Panel.from_frame(frame, unit="unit", time="time", outcome="y", cohort="cohort")


FIGURES = (
    Restriction("nation_q2", "00", 5, 5, Q2, Q2),
    Restriction("nation_q3", "00", 9, 10, Q3, Q3),
    Restriction("a_most", "A", 0, 4, None, Q3),
    Restriction("b_least", "B", 1, math.inf, Q2, None),
    Restriction("c_most", "C", 0, 2, None, Q3),
)


def brute_force(weigh):
    """Least and most of ``weigh(counts)`` over every panel of whole persons that agrees with the figures."""
    ends = [math.inf, -math.inf]
    for a2, b2 in itertools.product(range(6), repeat=2):
        if a2 + b2 != 5 or a2 > 4 or b2 < 1:
            continue
        for a3, b3, c3, d3 in itertools.product(range(11), repeat=4):
            total = a3 + b3 + c3 + d3
            if a2 <= a3 <= 4 and b2 <= b3 and c3 <= 2 and 9 <= total <= 10:
                value = weigh(np.array([[0, a2, a3], [0, b2, b3], [0, 0, c3], [0, 0, d3]], float))
                ends = [min(ends[0], value), max(ends[1], value)]
    return ends


def test_the_ends_equal_brute_force_on_four_provinces():
    weights = group_time_weights(never(np.zeros((4, 3)) + np.arange(3)))
    found = added(weights, "ABCD", QUARTERS, PER, toy(list(FIGURES)))
    wanted = brute_force(lambda counts: float((weights * counts / PER[:, None]).sum()))
    assert found == pytest.approx(wanted, abs=1e-9)
    assert wanted[1] - wanted[0] > 1  # the figures leave room, and the national counts tie the provinces:
    apart = [
        float((weights * x / PER[:, None]).sum()) for x in ([[0, 0, 0], [0, 1, 1], [0, 0, 2], [0, 0, 9]],)
    ]
    assert apart[0] < wanted[0]  # each province at its own end would give more room than there is


def test_the_weights_give_the_engines_group_time_effect():
    outcome = np.random.default_rng(3).normal(size=(4, 3))
    data = never(outcome)
    wanted = next(row.estimate for row in estimate(data, "group_time") if row.term == "att")
    assert float((group_time_weights(data) * outcome).sum()) == pytest.approx(wanted, abs=1e-12)


def test_a_known_count_is_a_point_and_an_unlimited_one_is_open():
    weights = group_time_weights(never(np.eye(4, 3)))
    known = [Restriction(f"{c}{q}", c, 2, 2, q, q) for c, s in STARTS.items() for q in QUARTERS if q >= s]
    low, high = added(weights, "ABCD", QUARTERS, PER, toy(known))
    # Treated: mean over A and B of 2 / d; others: C and D have 2 / d in the last of the two periods.
    by_hand = (2 / 2 + 2 / 4) / 2 - (2 / 1 + 2 / 8) / 2 / 2
    assert (low, high) == pytest.approx((by_hand, by_hand))
    low, high = added(weights, "ABCD", QUARTERS, PER, toy([]))
    assert (low, high) == (-math.inf, math.inf)


def test_the_joined_set_adds_the_ends_of_both():
    found = interval_effect((1.0, -0.5, 2.0), (3.0, 7.0))
    assert (found.low, found.high, found.ci_low, found.ci_high) == (4.0, 8.0, 2.5, 9.0)


def test_the_joined_set_covers_every_admissible_effect_in_simulation():
    rng = np.random.default_rng(7)
    added_low, added_high, level = 1.0, 3.0, 1.96
    for truth in (1.0, 2.0, 3.0):  # what the count truly adds; the effect on the statistic is 0.5
        error = rng.normal(size=4_000)
        sets = [
            interval_effect((0.5 + e, 0.5 + e - level, 0.5 + e + level), (added_low, added_high))
            for e in error
        ]
        share = np.mean([s.ci_low <= 0.5 + truth <= s.ci_high for s in sets])
        assert share >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / 4_000)


def test_several_cohorts_are_refused():
    frame = pd.DataFrame(
        {"u": list("AAABBBCCC"), "t": [1, 2, 3] * 3, "g": [2, 2, 2, 3, 3, 3, *[None] * 3], "y": range(9)}
    )
    with pytest.raises(InputError, match="one cohort"):
        group_time_weights(Panel.from_frame(frame, unit="u", time="t", outcome="y", cohort="g"))
