"""What is asked of the claims: counts by person, province and quarter, the largest payments, medians."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.records.grid import quarters_of, units_of, whole
from analysis.records.rows import number_where, total

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from analysis.records.engine import Session
    from analysis.records.rows import Rows


def claim_frames(session: Session, claims: Rows) -> tuple[pa.Table, ...]:
    """Claims by province and quarter, the same for the nation, counts of decision days, largest payments.

    The last two are the payments of the two people with most, by province and quarter and for the nation.

    ``claims`` carries ``power`` of the quarter of the accident.
    """
    people = session.keep(
        f"SELECT worker_id, province_code, power, count(*) AS claims, "
        f"coalesce({total('confirmed')}, 0) AS confirmed, count(decided) AS decided, {total('paid')} AS paid "
        f"FROM {claims} GROUP BY worker_id, province_code, power",
        "claim_people",
    )
    sums = ", ".join(f"{total(name)} AS {name}" for name in ("claims", "confirmed", "decided", "paid"))
    everyone = f"(SELECT worker_id, power, {sums} FROM {people} GROUP BY worker_id, power)"
    days = (
        f"SELECT province_code, power, decided - filed AS days, count(*) AS number FROM {claims} "
        "WHERE decided IS NOT NULL GROUP BY province_code, power, decided - filed"
    )
    questions = (
        _count_claimants(people, "province_code, power"),
        _count_claimants(everyone, "power"),
        days,
        _largest(people, "province_code, power"),
        _largest(everyone, "power"),
    )
    return tuple(session.answer(question) for question in questions)


def _largest(people: str, keys: str) -> str:
    ranked = (
        f"SELECT {keys}, paid, row_number() OVER (PARTITION BY {keys} ORDER BY paid DESC, worker_id) "
        f"AS place FROM {people}"
    )
    first, second = (total(f"CASE WHEN place = {place} THEN paid ELSE 0 END") for place in (1, 2))
    return f"SELECT {keys}, {first} AS paid_first, {second} AS paid_second FROM ({ranked}) GROUP BY {keys}"


def _count_claimants(people: str, keys: str) -> str:
    return (
        f"SELECT {keys}, {total('claims')} AS claims, {total('confirmed')} AS confirmed, "
        f"{total('paid')} AS paid, count(*) AS claimants, max(claims) AS claims_first, "
        f"{number_where('confirmed > 0')} AS confirmed_people, "
        f"{number_where('confirmed < claims')} AS unconfirmed_people, "
        f"{number_where('decided > 0')} AS decided_people FROM {people} GROUP BY {keys}"
    )


def medians(days: pa.Table, row: dict[str, int], quarters: int) -> NDArray[np.float64]:
    """Median of ``days``, each counted ``number`` times, by unit and quarter; the nation is the last unit."""
    median = np.full((len(row), quarters), np.nan)
    if not days.num_rows:
        return median
    when = quarters_of(days)
    cell, value, number = (
        np.concatenate(twice)
        for twice in (
            [units_of(days, row) * quarters + when, (len(row) - 1) * quarters + when],
            [whole(days, "days")] * 2,
            [whole(days, "number")] * 2,
        )
    )
    order = np.lexsort((value, cell))
    cell, value, number = cell[order], value[order], number[order]
    begins = np.flatnonzero(np.diff(cell, prepend=-1))
    reached, people = number.cumsum(), np.add.reduceat(number, begins)
    before = reached[begins] - number[begins]
    middle = [
        np.searchsorted(reached, before + half, side="right") for half in ((people - 1) // 2, people // 2)
    ]
    median.ravel()[cell[begins]] = (value[middle[0]] + value[middle[1]]) / 2
    return median
