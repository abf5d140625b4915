# ruff: noqa: E501
"""The measures and checks of the records room as hand-written DuckDB SQL, in Polars and in pandas.

SQL and pandas ask with ``checked`` what `analysis.records` asks of sound records: empty fields, places,
moments and amounts out of range, repeated order ids, claims that contradict themselves or have no orders.
They do not ask who has most of a sum, or how many platforms make it: that is ours alone.
"""

from __future__ import annotations

import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from analysis.base.constants import NATION  # noqa: E402
from analysis.records.calendar import first_day, instant, read_rollout  # noqa: E402
from analysis.records.tables import days_since_1970  # noqa: E402

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
)
MEMORY = "3GB"


def edges(folder: Path, days: bool = False) -> list[int]:
    first = read_rollout(folder / "rollout.csv").first_quarter
    starts = [first_day(first + index) for index in range(QUARTERS + 1)]
    return [days_since_1970(day) if days else instant(day, ZONE) for day in starts]


def empty(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    units = [*read_rollout(folder / "rollout.csv").starts, NATION]
    table = {name: np.zeros((len(units), QUARTERS), np.int64) for name in NAMES}
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
            OR lower(x) IN ('nan', 'na', '<na>', 'n/a', '#n/a', 'null', 'none', 'nil', 'nat')""",
        )
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
    con.execute("""CREATE TEMP TABLE moves AS SELECT w, q, count(*) AS k, min(lo) AS lo, max(hi) AS hi,
        count(*) FILTER (lo <> hi) AS x FROM cells SEMI JOIN movers USING (w) GROUP BY ALL""")
    questions = [
        "SELECT p, q, count(*) AS active, sum(n) AS orders, sum(c) AS contributions,"
        " count(*) FILTER (lo <> hi) AS mixed FROM cells GROUP BY ALL",
        f"SELECT '{NATION}' AS p, q, count(*) AS active, sum(n) AS orders, sum(c) AS contributions,"
        " count(*) FILTER (lo <> hi) - coalesce(any_value(gap), 0) AS mixed FROM cells LEFT JOIN"
        " (SELECT q, (sum(x) - count(*) FILTER (lo <> hi))::BIGINT AS gap FROM moves GROUP BY q) USING (q) GROUP BY q",
        "SELECT p, q, count(*) AS both FROM cells SEMI JOIN (FROM moves WHERE k > 1) AS several USING (w, q) GROUP BY ALL",
        f"SELECT '{NATION}' AS p, q, count(*) AS both FROM moves WHERE k > 1 GROUP BY q",
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
    con.execute(f"""CREATE TEMP TABLE claims AS SELECT *, {day} AS q FROM (SELECT province_code AS p,
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
            OR NOT disability_grade BETWEEN 1 AND 10 OR known IS NULL""",
        )
    for unit in ("p", f"'{NATION}'"):
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
    return table


def frames(folder: Path, kind: str, checked: bool = False) -> dict[str, np.ndarray]:
    """Polars (streaming) or pandas, grouped first to worker, province and quarter as they should be."""
    table, row = empty(folder)
    cuts, days = edges(folder), edges(folder, True)
    wanted = ["worker_id", "province_code", "platform_id", "completed_at", "contribution_yuan"]
    import pandas as pd

    if kind == "polars":
        import polars as pl

        times = pl.col("completed_at").dt.epoch("us")
        quarter = pl.sum_horizontal(*((times >= cut).cast(pl.Int32) for cut in cuts[1:-1]))
        scan = pl.scan_parquet(folder / "orders" / "*.parquet").select(wanted)
        lazy = scan.with_columns(
            quarter.alias("q"), (pl.col("contribution_yuan") * 10000 + 0.5).floor().cast(pl.Int64).alias("c")
        )
        cells = (
            lazy.group_by("worker_id", "province_code", "q")
            .agg(
                n=pl.len(),
                c=pl.col("c").sum(),
                lo=pl.col("platform_id").min(),
                hi=pl.col("platform_id").max(),
            )
            .with_columns(x=pl.col("lo") != pl.col("hi"))
            .collect(engine="streaming")
        )
        everyone = cells.group_by("worker_id", "q").agg(
            k=pl.len(), n=pl.col("n").sum(), c=pl.col("c").sum(), lo=pl.col("lo").min(), hi=pl.col("hi").max()
        )
        everyone = everyone.with_columns(x=pl.col("lo") != pl.col("hi"), both=pl.col("k") > 1)
        cells = cells.join(everyone.select("worker_id", "q", "both"), on=["worker_id", "q"])
        levels = [(cells, ["worker_id", "province_code"]), (everyone, ["worker_id"])]
        for level, keys in levels:
            past = level.select(*keys, q=pl.col("q") + 1, before=True)
            first = level.group_by(keys).agg(first=pl.col("q").min())
            full = level.join(past, on=[*keys, "q"], how="left").join(first, on=keys)
            grouped = full.group_by([*keys[1:], "q"]).agg(
                active=pl.len(), orders=pl.col("n").sum(), contributions=pl.col("c").sum(), mixed=pl.col("x").sum(),
                both=pl.col("both").sum(), stayed=pl.col("before").is_not_null().sum(),
                enrolled=(pl.col("first") == pl.col("q")).sum(),
            )  # fmt: skip
            put(table, row, grouped.to_pandas())
    else:
        plan = read_rollout(folder / "rollout.csv")
        raw = pd.read_parquet(folder / "orders", columns=[*wanted, *(["order_id"] if checked else [])])
        for name in ("province_code", "platform_id"):
            raw[name] = raw[name].astype("category")  # a fifth of the time of texts
        raw["q"] = np.searchsorted(np.array(cuts[1:-1]), raw["completed_at"].astype("int64"), side="right")
        raw["c"] = np.floor(raw["contribution_yuan"] * 10000 + 0.5).astype("int64")
        if checked:
            micros = raw["completed_at"].astype("int64")
            first = (
                raw["province_code"]
                .map({code: instant(day, ZONE) for code, day in plan.starts.items()})
                .astype("float64")
            )
            amount = raw["contribution_yuan"]
            clock = micros % 86_400_000_000
            faults = raw.isna().any(axis=None) or (micros < first).any() or first.isna().any()
            faults |= (micros >= instant(plan.end, ZONE)).any() or ~amount.between(0, 1e9).all()
            if faults or raw.pop("order_id").duplicated().any() or clock.min() == clock.max():
                raise SystemExit("faults in the orders")
        raw["x"] = raw["platform_id"].cat.codes
        keyed = raw.groupby(["worker_id", "province_code", "q"], sort=False, observed=True)
        cells = keyed.agg(n=("c", "size"), c=("c", "sum"), lo=("x", "min"), hi=("x", "max")).reset_index()
        cells["x"] = cells["lo"] != cells["hi"]
        everyone = (
            cells.groupby(["worker_id", "q"], sort=False)
            .agg(k=("n", "size"), n=("n", "sum"), c=("c", "sum"), lo=("lo", "min"), hi=("hi", "max"))
            .reset_index()
        )
        everyone["x"], everyone["both"] = everyone["lo"] != everyone["hi"], everyone["k"] > 1
        cells = cells.merge(everyone[["worker_id", "q", "both"]], on=["worker_id", "q"])
        for level, keys in ((cells, ["worker_id", "province_code"]), (everyone, ["worker_id"])):
            past = level[[*keys, "q"]].assign(q=level["q"] + 1, before=1)
            full = level.merge(past, on=[*keys, "q"], how="left")
            full["new"] = full["q"] == full.groupby(keys)["q"].transform("min")
            grouped = full.groupby([*keys[1:], "q"]).agg(
                active=("n", "size"), orders=("n", "sum"), contributions=("c", "sum"), mixed=("x", "sum"),
                both=("both", "sum"), stayed=("before", "count"), enrolled=("new", "sum"),
            )  # fmt: skip
            put(table, row, grouped.reset_index())
    claims = pd.read_parquet(folder / "claims")
    day = (pd.to_datetime(claims["accident_date"]) - pd.Timestamp("1970-01-01")).dt.days
    if checked and kind == "pandas":
        first = claims["province_code"].map({code: days_since_1970(at) for code, at in plan.starts.items()})
        filed, decided, accident = (
            pd.to_datetime(claims[f"{name}_date"]) for name in ("filed", "decided", "accident")
        )
        if (
            not (day >= first).all() or (filed < accident).any() or (decided < filed).any() or (claims["paid_yuan"] < 0).any()
            or (claims["confirmed"].notna() & decided.isna()).any() or not claims["disability_grade"].dropna().between(1, 10).all()
            or not claims["worker_id"].isin(cells["worker_id"]).all()
        ):  # fmt: skip
            raise SystemExit("faults in the claims")
    claims["q"] = np.searchsorted(np.array(days[1:-1]), day, side="right")
    claims["d"] = (pd.to_datetime(claims["decided_date"]) - pd.to_datetime(claims["filed_date"])).dt.days
    claims["paid"] = np.floor(claims["paid_yuan"] * 10000 + 0.5).astype("int64")
    claims["yes"] = claims["confirmed"].fillna(False).astype(bool)
    for keys in (["province_code", "q"], ["q"]):
        grouped = claims.groupby(keys).agg(
            claims=("q", "size"), confirmed=("yes", "sum"), paid=("paid", "sum"), median_days=("d", "median")
        )
        put(table, row, grouped.reset_index())
    table["enrolled"] = table["enrolled"].cumsum(axis=1)
    return table


def put(table: dict[str, np.ndarray], row: dict[str, int], frame) -> None:  # type: ignore[no-untyped-def]
    at = frame["province_code"].map(row).to_numpy() if "province_code" in frame else row[NATION]
    for name in table:
        if name in frame:
            table[name][at, frame["q"].to_numpy(int)] = frame[name].to_numpy()
