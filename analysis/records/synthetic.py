"""Synthetic orders and claims with a known truth, written in partitions.

Every file says in its own metadata that it is synthetic. Identifiers are scattered over 63 bits,
orders lie in time order as a platform would deliver them, so that neither compresses nor groups
better than real records do. Nothing here describes a real person, province or platform; only the
dates of the default rollout are the pilot's.
"""

from __future__ import annotations

import datetime as dt
import shutil
from contextlib import contextmanager
from os.path import realpath
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.base.errors import InputError
from analysis.base.files import write_text
from analysis.base.progress import say, track
from analysis.records.calendar import Rollout, first_day, instant, quarter_label, read_rollout
from analysis.records.invention import STAY, Cells, draw_cells
from analysis.records.truth import Tally, write_truth

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

LABEL = "SYNTHETIC RECORDS: invented people, orders and claims; evidence class simulated"
ZONE = ZoneInfo("Asia/Shanghai")
QUARTERS = 17  # the pilot from 2022Q3 to 2026Q3
WAVES = {
    "2022-07-01": "11 31 32 44 46 50 51",
    "2025-07-01": "12 13 21 33 34 35 37 42 45 64",
    "2026-07-01": "14 15 22 23 36 41 43 52 53 54 61 62 63 65",
}
PLATFORMS = tuple(f"P{number:02d}" for number in range(1, 12))
INDUSTRIES = ("delivery", "ride", "freight", "errand")
FEN_PER_ORDER = np.array([6, 4, 20, 4])  # contribution by industry, in 1/100 yuan
SLICE = 4_000_000  # orders held in memory at a time
CLAIM_RATE = 0.02  # claims per active person in the start quarter
CLAIM_GROWTH = 0.0025  # added per quarter since the start, for eight quarters
ID_BITS = (1 << 63) - 1
MOST_WORKERS, MOST_ORDERS = 100_000_000, 10_000_000_000  # more than the country has: a slip of the pen


def make_records(
    *, workers: int, orders: int, seed: int, out: Path, rollout: Path | None = None, zone: ZoneInfo = ZONE
) -> None:
    """Write ``orders/``, ``claims/``, ``rollout.csv``, ``truth.csv`` and ``README.md`` into ``out``.

    Parameters
    ----------
    workers, orders
        How many to invent. Each active quarter of a worker needs an order; with fewer orders per
        worker, people are active in fewer quarters.
    seed
        Seed of every draw; the same seed gives the same bytes.
    out
        A new or empty folder.
    rollout
        Starts by province; the pilot's waves when absent.
    zone
        Zone whose calendar the scheme follows.

    Raises
    ------
    InputError
        The folder holds something, a number is out of range, or there are fewer orders than cells.
    """
    for option, given, least, most in (
        ("--workers", workers, 1, MOST_WORKERS),
        ("--orders", orders, 1, MOST_ORDERS),
        ("--seed", seed, 0, ID_BITS),
    ):
        if not least <= given <= most:
            raise InputError(f"{option} is out of range", value=given, expected=f"{least:,} to {most:,}")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise InputError(
            "the folder for synthetic records is not empty", file=out, action="name a new folder"
        )
    plan = read_rollout(rollout) if rollout else default_rollout()
    span = max(QUARTERS, max(map(plan.quarter, plan.starts)) - plan.first_quarter + 1)
    rng, cells, needed = _people(plan, span, workers, orders, seed)
    shares = np.cumsum([len(cell.worker) for cell in cells]) / sum(len(cell.worker) for cell in cells)
    extra = np.diff(np.floor((orders - needed.sum()) * shares + 1e-9).astype(np.int64), prepend=0)
    tally = Tally(plan, span)
    with _whole(out) as made:
        _write_rollout(plan, made / "rollout.csv")
        written = 0
        for quarter in track(range(span), span, "quarters of synthetic records"):
            tally.add_cells(quarter, cells[quarter])
            written = _write_orders(
                plan, zone, quarter, cells[quarter], int(extra[quarter]), written, made, rng, tally
            )
            _write_claims(plan, quarter, cells[quarter], made, rng, tally)
        write_truth(tally, made / "truth.csv")
        write_text(_readme(workers, written, seed), made / "README.md")
    say(f"{LABEL}: {workers} workers, {written} orders, {span} quarters")


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """A hidden folder beside ``out`` that takes its place when all is written: never half a record."""
    full = Path(realpath(out))
    made = full.with_name(f".{full.name}.{token_hex(8)}")
    for name in ("orders", "claims"):
        (made / name).mkdir(parents=True)
    try:
        yield made
        if full.is_dir():  # empty, and perhaps where the user stands
            for item in sorted(made.iterdir()):
                item.rename(full / item.name)
        else:
            made.rename(full)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _people(
    plan: Rollout, span: int, workers: int, orders: int, seed: int
) -> tuple[np.random.Generator, list[Cells], NDArray[np.int64]]:
    # Fewer orders mean less active people, down to one quarter each.
    for stay in (STAY, 0.4, 0.1, 0.0):
        rng = np.random.default_rng(seed)
        cells = draw_cells(plan, span, workers, len(PLATFORMS), stay, rng)
        needed = np.array([len(cell.worker) + int((cell.second >= 0).sum()) for cell in cells])
        if needed.sum() <= orders:
            return rng, cells, needed
    raise InputError(
        "too few orders for this many workers", value=orders, expected=f"at least {needed.sum()} orders"
    )


