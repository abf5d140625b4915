# ruff: noqa: E501
"""The measures and checks of the records room in Polars and in pandas; see `records_peers`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from analysis.base.constants import NATION  # noqa: E402
from analysis.records.calendar import instant, read_rollout  # noqa: E402
from analysis.records.tables import days_since_1970  # noqa: E402
from benchmarks.records_held import claim_people, hold_back  # noqa: E402
from benchmarks.records_peers import QUARTERS, WORDS, ZONE, edges, empty, platforms  # noqa: E402


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
        sums = pl.col("n").sum(), pl.col("c").sum()
        parts = (
            lazy.group_by("worker_id", "province_code", "platform_id", "q")
            .agg(n=pl.len(), c=pl.col("c").sum())
            .collect(engine="streaming")
        )
        name = pl.col("platform_id")
        cells = parts.group_by("worker_id", "province_code", "q").agg(*sums, lo=name.min(), hi=name.max())
        cells = cells.with_columns(x=pl.col("lo") != pl.col("hi"))
        by = parts.group_by("province_code", "platform_id", "q").agg(*sums).to_pandas()
        made = platforms(by["province_code"].map(row), by["q"], by["platform_id"], by["n"], by["c"])
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
                enrolled=(pl.col("first") == pl.col("q")).sum(), orders_first=pl.col("n").max(),
                contributions_first=pl.col("c").max(),
            )  # fmt: skip
            put(table, row, grouped.to_pandas())
    else:
        plan = read_rollout(folder / "rollout.csv")
        raw = pd.read_parquet(folder / "orders", columns=[*wanted, *(["order_id"] if checked else [])])
        for text in ("province_code", "platform_id"):
            raw[text] = raw[text].astype("category")  # a fifth of the time of texts
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
            names = raw["platform_id"].cat.categories
            odd = (
                names.str.lower().isin(WORDS)
                | (names != names.str.strip())
                | ~names.str.fullmatch(r"[!-~ ]+")
            )
            clock = micros % 86_400_000_000
            faults = raw.isna().any(axis=None) or (micros < first).any() or first.isna().any()
            faults |= (micros >= instant(plan.end, ZONE)).any() or ~amount.between(0, 1e9).all()
            faults |= odd.any() or names.str.casefold().has_duplicates
            if faults or raw.pop("order_id").duplicated().any() or clock.min() == clock.max():
                raise SystemExit("faults in the orders")
        raw["x"] = raw["platform_id"].cat.codes
        codes = [raw["province_code"].cat.categories, raw["platform_id"].cat.categories]
        shape = len(codes[0]), QUARTERS, len(codes[1])
        cell = (raw["province_code"].cat.codes.astype("int64") * shape[1] + raw["q"]) * shape[2] + raw["x"]
        place = [row[code] for code in codes[0]]
        made = {name: np.zeros((len(row) - 1, *shape[1:]), np.int64) for name in ("orders", "contributions")}
        made["orders"][place] = np.bincount(cell, minlength=np.prod(shape)).reshape(shape)
        money = np.bincount(cell, raw["c"], minlength=np.prod(shape))  # exact, as below 2 to the 53
        made["contributions"][place] = money.reshape(shape)
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
                orders_first=("n", "max"), contributions_first=("c", "max"),
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
            or not claims["worker_id"].isin(cells["worker_id"]).all() or claims.duplicated().any()
            or not (day < days_since_1970(plan.end)).all()
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
        put(table, row, claim_people(claims, keys))
    hold_back(table, made)
    table["enrolled"] = table["enrolled"].cumsum(axis=1)
    return table


def put(table: dict[str, np.ndarray], row: dict[str, int], frame) -> None:  # type: ignore[no-untyped-def]
    at = frame["province_code"].map(row).to_numpy() if "province_code" in frame else row[NATION]
    for name in table:
        if name in frame:
            table[name][at, frame["q"].to_numpy(int)] = frame[name].to_numpy()
