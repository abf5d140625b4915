"""Plain SQL that both engines read: texts arrive as they are, and days are told from instants."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest

from analysis.base.errors import InputError
from analysis.records.panel import build_panel
from analysis.records.rows import Rows, literal, union
from tests.records.deliveries import draw_claims, draw_orders, write_base
from tests.records.engines import SPARK

TEXTS = ("", "44", "a'b", "''", "\\", "\\'n", "O'Higgins\\n", "\u5de5'\u4f24", "--", "%_", '"', "${x}")


@pytest.fixture(params=["duckdb", SPARK])
def session(request, session_of):
    return session_of(request.param)


def test_a_text_in_sql_is_the_text(session):
    for text in TEXTS:
        found = session.answer(f"SELECT {literal(text)} AS text, length({literal(text)}) AS size")
        assert (found["text"][0].as_py(), found["size"][0].as_py()) == (text, len(text))


def test_rows_are_chosen_by_key_and_put_together(session):
    one = Rows("(SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y' UNION ALL SELECT 2, NULL)", ("a", "b"))
    two = "(SELECT 2 AS a)"
    assert session.count(str(one.of(two, ["a"]))) == 2
    assert session.count(str(one.of(two, ["a"], apart=True))) == 1
    both = union([one.of(two, ["a"]), one.where("a = 1").add(c="a + 1")])  # a further column is left out
    assert sorted(session.answer(both.query)["a"].to_pylist()) == [1, 2, 2]
    assert session.number(f"SELECT max(a) FROM {one.where('a > 5')}") == 0


def midnight(orders: pd.DataFrame, first: bool) -> list:
    """Moments on the same days at 16:00 UTC; with ``first`` only those of the first order of each group."""
    days = orders["completed_at"].dt.floor("D") + timedelta(hours=16)
    quarter = (orders["completed_at"] + timedelta(hours=8)).dt.tz_localize(None).dt.to_period("Q")
    others = orders.assign(day=days, quarter=quarter)
    repeated = others.sort_values("day").duplicated(["worker_id", "province_code", "platform_id", "quarter"])
    late = repeated.reindex(orders.index) & first
    return list(days + pd.to_timedelta(late.astype(int), unit="s"))


@pytest.mark.parametrize("first", [False, True])
def test_orders_all_at_one_time_of_the_day_are_days(tmp_path, request_for, first):
    orders, claims = draw_orders(), draw_claims()
    # The last day of a quarter would become the first of the next.
    near = (orders["completed_at"] + timedelta(hours=32)).dt.tz_localize(None).dt.to_period("Q")
    orders["completed_at"] -= pd.to_timedelta(
        (near != (orders["completed_at"] + timedelta(hours=8)).dt.tz_localize(None).dt.to_period("Q")) * 2,
        unit="D",
    )
    orders["completed_at"] = pd.DatetimeIndex(midnight(orders, first)).as_unit("us")
    write_base(tmp_path, orders, claims)
    request = request_for(tmp_path, min_cell=3)
    if first:
        assert len(build_panel(request)["quarter"])
        return
    with pytest.raises(InputError, match="all orders were completed at the same time of the day"):
        build_panel(request)


def test_a_file_of_torn_lines_only_is_refused_with_its_lines(copy, request_for):
    (copy / "orders" / "all.parquet").unlink()
    header = "order_id,worker_id,province_code,platform_id,industry,completed_at,contribution_yuan"
    (copy / "orders" / "a.csv").write_text(f"{header}\n1,2\n3,4\n", encoding="utf-8")
    with pytest.raises(InputError, match="more or fewer fields than the header") as caught:
        build_panel(request_for(copy))
    assert "files: a.csv (fewer than 10); examples: row 2: 2 fields, not 7" in str(caught.value)
