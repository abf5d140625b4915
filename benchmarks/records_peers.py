# ruff: noqa: E501
"""The measures and checks of the records room as hand-written DuckDB SQL; `records_frames` has them in Polars and pandas.

SQL and pandas ask with ``checked`` what `analysis.records` asks of sound records: empty fields, places,
moments and amounts out of range, one clock for all, repeated order ids, platforms under words for nothing,
under two spellings or with marks that nobody sees, claims that contradict themselves, come twice or have no
orders. All ask who has most of a sum, and how many platforms make it; see `records_held`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from analysis.base.constants import NATION  # noqa: E402
from analysis.records.calendar import first_day, instant, read_rollout  # noqa: E402
from analysis.records.tables import days_since_1970  # noqa: E402
from benchmarks.records_held import FIRST, HELD, PEOPLE, hold_back  # noqa: E402

QUARTERS = 17
ZONE = ZoneInfo("Asia/Shanghai")
NAMES = (
    "enrolled",
    "active",
    "both",
    "mixed",
    "stayed",
    "orders",
    "contributions",
    "claims",
    "confirmed",
    "paid",
    *PEOPLE,
    *HELD,
)
WORDS = ("nan", "na", "<na>", "n/a", "#n/a", "null", "none", "nil", "nat")
MEMORY = "3GB"


def edges(folder: Path, days: bool = False) -> list[int]:
    first = read_rollout(folder / "rollout.csv").first_quarter
    starts = [first_day(first + index) for index in range(QUARTERS + 1)]
    return [days_since_1970(day) if days else instant(day, ZONE) for day in starts]


def empty(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    units = [*read_rollout(folder / "rollout.csv").starts, NATION]
    names = (*(name for name in NAMES if name not in HELD), *FIRST.values())
    table = {name: np.zeros((len(units), QUARTERS), np.int64) for name in names}
    table["median_days"] = np.full((len(units), QUARTERS), np.nan)
    return table, {unit: row for row, unit in enumerate(units)}


def tree(column: str, cuts: list[int], low: int = 0, high: int = QUARTERS) -> str:
    if high - low == 1:
        return str(low)
    middle = (low + high) // 2
    left, right = tree(column, cuts, low, middle), tree(column, cuts, middle, high)
    return f"CASE WHEN {column} < {cuts[middle]} THEN {left} ELSE {right} END"


def starts(folder: Path, days: bool) -> str:
    """The rollout as a list of values: province and first moment or day."""
    plan = read_rollout(folder / "rollout.csv").starts
    return ", ".join(
        f"('{code}', {days_since_1970(day) if days else instant(day, ZONE)})" for code, day in plan.items()
    )


def must(con, question: str) -> None:  # type: ignore[no-untyped-def]
    """Stop if a question that counts faults finds one."""
    if found := con.execute(question).fetchone()[0]:
        raise SystemExit(f"{found} faults: {question}")


def group_only(folder: Path) -> dict[str, np.ndarray]:
    """No measure and no check: DuckDB reads the columns and groups the orders, which nobody can leave out."""
    import duckdb

    con = duckdb.connect(config={"memory_limit": MEMORY, "preserve_insertion_order": False})
    when = tree("epoch_us(completed_at)", edges(folder))
    con.execute(f"""
        CREATE TEMP TABLE parts AS SELECT worker_id, province_code, platform_id, {when} AS q, count(*) AS n,
          sum(floor(contribution_yuan * 10000 + 0.5)::BIGINT)::BIGINT AS c
        FROM read_parquet('{folder}/orders/*.parquet') GROUP BY ALL""")
    return {}


def sql(folder: Path, checked: bool) -> dict[str, np.ndarray]:
    """The best SQL we know: one grouping of the rows, bit masks, movers apart."""
    import duckdb

    table, row = empty(folder)
    con = duckdb.connect(config={"memory_limit": MEMORY, "preserve_insertion_order": False})
    when, day = tree("epoch_us(completed_at)", edges(folder)), tree("a", edges(folder, True))
    us = "epoch_us(completed_at)"
    asked = f""", min({us}) AS first, max({us}) AS last, min({us} % 86400000000) AS early, max({us} % 86400000000) AS late,
          bool_or(order_id IS NULL OR completed_at IS NULL OR contribution_yuan IS NULL OR NOT contribution_yuan >= 0
          OR contribution_yuan > 1e9) AS odd"""
    # By platform first: the least and the most of a text in each row cost more than a few more groups.
    con.execute(f"""
        CREATE TEMP TABLE parts AS SELECT worker_id AS w, province_code AS p, platform_id AS x, {when} AS q, count(*) AS n,
          sum(floor(contribution_yuan * 10000 + 0.5)::BIGINT)::BIGINT AS c {asked if checked else ""}
        FROM read_parquet('{folder}/orders/*.parquet') GROUP BY ALL""")
    con.execute(
        "CREATE TEMP TABLE cells AS SELECT w, p, q, sum(n)::BIGINT AS n, sum(c)::BIGINT AS c, min(x) AS lo, max(x) AS hi FROM parts GROUP BY ALL"
    )
    if checked:
        end = instant(read_rollout(folder / "rollout.csv").end, ZONE)
        must(
            con,
            f"""SELECT count(*) FROM parts LEFT JOIN (VALUES {starts(folder, False)}) AS s(p, day) USING (p) WHERE odd
            OR w IS NULL OR x IS NULL OR s.day IS NULL OR first < s.day OR last >= {end} OR strlen(x) <> length(x)
            OR lower(x) IN {WORDS} OR x <> trim(x, ' ' || chr(9) || chr(10) || chr(13)) OR contains(x, chr(0))""",
        )
        must(con, "SELECT (count(DISTINCT x) - count(DISTINCT lower(x)))::INT FROM parts")
        must(con, "SELECT (min(early) = max(late))::INT FROM parts")
        # Sorting takes two thirds of the time of count(DISTINCT).
        must(
            con,
            f"""SELECT count(*) FROM (SELECT order_id AS o, lag(order_id) OVER (ORDER BY order_id) AS b
            FROM read_parquet('{folder}/orders/*.parquet')) WHERE o = b""",
        )
    con.execute(
        "CREATE TEMP TABLE places AS SELECT w, p, bit_or(1::BIGINT << q) AS m FROM cells GROUP BY ALL"
    )
    con.execute(
        "CREATE TEMP TABLE movers AS SELECT w, bit_or(m) AS m FROM places GROUP BY w HAVING count(*) > 1"
    )
    con.execute("""CREATE TEMP TABLE moves AS SELECT w, q, count(*) AS k, min(lo) AS lo, max(hi) AS hi, sum(n) AS n, sum(c) AS c,
        count(*) FILTER (lo <> hi) AS x FROM cells SEMI JOIN movers USING (w) GROUP BY ALL""")
    questions = [
        "SELECT p, q, count(*) AS active, sum(n) AS orders, sum(c) AS contributions,"
        " max(n) AS orders_first, max(c) AS contributions_first,"
        " count(*) FILTER (lo <> hi) AS mixed FROM cells GROUP BY ALL",
        f"SELECT '{NATION}' AS p, q, count(*) AS active, sum(n) AS orders, sum(c) AS contributions,"
        " count(*) FILTER (lo <> hi) - coalesce(any_value(gap), 0) AS mixed FROM cells LEFT JOIN"
        " (SELECT q, (sum(x) - count(*) FILTER (lo <> hi))::BIGINT AS gap FROM moves GROUP BY q) USING (q) GROUP BY q",
        "SELECT p, q, count(*) AS both FROM cells SEMI JOIN (FROM moves WHERE k > 1) AS several USING (w, q) GROUP BY ALL",
        f"SELECT '{NATION}' AS p, q, count(*) AS both FROM moves WHERE k > 1 GROUP BY q",
        f"SELECT '{NATION}' AS p, q, max(n) AS orders_first, max(c) AS contributions_first FROM"
        " (SELECT q, n, c FROM moves UNION ALL SELECT q, n, c FROM cells ANTI JOIN movers USING (w)) GROUP BY q",
    ]
    for unit, source in (
        ("p", "(SELECT p, m, count(*) AS k FROM places GROUP BY ALL)"),
        (
            f"'{NATION}'",
            "(SELECT m, count(*) AS k FROM (SELECT m FROM places ANTI JOIN movers USING (w) UNION ALL"
            " SELECT m FROM movers) GROUP BY ALL)",
        ),
    ):
        questions.append(
            f"SELECT {unit} AS p, q, sum(k) FILTER ((m & ((2::BIGINT << q) - 1)) = (1::BIGINT << q)) AS enrolled,"
            " sum(k) FILTER (m >> q & 1 = 1) AS people,"
            " sum(k) FILTER (q > 0 AND m >> q & 1 = 1 AND m >> greatest(q - 1, 0) & 1 = 1) AS stayed"
            f" FROM {source}, range({QUARTERS}) AS r(q) GROUP BY ALL"
        )
    con.execute(f"""CREATE TEMP TABLE claims AS SELECT *, {day} AS q FROM (SELECT worker_id AS w, province_code AS p,
        (accident_date - DATE '1970-01-01') AS a, confirmed, decided_date - filed_date AS d,
        floor(paid_yuan * 10000 + 0.5)::BIGINT AS paid FROM read_parquet('{folder}/claims/*.parquet'))""")
    if checked:
        must(
            con,
            f"""SELECT count(*) FROM read_parquet('{folder}/claims/*.parquet') AS c LEFT JOIN
            (VALUES {starts(folder, True)}) AS s(province_code, day) USING (province_code)
            LEFT JOIN (SELECT DISTINCT w AS worker_id, true AS known FROM cells) USING (worker_id)
            WHERE s.day IS NULL OR NOT accident_date - DATE '1970-01-01' >= s.day OR filed_date < accident_date
            OR decided_date < filed_date OR (confirmed IS NOT NULL AND decided_date IS NULL) OR paid_yuan < 0
            OR NOT disability_grade BETWEEN 1 AND 10 OR known IS NULL
            OR NOT accident_date - DATE '1970-01-01' < {days_since_1970(read_rollout(folder / "rollout.csv").end)}""",
        )
        must(
            con,
            f"""SELECT count(*) FROM (SELECT 1 FROM read_parquet('{folder}/claims/*.parquet')
            GROUP BY worker_id, province_code, accident_date, filed_date, decided_date, confirmed, disability_grade,
            paid_yuan HAVING count(*) > 1)""",
        )
    for unit, keys in (("p", "w, p, q"), (f"'{NATION}'", "w, q")):
        questions.append(
            f"SELECT {unit} AS p, q, count(*) AS claimants, max(k) AS claims_first, max(paid) AS paid_first,"
            " coalesce(max(paid, 2)[2], 0) AS paid_second, count(*) FILTER (yes > 0) AS confirmed_people,"
            " count(*) FILTER (yes < k) AS unconfirmed_people, count(*) FILTER (told > 0) AS decided_people"
            f" FROM (SELECT {keys}, count(*) AS k, count(*) FILTER (confirmed) AS yes, count(d) AS told,"
            " sum(paid) AS paid FROM claims GROUP BY ALL) GROUP BY ALL"
        )
        questions.append(
            f"SELECT {unit} AS p, q, count(*) AS claims, count(*) FILTER (confirmed) AS confirmed,"
            " sum(paid) AS paid, median(d) AS median_days FROM claims GROUP BY ALL"
        )
    for question in questions:
        frame = con.execute(question).df()
        at, t = frame["p"].map(row).to_numpy(), frame["q"].to_numpy(int)
        for name in frame.columns[2:]:
            target = "active" if name == "people" else name
            table[target][at, t] = frame[name].fillna(0 if name != "median_days" else np.nan)
    table["enrolled"] = table["enrolled"].cumsum(axis=1)
    parts = con.execute("SELECT p, x, q, sum(n) AS n, sum(c) AS c FROM parts GROUP BY ALL").df()
    hold_back(table, platforms(parts["p"].map(row), parts["q"], parts["x"], parts["n"], parts["c"]))
    return table


def platforms(units: Any, quarters: Any, names: Any, orders: Any, contributions: Any) -> dict[str, Any]:
    """Orders and contributions of all people by province, quarter and platform, from columns of pandas."""
    places = sorted(set(names))
    at = units.to_numpy(int), quarters.to_numpy(int), np.searchsorted(places, names)
    grids = {}
    for name, values in (("orders", orders), ("contributions", contributions)):
        grids[name] = np.zeros((units.max() + 1, QUARTERS, len(places)), np.int64)
        np.add.at(grids[name], at, values.to_numpy(np.int64))
    return grids
