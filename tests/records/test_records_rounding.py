"""Rounded releases: multiples of the base that add up, and nothing but released cells decides them."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.records.panel import build_panel
from analysis.records.rounding import controlled, nearest
from tests.records.deliveries import draw_claims, draw_orders, frame_of, write_base
from tests.records.test_records_concentration import country


def test_the_parts_of_a_small_table_by_hand():
    # Base 5 and shift 0: sums 3, 10, 12 are cut at 0, 10, 10; with shift 0.5 (start 2) at 5, 10, 10.
    assert controlled(np.array([3, 7, 2, 12]), np.zeros(3, bool), 5, 0.0).tolist() == [0, 10, 0, 10]
    assert controlled(np.array([3, 7, 2, 12]), np.zeros(3, bool), 5, 0.5).tolist() == [5, 5, 0, 10]


@pytest.mark.parametrize("base", [5, 10, 500])
def test_parts_sum_to_their_total_and_move_by_less_than_the_base(base):
    rng = np.random.default_rng(4)
    for _draw in range(300):
        parts = rng.integers(0, 3 * base, rng.integers(1, 32))
        exact = np.append(parts, parts.sum())
        rounded = controlled(exact, rng.random(len(parts)) < 0.3, base, rng.random())
        assert rounded[:-1].sum() == rounded[-1]
        assert (rounded % base == 0).all() and (np.abs(rounded - exact) < base).all()


def test_every_number_keeps_its_value_in_expectation():
    exact = np.array([1, 4, 13, 0, 18])
    shifts = (np.arange(5) + 0.5) / 5  # every start from 0 to 4 once
    mean = np.mean([controlled(exact, np.zeros(4, bool), 5, shift) for shift in shifts], axis=0)
    assert mean.tolist() == exact.tolist()


def test_released_parts_do_not_depend_on_how_withheld_ones_share_the_rest():
    hidden = np.array([False, True, False, True, True])
    for shift in np.linspace(0, 0.99, 25):
        one = controlled(np.array([13, 2, 21, 9, 40, 85]), hidden, 5, shift)
        other = controlled(np.array([13, 30, 21, 0, 21, 85]), hidden, 5, shift)
        assert one[[0, 2, 5]].tolist() == other[[0, 2, 5]].tolist()


def test_the_nearest_multiple_keeps_numbers_in_order():
    assert nearest(np.array([0, 2, 3, 7, 8, 12]), 5).tolist() == [0, 0, 5, 5, 10, 10]
    assert nearest(np.array([4, 5, 14, 15]), 10).tolist() == [0, 10, 10, 20]


def test_a_rounded_panel_adds_up_and_stays_near_the_exact_one(request_for, tmp_path):
    made = tmp_path / "records"
    country(made)
    exact = frame_of(build_panel(request_for(made, min_cell=5, out=tmp_path / "exact" / "p.csv")))
    given = request_for(made, min_cell=5, round_to=5, seed=9, out=tmp_path / "round" / "p.csv")
    frame = frame_of(build_panel(given))
    key = ["province_code", "quarter"]
    one, other = (table.sort_values(key).set_index(key) for table in (exact, frame))
    assert (one.isna() == other.isna()).all(axis=None)
    for name, base in (("enrolled", 5), ("active", 5), ("orders", 5), ("claims", 5), ("paid_yuan", 500)):
        released = other[name].dropna().astype(float)
        assert len(released) > 5 and (released % base == 0).all()
        assert (released - one[name].dropna().astype(float)).abs().max() < base
    for _quarter, rows in frame.groupby("quarter"):
        provinces, nation = rows[rows["province_code"] != "00"], rows[rows["province_code"] == "00"]
        if provinces["orders"].notna().all() and nation["orders"].notna().all():
            assert provinces["orders"].sum() == nation["orders"].iloc[0]
    both = frame.dropna(subset=["claims", "confirmed"])
    assert (both["confirmed"] <= both["claims"]).all()
    assert (frame["active"].dropna() <= frame.loc[frame["active"].notna(), "enrolled"].fillna(10**9)).all()
    record = json.loads(given.out.with_name("p.run.json").read_text())
    assert record["round_to"] == 5 and not isinstance(record["rows"]["orders"], int)
    again = build_panel(request_for(made, min_cell=5, round_to=5, seed=9, out=tmp_path / "b" / "p.csv"))
    pd.testing.assert_frame_equal(frame, frame_of(again))


@pytest.mark.parametrize(("base", "minimum"), [(7, 10), (10, 8), (-5, 10)])
def test_a_base_that_is_not_offered_or_too_wide_is_refused(base, minimum, tmp_path, request_for):
    write_base(tmp_path / "d", draw_orders(), draw_claims())
    with pytest.raises(InputError):
        build_panel(request_for(tmp_path / "d", round_to=base, min_cell=minimum))


def test_the_preset_withholds_seven_and_rounds_to_five(made, tmp_path):
    from typer.testing import CliRunner

    from analysis.records.cli import app

    out = tmp_path / "panel.csv"
    said = CliRunner().invoke(
        app,
        ["panel", "--orders", f"{made}/orders", "--claims", f"{made}/claims", "--rollout",
         f"{made}/rollout.csv", "--out", str(out), "--preset", "opensafely"],
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    record = json.loads(out.with_name("panel.run.json").read_text())
    assert (record["min_cell"], record["round_to"]) == (8, 5)
    active = pd.read_csv(out)["active"].dropna()
    assert active.min() >= 10 and (active % 5 == 0).all()  # 8 is the smallest number left; it goes to 10
