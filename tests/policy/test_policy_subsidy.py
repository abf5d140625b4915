"""The pension subsidy: entitlement against a slow version and against theory; published cases."""

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis import inputs
from analysis.base.errors import InputError
from analysis.policy.examples import log_normal
from analysis.policy.programmes import city_floor, published_cases
from analysis.policy.subsidy import (
    ENTITLED,
    NOT_ENTITLED,
    NOT_KNOWN,
    entitlement,
    subsidy_amounts,
)


def slow_entitlement(path, floor, window, before):
    """Month by month, trying every history that the unknown months could have had."""
    found = []
    for now in range(len(path)):
        last = now + 1 if window == "including" else now
        months = [path[t] >= floor if t >= 0 else None for t in range(last - 6, last)]
        answers = set()
        for past in (False, True) if before == "unknown" else (False,):
            good = sum(past if month is None else month for month in months)
            answers.add(path[now] >= floor and good >= 3)
        found.append(NOT_KNOWN if len(answers) > 1 else ENTITLED if answers.pop() else NOT_ENTITLED)
    return found


@given(
    st.lists(st.integers(0, 10), min_size=1, max_size=15),
    st.sampled_from(["including", "preceding"]),
    st.sampled_from(["unknown", "none"]),
)
def test_entitlement_equals_the_month_by_month_version(path, window, before):
    found = entitlement(np.array([path]), 5, window=window, before=before)
    assert found[0].tolist() == slow_entitlement(path, 5, window, before)


@pytest.mark.parametrize(("window", "others", "needed"), [("including", 5, 2), ("preceding", 6, 3)])
def test_the_share_of_months_is_the_binomial_one_for_independent_incomes(window, others, needed):
    """With chance p a month reaches the floor; then `needed` of the `others` months must, too."""
    incomes = log_normal(1.2 * 443_300, 0.5, (40_000, 12), seed=1)
    p = (incomes >= 443_300).mean()
    chance = p * sum(comb(others, k) * p**k * (1 - p) ** (others - k) for k in range(needed, others + 1))
    status = entitlement(incomes, 443_300, window=window)[:, 6:]
    # 240,000 months in blocks of dependent ones: four standard errors are below 0.006
    assert (status == ENTITLED).mean() == pytest.approx(chance, abs=0.006)


def test_log_normal_incomes_have_the_mean_and_spread_asked_for():
    draws = log_normal(600_000, 0.5, (200_000, 2), seed=2).astype(float)
    assert draws.mean() == pytest.approx(600_000, rel=0.005)
    assert draws.std() / draws.mean() == pytest.approx(0.5, abs=0.01)


def test_every_published_case_that_can_be_checked_agrees_to_the_cent(raw):
    cases = published_cases(inputs.load_platforms(raw))
    checked = cases[cases["checks"] != "nothing"]
    assert sorted(checked["city"]) == sorted(["泉州", "南通", "深圳", "南京"])
    assert (checked["computed_fen"] == checked["printed_fen"]).all()


def test_hangzhou_prints_the_subsidy_alone_and_needs_a_floor_that_is_not_on_record(raw):
    cases = published_cases(inputs.load_platforms(raw)).set_index("city")
    assert cases.loc["杭州", "checks"] == "nothing"
    # 4,072 is the floor that 407.20 would need, half of a fifth of it; no check of the rule.
    assert subsidy_amounts(407_200).subsidy == 40_720


def test_a_city_is_found_in_both_languages_and_an_unknown_one_lists_the_known(raw):
    platforms = inputs.load_platforms(raw)
    assert city_floor(platforms, "quanzhou") == city_floor(platforms, "泉州") == 443_300
    with pytest.raises(InputError, match="Nantong 南通 4879"):
        city_floor(platforms, "Lhasa")


@pytest.mark.parametrize(
    ("incomes", "floor", "options"),
    [
        ([[1, -1]], 5, {}),
        ([1, 2], 5, {}),
        ([[1.5]], 5, {}),
        ([[1]], 0, {}),
        ([[1]], 5, {"window": "both"}),
        ([[1]], 5, {"before": "some"}),
    ],
)
def test_input_that_cannot_be_judged_is_refused(incomes, floor, options):
    with pytest.raises(InputError):
        entitlement(np.array(incomes), floor, **options)
