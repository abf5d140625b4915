"""What the user asks of ``records panel``, and what cannot be asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analysis.base.errors import InputError
from analysis.records.rounding import check_base

SMALLEST_MINIMUM = 3
OVERALL, PER_PLATFORM = "overall", "per-platform"
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
    if request.out.exists() and any(
        Path(given).exists() and request.out.samefile(given)
        for given in (request.orders, request.claims, request.rollout)
    ):
        raise InputError(
            "the panel would overwrite what it is counted from", file=request.out, action="name another file"
        )
    if request.order_ids not in (OVERALL, PER_PLATFORM):
        raise InputError(
            "order ids are unique overall or per platform",
            value=request.order_ids,
            expected=f"{OVERALL} or {PER_PLATFORM}",
        )
