"""What the disclosure rules of `analysis.records` ask of sums, for its peers: who makes them, and who most.

A total of orders or money is held back where fewer than three platforms make it, where one makes nearly all
of it, or where one person does; a number of claims where one person has nearly all. Counts of claimants and
the two largest payments of a cell are asked for the same reason.
"""

from __future__ import annotations

import numpy as np

P = 0.1
PEOPLE = (
    "claimants",
    "confirmed_people",
    "unconfirmed_people",
    "decided_people",
    "paid_first",
    "paid_second",
)
HELD = ("business_held", "claims_held")
FIRST = {"orders": "orders_first", "contributions": "contributions_first", "claims": "claims_first"}


def hold_back(table: dict[str, np.ndarray], by_platform: dict[str, np.ndarray]) -> None:
    """Add ``business_held`` and ``claims_held``, and take away the largest parts, which decide of them.

    Parameters
    ----------
    table
        Counts by unit and quarter, the nation last, with those of `FIRST`.
    by_platform
        Orders and contributions by province, quarter and platform.
    """
    alone = {name: 1.1 * first > table[name] - first for name, first in _firsts(table).items()}
    held = alone["orders"] | alone["contributions"]
    for name, sums in by_platform.items():
        every = np.concatenate([sums, sums.sum(axis=0, keepdims=True)])
        ordered = np.sort(np.concatenate([every, np.zeros((*every.shape[:2], 1), np.int64)], axis=2))
        total, second, first = every.sum(axis=2), ordered[..., -2], ordered[..., -1]
        held |= (total > 0) & (total - first - second < P * first)
        if name == "orders":
            makers = (every > 0).sum(axis=2)
            held |= (makers > 0) & (makers < 3)
    table["business_held"], table["claims_held"] = held, alone["claims"]


def _firsts(table: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: table.pop(first) for name, first in FIRST.items()}


def claim_people(claims, keys: list[str]):  # type: ignore[no-untyped-def]
    """Of a pandas frame of claims: people by what they claimed and were paid, by ``keys``."""
    people = claims.groupby(["worker_id", *keys], as_index=False).agg(
        claims=("q", "size"), yes=("yes", "sum"), decided=("d", "count"), paid=("paid", "sum")
    )
    place = people.sort_values("paid", ascending=False).groupby(keys).cumcount()
    people = people.assign(
        first=people["paid"].where(place == 0, 0),
        second=people["paid"].where(place == 1, 0),
        some=people["yes"] > 0,
        fewer=people["yes"] < people["claims"],
        told=people["decided"] > 0,
    )
    return people.groupby(keys, as_index=False).agg(
        claimants=("claims", "size"), claims_first=("claims", "max"), confirmed_people=("some", "sum"),
        unconfirmed_people=("fewer", "sum"), decided_people=("told", "sum"), paid_first=("first", "sum"),
        paid_second=("second", "sum"),
    )  # fmt: skip
