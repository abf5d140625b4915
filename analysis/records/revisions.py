"""What a new release may say about quarters that were released before.

The difference of two releases is a release itself, of the people who came between. Two rules keep
it from counting fewer than k of them:

- What was withheld once stays withheld, or the row of the first release would give it away.
- A quarter is revised as a whole, and only if each of its numbers of people changes by k or more,
  or not at all. Until then the earlier numbers stand, so that a small change and none look alike.
  The nation less the provinces that are released is such a number too: it counts the withheld ones.

Rounded releases hide small changes by themselves; for them only the first rule is needed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.base.errors import InputError
from analysis.records.audit import audit
from analysis.records.calendar import quarter_label
from analysis.records.columns import KEY, MEASURES, SHARES
from analysis.records.printed import rows_where
from analysis.records.release import panel_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analysis.records.audit import Audit
    from analysis.records.disclosure import Release
    from analysis.records.ledger import Past
    from analysis.records.measures import Totals
    from analysis.records.printed import Columns

    Mask = NDArray[np.bool_]
    Grid = NDArray[np.float64]

# Sums and medians change with people whose number the panel does not tell better than these counts.
PEOPLE_BEHIND = {
    "orders": "active",
    "contributions_yuan": "active",
    "paid_yuan": "confirmed",
    "median_decision_days": "claims",
}
ADDED_UP = ("enrolled", "active", "orders", "contributions_yuan", "claims", "confirmed", "paid_yuan")
DIGITS = 1e-9  # of a printed number


@dataclass(frozen=True)
class Revision:
    """How a new release relates to the one before.

    Parameters
    ----------
    releases
        Suppression of the new release.
    standing
        Cells of quarters whose earlier numbers stand, shape (U, Q).
    quarters
        Labels of those quarters.
    """

    releases: dict[str, Release]
    standing: Mask
    quarters: tuple[str, ...]


def revise(
    values: dict[str, Grid],
    units: tuple[str, ...],
    first_quarter: int,
    in_force: Mask,
    releases: dict[str, Release],
    past: Past | None,
    minimum: int,
    *,
    rounded: bool,
) -> Revision:
    """Let a new release tell no more about old quarters than the rules of this module allow.

    Parameters
    ----------
    values
        The new panel before suppression, by measure, each (U, Q).
    units, first_quarter
        What rows and columns stand for.
    in_force
        Cells the panel has.
    releases
        Suppression of the new panel by itself.
    past
        The release before.
    minimum
        k.
    rounded
        Whether the new panel is rounded.

    Raises
    ------
    InputError
        The rollout has changed since.
    """
    if past is None:
        return Revision(releases, np.zeros_like(in_force), ())
    labels = [quarter_label(first_quarter + t) for t in range(in_force.shape[1])]
    old = {key: row for row, key in enumerate(zip(*(past.panel[name] for name in KEY), strict=True))}
    _check_rows(set(old), units, labels, in_force, past.number)
    quarters_before = {quarter for _unit, quarter in old}
    before = in_force & np.array([label in quarters_before for label in labels])
    grid = {name: np.full(before.shape, np.nan) for name in MEASURES}
    for at, t in zip(*np.nonzero(before), strict=True):
        for name, was in grid.items():
            value = past.panel[name][old[units[at], labels[t]]]
            was[at, t] = np.nan if value is None else value
    standing = np.zeros_like(in_force)
    if not rounded and not past.settings["round_to"]:
        shown = {name: before & ~np.isnan(grid[name]) & ~releases[name].hidden for name in MEASURES}
        small = _small_changes(values, grid, before, minimum).any(axis=0)
        standing = in_force & (small | _small_rests(values, grid, shown, before, minimum))
    merged = {}
    for name, release in releases.items():
        withheld = before & np.isnan(grid[name]) & ~np.isnan(values[name])
        hidden = np.where(standing, withheld, release.hidden | withheld)
        merged[name] = replace(release, hidden=hidden)
    # A share of last quarter's active would tell how many they are now, where that is not released.
    unsaid = (standing | merged["active"].hidden)[:, :-1] & in_force[:, :-1]
    merged["persistence"].hidden[:, 1:] |= unsaid & ~standing[:, 1:] & in_force[:, 1:]
    quarters = tuple(
        label
        for label, stands in zip(labels, np.asarray(standing.any(axis=0)).tolist(), strict=True)
        if stands
    )
    return Revision(merged, standing, quarters)


def revise_and_audit(
    totals: Totals,
    first_quarter: int,
    in_force: Mask,
    decided: dict[str, Release],
    past: Past | None,
    k: int,
    *,
    rounded: bool,
) -> tuple[Revision, Audit]:
    """Hold a release to the rules between releases and to the audit, until neither asks for more.

    What the audit empties leaves the nation a larger rest, which may change by fewer than k; the quarter's
    earlier numbers then stand, and the audit looks again. Suppression only grows, so this comes to an end.
    """
    values = panel_values(totals)

    def revised(releases: dict[str, Release]) -> Revision:
        return revise(values, totals.units, first_quarter, in_force, releases, past, k, rounded=rounded)

    revision = revised(decided)
    while True:
        releases, found = audit(totals, in_force, k, revision.releases, revision.standing)
        decided = {
            name: replace(release, hidden=release.hidden | (releases[name].hidden & ~revision.standing))
            for name, release in decided.items()
        }
        again = revised(decided)
        if np.array_equal(again.standing, revision.standing):
            return replace(revision, releases=releases), found
        revision = again


def _small_changes(new: dict[str, Grid], old: dict[str, Grid], before: Mask, k: int) -> Mask:
    """Cells in which a number changes by some people, but fewer than k."""
    small = np.zeros_like(before)
    for name in MEASURES:
        both = before & ~np.isnan(old[name])
        change = np.where(both, np.nan_to_num(new[name]) - np.nan_to_num(old[name]), 0.0)
        scale = np.maximum(1.0, np.abs(np.nan_to_num(old[name])))
        changed = np.abs(change) > DIGITS * scale
        if name in SHARES:
            continue  # whose parts are counts of people, and small ones change with them
        people = PEOPLE_BEHIND.get(name, name)
        number = np.where(
            np.isnan(old[people]), 0.0, np.abs(np.nan_to_num(new[people]) - np.nan_to_num(old[people]))
        )
        small |= changed & (number < k)
    for name, whole in SHARES.items():
        parts = []
        for grid in (new, old):
            of = grid[whole]
            if name == "persistence":
                of = np.concatenate([np.full((len(of), 1), np.nan), of[:, :-1]], axis=1)
            parts.append(np.round(grid[name] * of))
        change = np.abs(np.nan_to_num(parts[0]) - np.nan_to_num(parts[1]))
        small |= before & ~np.isnan(parts[1]) & (change > 0) & (change < k)
    return small


def _small_rests(
    new: dict[str, Grid], old: dict[str, Grid], shown: dict[str, Mask], before: Mask, k: int
) -> NDArray[np.bool_]:
    """Quarters in which the nation less its released provinces changes by some people, but fewer than k."""
    small = np.zeros(before.shape[1], dtype=bool)
    for name in ADDED_UP:
        cells, people = shown[name], PEOPLE_BEHIND.get(name, name)
        known = cells[-1] & (before[:-1] & ~cells[:-1]).any(axis=0)
        rest, number = (
            change[-1] - np.where(cells[:-1], change[:-1], 0.0).sum(axis=0)
            for change in (np.nan_to_num(new[each]) - np.nan_to_num(old[each]) for each in (name, people))
        )
        number = np.where((cells & np.isnan(old[people])).any(axis=0), 0.0, np.abs(number))
        scale = np.maximum(1.0, np.abs(np.nan_to_num(old[name][-1])))
        small |= known & (np.abs(rest) > DIGITS * scale) & (number < k)
    return small


def _check_rows(
    old: set[tuple[str, ...]], units: tuple[str, ...], labels: list[str], in_force: Mask, number: int
) -> None:
    new = {(units[u], labels[t]) for u, t in zip(*np.nonzero(in_force), strict=True)}
    quarters = {quarter for _unit, quarter in old}
    strange = old ^ {key for key in new if key[1] in quarters}
    if strange:
        code, quarter = min(strange)
        raise InputError(
            f"the rows of release {number} are not those of this rollout and these records",
            value=f"{code} {quarter}",
            expected="the provinces and quarters released before, and later ones",
            action="use the rollout of that release, or name another --out for another panel",
        )


def let_stand(
    panel: Columns, hidden: Columns, past: Past, quarters: tuple[str, ...]
) -> tuple[Columns, Columns]:
    """Put the earlier rows of ``quarters`` back into the panel and the list of empty cells."""

    def merged(new: Columns, old: Columns) -> Columns:
        stay = rows_where(new, [quarter not in quarters for quarter in new["quarter"]])
        back = rows_where(old, [quarter in quarters for quarter in old["quarter"]])
        return {name: values + back[name] for name, values in stay.items()}

    return merged(panel, past.panel), merged(hidden, past.suppressed)
