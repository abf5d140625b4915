"""An audit of the user's own panel: what still pins a small number of people, and what to empty for it.

It asks of every number of people below k, published or derived, how closely the release pins it down:
the active, newcomers, stayers and leavers, the dormant (enrolled, not active), the returners (active,
neither stayers nor newcomers), those active in several provinces and those new to a further one, those
on several platforms, and orders beyond one a person, where they are few.
Where the interval is narrower than k - 1, the cheapest released cell that binds it is hidden as well,
until it is not. What the outsider is given stands in `outsider`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.records.outsider import (
    ACTIVE,
    CLOSE,
    MEASURE,
    MIXED,
    ORDERS,
    SEVERAL,
    STAYED,
    Cell,
    Outsider,
)

if TYPE_CHECKING:
    from analysis.records.disclosure import Release
    from analysis.records.measures import Totals
    from analysis.records.protection import Mask

WITH_ACTIVE = ("active", "orders", "contributions_yuan", "multi_province_share", "multi_platform_share")
NATION_COST = 1e12
SHARE_COST = 1e-6  # a share, or orders, are given up before a count of people


@dataclass(frozen=True)
class Audit:
    """What the audit found.

    Parameters
    ----------
    added
        Cells hidden on account of the audit, by measure.
    narrowest
        No interval that an outsider reaches is shorter, in people.
    """

    added: dict[str, int]
    narrowest: float


def audit(
    totals: Totals,
    in_force: Mask,
    k: int,
    releases: dict[str, Release],
    standing: Mask | None = None,
) -> tuple[dict[str, Release], Audit]:
    """Bound every small number of people from the released cells and hide more where it is pinned.

    Parameters
    ----------
    totals
        Exact counts, shape (U, Q) with the nation last.
    in_force
        Cells the panel has, shape (U, Q).
    k
        Fewest people a published cell counts.
    releases
        Suppression so far; it only grows.
    standing
        Cells that were released before and cannot be taken back.
    """
    outsider = Outsider(totals, in_force, k, releases)
    fixed = np.zeros_like(in_force) if standing is None else standing
    hidden = {name: release.hidden.copy() for name, release in releases.items()}
    asked = list(outsider.small_numbers())
    narrowest = np.inf
    for terms, width in zip(asked, outsider.spread(asked), strict=True):
        if width < k - 1:
            width, _binding = outsider.width(terms)
            while width < k - 1 - CLOSE:
                _width, binding = outsider.width(terms, anew=True)
                free = [cell for cell in binding if not fixed[cell[1:]]]
                if not free:
                    break
                _hide(outsider, hidden, min(free, key=lambda cell: _cost(outsider, cell)))
                width, _binding = outsider.width(terms)
        narrowest = min(narrowest, float(width))
    added = {name: int((hidden[name] & ~release.hidden).sum()) for name, release in releases.items()}
    final = {name: replace(release, hidden=hidden[name]) for name, release in releases.items()}
    return final, Audit({name: n for name, n in added.items() if n}, narrowest)


def _cost(outsider: Outsider, cell: Cell) -> float:
    """People lost by hiding a cell; shares first, the nation last."""
    kind, unit, _t = cell
    people = outsider.values[cell] + 1
    if kind in (STAYED, SEVERAL, MIXED, ORDERS):
        people *= SHARE_COST
    found: float = people + (NATION_COST if unit == outsider.values.shape[1] - 1 else 0)
    return found


def _hide(outsider: Outsider, hidden: dict[str, Mask], cell: Cell) -> None:
    """Release a cell no longer, nor what can be computed with it only."""
    kind, unit, t = cell
    lost = [cell]
    if kind == ACTIVE:
        for name in WITH_ACTIVE:
            hidden[name][unit, t] = True
        lost += [(kind, unit, t) for kind in (SEVERAL, MIXED, ORDERS, STAYED)] + [(STAYED, unit, t + 1)]
    if kind == ORDERS:
        hidden["contributions_yuan"][unit, t] = True
    for each in lost:
        if each[2] < outsider.values.shape[2] and outsider.released[each]:
            hidden[MEASURE[each[0]]][each[1:]] = True
            outsider.forget(each)
