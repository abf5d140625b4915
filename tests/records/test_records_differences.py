"""Two releases of one panel: what stands behind their difference cannot be worked out from it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.records.panel import build_panel
from tests.records.deliveries import save
from tests.records.test_records_concentration import country
from tests.records.test_records_ledger import add_claims, released

PAYMENT = 87_654.32


@pytest.fixture
def records(tmp_path):
    """Six provinces of 60 people in two quarters, four platforms, 60 claims in each province and quarter."""
    country(tmp_path / "records")
    return tmp_path / "records"


def change(folder, name: str, function) -> None:
    """Deliver a table again, changed."""
    file = folder / name / "a.parquet"
    save(function(pq.read_table(file).to_pandas()), file)


def next_quarter(orders: pd.DataFrame) -> pd.DataFrame:
    later = orders.assign(
        order_id=orders["order_id"] + 10**6, completed_at=orders["completed_at"] + pd.Timedelta("184D")
    )
    return pd.concat([orders, later[later["completed_at"] < pd.Timestamp("2026-03-31", tz="UTC")]])


def late_platform(orders: pd.DataFrame, names: tuple[str, ...] = ("E",)) -> pd.DataFrame:
    """As many people as orders: each order of one of them comes from a platform that was not there."""
    more = orders[orders["province_code"] == "31"].assign(platform_id=lambda of: np.resize(names, len(of)))
    many = more.assign(order_id=more["order_id"] + 10**6, worker_id="n" + more["worker_id"].astype(str))
    return pd.concat([orders, many])


@pytest.mark.parametrize("base", [0, 5, 10])
@pytest.mark.parametrize("names", [("E",), ("A",), ("E", "F")])
def test_a_platform_whose_orders_come_late_is_not_the_difference(names, base, records, request_for):
    request = request_for(records, round_to=base)
    first = released(request)
    change(records, "orders", lambda orders: late_platform(orders, names))
    second = released(request)
    # 60 people and 720 orders more in province 31: none of it is seen, and nothing is taken back.
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("base", [0, 5, 10])
def test_a_platform_that_is_taken_out_is_not_the_difference_either(base, records, request_for):
    change(records, "orders", late_platform)
    request = request_for(records, round_to=base)
    first = released(request)
    change(records, "orders", lambda orders: orders[orders["platform_id"] != "E"])
    pd.testing.assert_frame_equal(first, released(request))


@pytest.mark.parametrize("base", [0, 5, 10])
@pytest.mark.parametrize("people", [1, 10, 12])
def test_one_payment_among_new_claims_is_not_the_difference(people, base, records, request_for):
    request = request_for(records, round_to=base)
    first = released(request)
    add_claims(records, people - 1, paid=0.0)  # confirmed, and nothing paid yet
    add_claims(records, 1, paid=PAYMENT)
    gained = (released(request)["paid_yuan"] - first["paid_yuan"]).dropna()
    assert gained.abs().max() <= 100 * base


@pytest.mark.parametrize("base", [0, 5])
def test_many_like_payments_among_new_claims_are_released(base, records, request_for):
    request = request_for(records, round_to=base)
    first = released(request)
    add_claims(records, 20, paid=1234.5)
    gained = released(request).loc[("31", "2025Q4"), "paid_yuan"] - first.loc[("31", "2025Q4"), "paid_yuan"]
    assert gained == pytest.approx(20 * 1234.5, abs=100 * base + 1e-6)


@pytest.mark.parametrize("base", [0, 5])
def test_a_cell_that_was_released_is_not_emptied_to_protect_another(base, records, request_for):
    # 60 claims, then 4: the partner that would be emptied with them is known from the first release.
    request = request_for(records, round_to=base)
    first = released(request)

    def drop(claims: pd.DataFrame) -> pd.DataFrame:
        late = (claims["province_code"] == "31") & (pd.to_datetime(claims["accident_date"]).dt.month == 11)
        return claims.drop(index=claims.index[late][4:])

    change(records, "claims", drop)
    pd.testing.assert_frame_equal(first, released(request))


def test_those_not_confirmed_do_not_change_by_a_few(records, request_for):
    request = request_for(records)
    first = released(request)

    def add(claims: pd.DataFrame) -> pd.DataFrame:
        of = claims[
            (claims["province_code"] == "31") & (pd.to_datetime(claims["accident_date"]).dt.month == 11)
        ]
        more = pd.concat([of[of["confirmed"]][:15], of[~of["confirmed"]][:5]])
        return pd.concat([claims, more])

    change(records, "claims", add)  # 20 claims, 15 of them confirmed
    pd.testing.assert_frame_equal(first, released(request))


@pytest.mark.parametrize(
    ("base", "cases"),
    [(0, (("same", 0), ("one more", 1), ("nine more", 9))), (5, (("same", 0), ("one more", 1)))],
)
def test_whether_old_quarters_changed_by_little_or_not_at_all_is_nowhere_to_be_seen(
    base, cases, records, tmp_path, request_for
):
    found = []
    build_panel(request_for(records, round_to=base, out=tmp_path / "first" / "panel.csv"))
    for name, claims in cases:
        request = request_for(records, out=tmp_path / name / "panel.csv")
        request.out.parent.mkdir()
        for file in (tmp_path / "first").iterdir():
            (request.out.parent / file.name).write_bytes(file.read_bytes())
        folder = tmp_path / f"records {name}"
        country(folder)
        change(folder, "orders", next_quarter)
        if claims:
            add_claims(folder, claims)
        build_panel(request_for(folder, round_to=base, out=request.out))
        found.append({file.name: file.read_bytes() for file in request.out.parent.iterdir()})
    assert b"2026Q1" in found[0]["panel.csv"]
    assert all(files == found[0] for files in found)


def test_payments_of_three_are_not_the_difference_of_rounded_releases(records, request_for):
    request = request_for(records, round_to=5)
    first = released(request)
    add_claims(records, 3, paid=PAYMENT)
    gained = (released(request)["paid_yuan"] - first["paid_yuan"]).dropna()
    assert gained.abs().max() <= 500


def test_a_release_with_the_same_numbers_leaves_its_run_record(records, request_for):
    request = request_for(records)
    build_panel(request)
    record = request.out.with_name("panel.run.json")
    before = record.read_bytes()
    add_claims(records, 3)
    build_panel(request)
    assert record.read_bytes() == before
    record.unlink()
    build_panel(request)
    assert json.loads(record.read_text())["ledger"] == json.loads(before)["ledger"]


@pytest.mark.parametrize("base", [0, 5])
def test_one_payment_in_a_withheld_province_is_not_the_rest_of_the_difference(base, records, request_for):
    def drop(claims: pd.DataFrame) -> pd.DataFrame:
        late = (claims["province_code"] == "31") & (pd.to_datetime(claims["accident_date"]).dt.month == 11)
        return claims.drop(index=claims.index[late][4:])

    change(records, "claims", drop)  # four claims: withheld, with a partner
    request = request_for(records, round_to=base)
    first = released(request)["paid_yuan"].xs("2025Q4", level="quarter")
    shown = first.drop("00").dropna().index
    assert "31" not in shown and not np.isnan(first["00"])
    add_claims(records, 60, province=shown[0], paid=5000.0)
    add_claims(records, 9, paid=0.0)
    add_claims(records, 1, paid=PAYMENT)
    second = released(request)["paid_yuan"].xs("2025Q4", level="quarter")
    rest = [paid["00"] - paid[shown].sum() for paid in (first, second)]
    assert abs(rest[1] - rest[0]) <= 2 * 100 * base + 1e-6