def default_rollout() -> Rollout:
    """The pilot's three waves, 31 provinces."""
    starts = {code: dt.date.fromisoformat(day) for day, codes in WAVES.items() for code in codes.split()}
    return Rollout(dict(sorted(starts.items())))


def claim_rate(age: NDArray[np.int64]) -> NDArray[np.float64]:
    """Chance of a claim per active person, ``age`` quarters after the start: the known effect.

    Without the scheme nobody can claim, so the whole of it is the effect.
    """
    return CLAIM_RATE + CLAIM_GROWTH * np.minimum(age, 8)


def _scatter(index: NDArray[np.int64], odd: int) -> NDArray[np.int64]:
    # An odd multiplier permutes the integers modulo a power of two: distinct stay distinct.
    return ((index.astype(np.uint64) * np.uint64(odd)) & np.uint64(ID_BITS)).astype(np.int64)


def _scatter_worker(index: NDArray[np.int64]) -> NDArray[np.int64]:
    return _scatter(index + 1, 0x9E3779B97F4A7C15)


def _save(columns: dict[str, pa.Array], path: Path) -> None:
    table = pa.table(columns).replace_schema_metadata({"label": LABEL, "evidence": "simulated"})
    # Identifiers and instants hardly repeat: a dictionary of them only costs time.
    repeated = [name for name in columns if name not in ("order_id", "worker_id", "completed_at")]
    pq.write_table(table, path, compression="zstd", compression_level=1, use_dictionary=repeated)


def _coded(codes: NDArray[np.integer], names: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int16)), pa.array(names)).cast(pa.string())


