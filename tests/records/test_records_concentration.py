"""Sums of which one has nearly all, or that fewer than three platforms make, are withheld."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.records.concentration import few_platforms, violates_p_rule
from analysis.records.panel import build_panel
from tests.records.deliveries import ROLLOUT, frame_of, save

UNITS = ("11", "12", "00")


@pytest.mark.parametrize(
    ("total", "first", "second", "held"),
    [
        (1_001_900, 1_000_000, 1_000, True),  # 900 left: the second knows the first to 0.09 %
        (1_001_900, 500_000, 450_000, False),  # 51,900 left, 10.4 % of the largest
        (1_001_900, 500_000, 460_000, True),  # 41,900 left, 8.4 %
        (210, 100, None, False),  # 10 left besides two of 100
        (209, 100, None, True),
        (0, 0, 0, False),
    ],
)
def test_the_p_rule_by_hand(total, first, second, held):
    assert violates_p_rule(np.int64(total), np.int64(first), second) == held


def platforms(*rows: tuple[str, str, int]) -> pa.Table:
    names = ("province_code", "platform_id", "orders")
    return pa.Table.from_pylist(
        [dict(zip(names, row, strict=True), power=1, contributions=7 * row[2]) for row in rows]
    )


@pytest.mark.parametrize(
    ("rows", "held"),
    [
        ([("11", "A", 50), ("11", "B", 40), ("11", "C", 30)], [False, False, False]),
        ([("11", "A", 50), ("11", "B", 40)], [True, False, True]),
        ([("11", "A", 900), ("11", "B", 40), ("11", "C", 30)], [True, False, True]),
        # Two platforms in each province, three in the nation: the nation may be published.
        ([("11", "A", 50), ("11", "B", 40), ("12", "B", 50), ("12", "C", 90)], [True, True, False]),
    ],
)
def test_a_business_total_needs_three_platforms_none_with_nearly_all(rows, held):
    row = {unit: place for place, unit in enumerate(UNITS)}
    found = few_platforms(platforms(*rows), row, 1, ("orders", "contributions"))
    assert found[:, 0].tolist() == held


def country(folder, monopolist: str | None = None, busy: int = 0) -> None:
    """Six provinces, two quarters, 60 people each, four platforms; one of them alone in a province."""
    rng = np.random.default_rng(5)
    provinces = ("05", "31", "44", "51", "52", "53")
    rows = [
        (code, f"{code}{who:03d}", quarter)
        for code in provinces
        for who in range(60)
        for quarter in (0, 1)
        for _order in range(6)
    ]
    rows += [(provinces[1], "31000", 1)] * busy
    frame = pd.DataFrame(rows, columns=["province_code", "worker_id", "quarter"])
    start = pd.Timestamp("2025-07-05", tz="Asia/Shanghai")
    frame["completed_at"] = start + pd.to_timedelta(
        frame["quarter"] * 100 * 86_400 + rng.integers(0, 70 * 86_400, len(frame)), unit="s"
    )
    frame["platform_id"] = np.array(["A", "B", "C", "D"])[rng.integers(0, 4, len(frame))]
    if monopolist:
        frame.loc[frame["province_code"] == "31", "platform_id"] = monopolist
    orders = frame.drop(columns="quarter").assign(
        order_id=np.arange(len(frame)), industry="delivery", contribution_yuan=0.07
    )
    save(orders, folder / "orders" / "a.parquet")
    people = orders.drop_duplicates("worker_id")
    days = [pd.Timestamp(day).date() for day in ("2025-07-20", "2025-11-20")]
    claims = pd.concat(
        pd.DataFrame(
            {
                "worker_id": people["worker_id"], "province_code": people["province_code"],
                "accident_date": day, "filed_date": day, "decided_date": day,
                "confirmed": np.arange(len(people)) % 2 == 0,
                "disability_grade": pd.array([None] * len(people), dtype="Int16"),
                "paid_yuan": np.where(np.arange(len(people)) % 2 == 0, 1234.5, 0.0),
            }
        )
        for day in days
    )  # fmt: skip
    save(claims, folder / "claims" / "a.parquet")
    codes = "".join(f"{code},starts,2025-07-01\n" for code in provinces)
    (folder / "rollout.csv").write_text(ROLLOUT.splitlines()[0] + "\n" + codes)


@pytest.mark.parametrize(
    ("case", "quarters"),
    [
        ({}, set()),
        ({"monopolist": "A"}, {"2025Q3", "2025Q4"}),
        ({"busy": 6000}, {"2025Q4"}),
    ],
)
def test_orders_of_one_platform_or_one_account_are_withheld_and_the_active_are_not(
    case, quarters, tmp_path, request_for
):
    country(tmp_path / "records", **case)
    frame = frame_of(build_panel(request_for(tmp_path / "records"))).set_index(["province_code", "quarter"])
    own = frame.loc["31"]
    empty = set(own.index[own["orders"].isna()])
    assert quarters <= empty and bool(empty) == bool(quarters)
    assert own["contributions_yuan"].isna().equals(own["orders"].isna())
    assert own["active"].notna().all() and frame.loc["00", "active"].notna().all()
    for quarter in quarters:  # nor does the row give it back
        assert frame.xs(quarter, level="quarter")["orders"].isna().sum() > 1


def test_a_median_needs_k_people_on_either_side(tmp_path, request_for):
    country(tmp_path / "records")
    for minimum, shown in ((30, True), (31, False)):  # 60 people were decided in each province
        out = tmp_path / str(minimum) / "panel.csv"
        frame = frame_of(build_panel(request_for(tmp_path / "records", min_cell=minimum, out=out)))
        cells = frame[(frame["quarter"] == "2025Q3") & (frame["province_code"] != "00")]
        assert cells["median_decision_days"].notna().all() == shown
        assert cells["median_decision_days"].isna().all() != shown
