"""Shared cost: identities on any scheme and income, against a slow version in exact fractions."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.base.errors import InputError
from analysis.policy.sharing import Scheme, Tier, share_cost
from analysis.policy.sharing_report import bands, fund_balance, wage_cliff


@st.composite
def schemes(draw):
    total = draw(st.integers(0, 10_000))
    platform = draw(st.integers(0, total))
    rest = total - platform
    starts = [0, *sorted(draw(st.sets(st.integers(1, 2_000_000), max_size=3)))]
    parts = [draw(st.integers(0, rest)) for _ in starts]
    tiers = tuple(Tier(start, part, rest - part) for start, part in zip(starts, parts, strict=True))
    return Scheme(total, platform, tiers, draw(st.integers(0, 500_000)), draw(st.integers(0, 10_000)))


incomes = st.lists(st.integers(0, 5_000_000), min_size=1, max_size=20).map(
    lambda x: np.array(x, dtype=np.int64)
)


def half_up(value):
    return int(value + Fraction(1, 2))  # truncation is the floor of what is not negative


def slow_shares(income, scheme):
    """One month in exact fractions, slice by slice."""
    slices = []
    for place, tier in enumerate(scheme.tiers):
        end = scheme.tiers[place + 1].from_fen if place + 1 < len(scheme.tiers) else None
        top = income if end is None else min(income, end)
        slices.append(max(top - tier.from_fen, 0))
    worker = sum(
        Fraction(tier.individual, 10_000) * part for tier, part in zip(scheme.tiers, slices, strict=True)
    )
    platform_exact = Fraction(scheme.platform, 10_000) * income
    contribution = half_up(Fraction(scheme.total, 10_000) * income)
    platform = half_up(platform_exact)
    due = half_up(platform_exact + worker) - platform
    taken = half_up(Fraction(scheme.subsidy, 10_000) * due) if income < scheme.minimum_wage_fen else 0
    return contribution, platform, contribution - platform - (due - taken), due - taken, taken


@given(incomes, schemes())
def test_the_fast_version_equals_the_slow_one(income, scheme):
    shares = share_cost(income, scheme)
    names = ("contribution", "platform", "government", "individual", "subsidised")
    found = list(zip(*(getattr(shares, name).tolist() for name in names), strict=True))
    assert found == [slow_shares(one, scheme) for one in income.tolist()]


@given(incomes, schemes())
def test_the_three_shares_sum_to_the_contribution_and_none_is_negative(income, scheme):
    shares = share_cost(income, scheme)
    parts = (shares.platform, shares.government, shares.individual)
    assert (sum(parts) == shares.contribution).all()
    assert all((part >= 0).all() for part in (*parts, shares.subsidised))
    assert (shares.subsidised <= shares.government).all()


@given(incomes, schemes(), st.integers(0, 10_000))
def test_nobody_below_a_threshold_pays_the_tier_above_it(income, scheme, rate):
    """Changing the upper tier's rate leaves every month below its threshold as it was."""
    start = 3_000_000
    rest = scheme.total - scheme.platform
    tiers = tuple(tier for tier in scheme.tiers if tier.from_fen < start)
    upper = Tier(start, min(rate, rest), rest - min(rate, rest))
    common = (scheme.total, scheme.platform)
    more = (scheme.minimum_wage_fen, scheme.subsidy)
    with_tier = share_cost(income, Scheme(*common, (*tiers, upper), *more))
    without = share_cost(income, Scheme(*common, tiers, *more))
    below = income <= start
    assert (with_tier.individual[below] == without.individual[below]).all()


@given(incomes, schemes())
def test_a_subsidy_is_paid_below_the_minimum_wage_only(income, scheme):
    shares = share_cost(income, scheme)
    assert (shares.subsidised[income >= scheme.minimum_wage_fen] == 0).all()


@given(incomes, schemes())
def test_bands_add_up_to_the_whole(income, scheme):
    shares = share_cost(income, scheme)
    table = bands(income, shares, [0, 100_000, 300_000])
    for name in ("contribution", "platform", "government", "individual"):
        assert table[name].sum() == getattr(shares, name).sum()
    assert table["worker_months"].sum() == income.size


def simple(**changes):
    given = {"total": 2000, "platform": 1000, "tiers": (Tier(0, 200, 800),)} | changes
    return Scheme(**given)


@pytest.mark.parametrize(
    "changes",
    [
        {"total": 10_001},
        {"platform": -1},
        {"subsidy": 10_001},
        {"tiers": ()},
        {"tiers": (Tier(1, 200, 800),)},
        {"tiers": (Tier(0, 200, 800), Tier(0, 200, 800))},
        {"tiers": (Tier(0, 200, 700),)},
        {"minimum_wage_fen": -1},
    ],
)
def test_a_scheme_that_cannot_be_is_refused(changes):
    with pytest.raises(InputError):
        simple(**changes)


def test_rates_that_do_not_sum_are_named_with_the_tier_and_both_sums():
    with pytest.raises(InputError, match=r"from 3000 yuan.*= 19 %(.|\n)*20 %"):
        simple(tiers=(Tier(0, 200, 800), Tier(300_000, 200, 700)))


@pytest.mark.parametrize("income", [np.array([-1]), np.array([1.5]), np.array([10**14])])
def test_incomes_that_are_no_whole_fen_in_range_are_refused(income):
    with pytest.raises(InputError):
        share_cost(income, simple())


def test_the_subsidy_ends_with_a_step_at_the_minimum_wage():
    # 2 % of 2,000 yuan is 40; half of it is taken over below: 40 - 20 = 20, minus the fen earned
    scheme = simple(minimum_wage_fen=200_000, subsidy=5000)
    assert wage_cliff(scheme) == 2000 - 1
    assert wage_cliff(simple()) == 0


def test_the_fund_ends_at_zero_at_its_break_even_support_ratio():
    paid = np.array([100_000, 300_000])
    first = fund_balance(paid, np.zeros(2, np.int64), opening_fen=20_000, administration=1000)
    assert first.break_even_support_ratio == (20_000 + 400_000 - 40_000) / 400_000
    benefits = np.array([0, round(first.break_even_support_ratio * 400_000)])
    assert fund_balance(paid, benefits, opening_fen=20_000, administration=1000).closing == 0


def test_the_lowest_balance_is_found_inside_the_path():
    fund = fund_balance(np.array([100, 100, 100]), np.array([150, 100, 50]))
    assert (fund.lowest, fund.lowest_month, fund.closing) == (-50, 1, 0)


@pytest.mark.parametrize(
    ("paid", "benefits", "administration"),
    [([100], [1, 2], 0), ([100], [-1], 0), ([100], [1], 10_001), ([0], [1], 0)],
)
def test_a_fund_that_cannot_be_is_refused(paid, benefits, administration):
    with pytest.raises(InputError):
        fund_balance(np.array(paid), np.array(benefits), administration=administration)
