"""What the user asks of ``records panel``, and what cannot be asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.base.errors import InputError
from analysis.records.rounding import check_base

if TYPE_CHECKING:
    from collections.abc import Iterable

SMALLEST_MINIMUM = 3
OVERALL, PER_PLATFORM = "overall", "per-platform"
ENGINES = ("duckdb", "spark")
MOST_MINIMUM = 1_000_000  # more withholds every cell: a slip of the pen
MOST_SEED = (1 << 63) - 1


@dataclass(frozen=True)
class Request:
    """What the user asked for; see the options of ``records panel``."""

    orders: str
    claims: str
    rollout: Path
    out: Path
    engine: str = "duckdb"
    min_cell: int = 10
    quarantine: bool = False
    order_ids: str = OVERALL
    time_zone: str = "Asia/Shanghai"
    memory: str = "3GB"
    temporary: Path | None = None
    round_to: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        """Take a path for its text and a text for its path, as callers have the one or the other."""
        for name in ("orders", "claims"):
            object.__setattr__(self, name, str(getattr(self, name)))
        for name in ("rollout", "out", "temporary"):
            if (given := getattr(self, name)) is not None:
                object.__setattr__(self, name, Path(given))


def products(out: Path) -> tuple[Path, Path, Path, Path]:
    """The panel and the files beside it: the ledger, the list of empty cells and the run record."""
    ledger, listed, said = (
        out.with_name(f"{out.stem}.{end}") for end in ("releases.jsonl", "suppressed.csv", "run.json")
    )
    return ledger, out, listed, said


def check_products(request: Request, inputs: Iterable[str]) -> None:
    """Refuse products that would take the place of what they are counted from.

    Raises
    ------
    InputError
        With the file that would be lost.
    """
    kept = {Path(file).resolve() for file in (*inputs, str(request.rollout))}
    for product in products(request.out):
        if product.resolve() in kept:
            raise InputError(
                "the panel would overwrite what it is counted from", file=product, action="name another --out"
            )


def check_request(request: Request) -> None:
    """Refuse what cannot be asked, before anything is read.

    Raises
    ------
    InputError
        A number is out of range, a name is not one of those known, or the panel cannot be written there.
    """
    if request.min_cell < SMALLEST_MINIMUM:
        raise InputError(
            "the smallest cell is too small", value=request.min_cell, expected=f"{SMALLEST_MINIMUM} or more"
        )
    for name, value, most in (
        ("smallest cell", request.min_cell, MOST_MINIMUM),
        ("seed", request.seed, MOST_SEED),
    ):
        if not 0 <= value <= most:
            raise InputError(f"the {name} is out of range", value=value, expected=f"0 to {most:,}")
    check_base(request.round_to, request.min_cell)
    if request.out.suffix != ".csv":
        raise InputError("the panel is a CSV file", file=request.out, expected="a name that ends in .csv")
    if request.out.is_dir():
        raise InputError("a folder stands where the panel should", file=request.out, action="name a file")
    for name in ("orders", "claims"):
        if not getattr(request, name).strip() or "\0" in getattr(request, name):
            raise InputError(f"no path of the {name} is given", expected="a file, a folder or a glob")
    check_products(request, (request.orders, request.claims))
    if request.engine not in ENGINES:
        raise InputError("the engine is not known", value=request.engine, expected=" or ".join(ENGINES))
    if request.order_ids not in (OVERALL, PER_PLATFORM):
        raise InputError(
            "order ids are unique overall or per platform",
            value=request.order_ids,
            expected=f"{OVERALL} or {PER_PLATFORM}",
        )
