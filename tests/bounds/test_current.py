"""What the ministry adds for the pilot, against values worked out by hand from the printed digits.

By hand, in millions: 3.23亿 is 322.5 to 323.5, +2283万 is 22.825 to 22.835, so the base is 299.665 to
300.675. June 2023, 2.94亿, is 293.5 to 294.5; +478万 is 4.775 to 4.785, so June 2024 is 298.275 to 299.285.
"""

import itertools
from pathlib import Path

import numpy as np
import pytest

from analysis.base.errors import InputError
from analysis.bounds.current import current_cover
from analysis.bounds.program import ends
from analysis.config import STOCK_FIGURES
from analysis.inputs import load_ledger

RAW = Path(__file__).resolve().parents[2] / "data/raw"
EVER = 25_050_000.0


@pytest.fixture(scope="module")
def ledger():
    return load_ledger(RAW)


@pytest.fixture(scope="module")
def table(ledger):
    return current_cover(ledger, EVER).set_index(["quantity", "assumptions"])


def interval(table, *key):
    return tuple(table.loc[key, ["lower", "upper"]] / 1e6)


def test_a_base_without_the_pilot_gives_the_change_less_the_growth_of_work_injury_alone(table):
    # 22.825 - 4.785 and 22.835 - 0
    assert interval(table, "pilot_2026", "base_alone") == pytest.approx((18.04, 22.835))


def test_a_base_that_may_hold_the_pilot_moves_the_upper_end_only(table):
    # 323.5 - 298.275: the largest total less the least that work injury alone can be
    assert interval(table, "pilot_2026", "base_open") == pytest.approx((18.04, 25.225))


def test_the_level_as_printed_needs_no_base(table):
    # 322.5 - 305.5 (end of 2025, 3.05亿) and 323.5 - 296.5 (March 2025, 2.97亿)
    assert interval(table, "pilot_2026", "level") == pytest.approx((17.0, 27.0))


def test_the_base_can_hold_a_small_part_of_the_pilot_at_most(table):
    # 300.675 - 298.275, against 12.3 million ever enrolled by then
    assert interval(table, "pilot_2025", "base_open") == pytest.approx((0.0, 2.4))


def test_a_base_without_the_pilot_fits_the_growth_printed_before(table):
    # 299.665 - 299.285 and 300.675 - 298.275: between nothing and the 4.785 of the year before
    assert interval(table, "alone_growth_2025", "base_alone") == pytest.approx((0.38, 2.4))


def test_counting_everybody_ever_enrolled_needs_a_fall_of_work_injury_alone(table):
    assert table.loc[("alone_change_if_all", "base_alone"), "upper"] == pytest.approx(-2.215e6)


def test_the_program_agrees_with_a_search_over_a_grid(ledger):
    # Brute force over the corners of what is printed and of what is assumed, for the open base.
    tops, changes = (322.5, 323.5), (22.825, 22.835)
    early = [level + growth for level in (293.5, 294.5) for growth in (4.775, 4.785)]
    found = []
    for total, change, june_2024 in itertools.product(tops, changes, early):
        base = total - change
        for first, second in itertools.product(np.linspace(0, 4.785, 200), repeat=2):
            alone_2025, alone_2026 = june_2024 + first, june_2024 + first + second
            if base - alone_2025 >= 0:
                found.append(total - alone_2026)
    table = current_cover(ledger, EVER).set_index(["quantity", "assumptions"])
    low, high = interval(table, "pilot_2026", "base_open")
    assert low - 1e-9 <= min(found)
    assert max(found) <= high + 1e-9
    assert (min(found), max(found)) == pytest.approx((low, high), abs=0.03)


def test_a_record_without_the_sentence_gives_no_rows(ledger):
    assert current_cover(ledger[ledger["figure_id"] != STOCK_FIGURES["change"]], EVER).empty


def test_what_cannot_be_true_is_refused(ledger):
    with pytest.raises(InputError, match="cannot all be true"):
        ends({"a": 1.0}, {"a": (0.0, 1e6)}, [({"a": 1.0}, 2e6, 3e6)])


def test_an_open_side_is_infinite():
    assert ends({"a": 1.0}, {"a": (1e6, np.inf)}, []) == (1e6, np.inf)