def _write_orders(
    plan: Rollout,
    zone: ZoneInfo,
    quarter: int,
    cells: Cells,
    extra: int,
    written: int,
    out: Path,
    rng: np.random.Generator,
    tally: Tally,
) -> int:
    codes = list(plan.starts)
    index = plan.first_quarter + quarter
    begin, end = (instant(first_day(i), zone) for i in (index, index + 1))
    opening = np.array([max(begin, instant(plan.starts[code], zone)) for code in codes])
    count = len(cells.worker)
    mixed = np.flatnonzero(cells.second >= 0)
    slices = max(1, -(-(count + len(mixed) + extra) // SLICE))
    weight = rng.gamma(2.0, 1.0, count)
    weight /= weight.sum()
    # The first order on each platform of a cell is certain, which makes the truth exact.
    base_slice, mixed_slice = rng.integers(slices, size=count), rng.integers(slices, size=len(mixed))
    edges = np.linspace(begin, end, slices + 1).astype(np.int64)
    for part in range(slices):
        share = extra * (part + 1) // slices - extra * part // slices
        # With few people a quarter may have nobody in it.
        more = np.repeat(np.arange(count), rng.multinomial(share, weight) if count else 0)
        certain, again = np.flatnonzero(base_slice == part), mixed[mixed_slice == part]
        cell = np.concatenate([certain, again, more])
        second = np.zeros(len(cell), bool)
        second[len(certain) : len(certain) + len(again)] = True
        second[len(certain) + len(again) :] = (cells.second[more] >= 0) & (rng.random(len(more)) < 0.5)
        if not len(cell):
            continue
        shuffled = rng.permutation(len(cell))
        cell, second = cell[shuffled], second[shuffled]
        moment = np.sort(rng.integers(edges[part], edges[part + 1], len(cell)))
        province = cells.province[cell]
        early = moment < opening[province]
        moment[early] = opening[province[early]] + (moment[early] - begin) % (end - opening[province[early]])
        platform = np.where(second, cells.second[cell], cells.platform[cell])
        industry = platform % len(INDUSTRIES)
        fen = FEN_PER_ORDER[industry] + rng.integers(0, 3, len(cell))
        tally.add_orders(quarter, province, fen)
        number = np.arange(written, written + len(cell), dtype=np.int64)
        columns = {
            "order_id": pa.array(_scatter(number + 1, 0xD1342543DE82EF95)),
            "worker_id": pa.array(_scatter_worker(cells.worker[cell])),
            "province_code": _coded(province, codes),
            "platform_id": _coded(platform, list(PLATFORMS)),
            "industry": _coded(industry, list(INDUSTRIES)),
            "completed_at": pa.array(moment).cast(pa.timestamp("us", tz="UTC")),
            "contribution_yuan": pa.array(fen / 100),
        }
        _save(columns, out / "orders" / f"{quarter_label(index)}-{part:03d}.parquet")
        written += len(cell)
    return written


def _write_claims(
    plan: Rollout, quarter: int, cells: Cells, out: Path, rng: np.random.Generator, tally: Tally
) -> None:
    codes = list(plan.starts)
    index = plan.first_quarter + quarter
    opening = np.array([plan.quarter(code) for code in codes])
    chance = claim_rate(index - opening[cells.province])
    tally.expected[:, quarter] = np.bincount(cells.province, weights=chance * 1.05, minlength=len(codes))
    once = np.flatnonzero(rng.random(len(cells.worker)) < chance)
    cell = np.concatenate([once, once[rng.random(len(once)) < 0.05]])  # one claimant in twenty claims twice
    count = len(cell)
    if not count:
        return
    epoch = dt.date(1970, 1, 1)
    last = (first_day(index + 1) - epoch).days
    since = np.array([(max(first_day(index), plan.starts[code]) - epoch).days for code in codes])
    province = cells.province[cell]
    accident = since[province] + np.floor(rng.random(count) * (last - since[province])).astype(np.int64)
    filed = accident + rng.geometric(0.1, count)
    days = np.floor(rng.lognormal(3.2, 0.6, count)).astype(np.int64)
    decided = rng.random(count) < 0.95
    confirmed = decided & (rng.random(count) < 0.85)
    grade = np.where(confirmed & (rng.random(count) < 0.1), rng.integers(1, 11, count), 0)
    fen = np.where(confirmed, np.floor(rng.lognormal(8.5, 1.0, count) * 100), 0).astype(np.int64)
    tally.add_claims(quarter, province, decided, confirmed, days, fen)
    columns = {
        "worker_id": pa.array(_scatter_worker(cells.worker[cell])),
        "province_code": _coded(province, codes),
        "accident_date": pa.array(accident.astype(np.int32)).cast(pa.date32()),
        "filed_date": pa.array(filed.astype(np.int32)).cast(pa.date32()),
        "decided_date": pa.array((filed + days).astype(np.int32), mask=~decided).cast(pa.date32()),
        "confirmed": pa.array(confirmed, mask=~decided),
        "disability_grade": pa.array(grade.astype(np.int16), mask=grade == 0),
        "paid_yuan": pa.array(fen / 100),
    }
    _save(columns, out / "claims" / f"{quarter_label(index)}.parquet")


def _write_rollout(plan: Rollout, path: Path) -> None:
    frame = pd.DataFrame({"province_code": list(plan.starts), "event": "starts"})
    frame["date"] = [day.isoformat() for day in plan.starts.values()]
    write_text(frame.to_csv(index=False, lineterminator="\n"), path)


def _readme(workers: int, orders: int, seed: int) -> str:
    return f"""# Synthetic records

{LABEL}.

Made by `python -m analysis records make --workers {workers} --orders {orders} --seed {seed}`.

- `orders/`, `claims/`: Parquet files whose metadata carry the same label.
- `rollout.csv`: first day of the scheme by province.
- `truth.csv`: the panel that `python -m analysis records panel` must find, computed from the
  invented people and not from the files, and `claims_expected`, the true effect of the scheme on
  claims: without the scheme nobody can claim.

Never show a figure made from these files without its class, `simulated`.
"""
