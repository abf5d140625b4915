"""What a new release may say about quarters that were released before.

The difference of two releases is a release itself: of the people who came between, of the platform
whose orders came late, of the one payment that was corrected. Nothing of the past is kept but what
was published, so a difference is judged by bounds that hold whoever stands behind it:

- What was withheld stays withheld and what was published stays published: an emptied cell would still
  be known from the earlier release, and with it the cell that it should protect.
- A quarter is revised as a whole. Orders, contributions and numbers of people who work must not have
  changed, because one platform or one person may stand behind any change of theirs.
- Claims, confirmed claims and those not confirmed change by k or more, or not at all; payments only
  together with confirmed claims, and by enough that the p % rule holds for the change even if the two
  largest payments of the cell were part of it. The nation less the provinces that are released
  is held to the same rules: it counts the withheld ones.
- Otherwise the earlier numbers stand, so that a small change and none look alike.

Rounded releases hide small changes of claims by themselves; the other rules hold for what rounding
cannot hide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.base.errors import InputError
from analysis.records.audit import audit
from analysis.records.calendar import quarter_label
from analysis.records.columns import KEY, MEASURES, SHARES
from analysis.records.concentration import violates_p_rule
from analysis.records.contract import MONEY_UNIT
from analysis.records.disclosure import CONFIDENTIAL
from analysis.records.printed import print_table, read_printed, rows_where
from analysis.records.release import panel_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analysis.records.audit import Audit
    from analysis.records.disclosure import Release
    from analysis.records.ledger import Past
    from analysis.records.measures import Totals
    from analysis.records.printed import Columns

    Mask = NDArray[np.bool_]
    Grid = NDArray[np.float64]

OF_ORDERS = ("enrolled", "active", "orders", "contributions_yuan", *SHARES)
OF_CLAIMS = ("claims", "confirmed", "paid_yuan")
DIGITS = 1e-9  # of a printed number
YUAN = 100  # money is rounded to so many times the base


@dataclass(frozen=True)
class Before:
    """The newest release, laid out as the new one; each array (U, Q).

    Parameters
    ----------
    cells
        Cells of quarters that it has.
    values
        What it published by measure, missing where nothing.
    withheld
        Cells that it lists as empty, by measure.
    """

    cells: Mask
    values: dict[str, Grid]
    withheld: dict[str, Mask]

    @property
    def shown(self) -> dict[str, Mask]:
        """Cells that it published, by measure."""
        return {name: ~np.isnan(values) for name, values in self.values.items()}


@dataclass(frozen=True)
class Revision:
    """How a new release relates to the one before.

    Parameters
    ----------
    releases
        Suppression of the new release.
    standing
        Cells of quarters whose earlier numbers stand, shape (U, Q).
    differing
        Of those quarters, the ones for which the new records give another number than was published,
        shape (Q,). Not to be released.
    """

    releases: dict[str, Release]
    standing: Mask
    differing: Mask


def read_before(past: Past, units: tuple[str, ...], first_quarter: int, in_force: Mask) -> Before:
    """Lay out the newest release by the ``units`` and quarters of the new one.

    Raises
    ------
    InputError
        The rollout has changed since.
    """
    labels = [quarter_label(first_quarter + t) for t in range(in_force.shape[1])]
    keys = list(zip(*(past.panel[name] for name in KEY), strict=True))
    _check_rows(set(keys), units, labels, in_force, past.number)
    place = {(unit, label): (u, t) for u, unit in enumerate(units) for t, label in enumerate(labels)}
    cells = np.zeros_like(in_force)
    values = {name: np.full(in_force.shape, np.nan) for name in MEASURES}
    withheld = {name: np.zeros_like(in_force) for name in MEASURES}
    for row, key in enumerate(keys):
        cells[place[key]] = True
        for name, grid in values.items():
            value = past.panel[name][row]
            grid[place[key]] = np.nan if value is None else value
    for unit, label, name in zip(*(past.suppressed[name] for name in (*KEY, "measure")), strict=True):
        withheld[name][place[unit, label]] = True
    return Before(cells, values, withheld)


def revise(
    values: dict[str, Grid],
    payments: tuple[Grid, Grid],
    in_force: Mask,
    releases: dict[str, Release],
    before: Before,
    minimum: int,
    base: int,
) -> Revision:
    """Let a new release tell no more about old quarters than the rules of this module allow.

    Parameters
    ----------
    values
        The new panel before suppression and rounding, by measure, each (U, Q).
    payments
        What the two people with most were paid.
    in_force
        Cells the panel has.
    releases
        Suppression of the new panel by itself.
    before
        The release before.
    minimum
        k.
    base
        To which both releases are rounded; 0 if they are exact.
    """
    shown = before.shown
    stands = np.zeros_like(in_force)
    for name, cells in shown.items():
        stands |= cells & (releases[name].hidden | np.isnan(values[name]))
    change = {name: np.where(cells, values[name] - before.values[name], 0.0) for name, cells in shown.items()}
    changed = {name: _is_changed(name, each, before.values[name], base) for name, each in change.items()}
    for name in OF_ORDERS:
        stands |= changed[name]
    stands |= _too_small(change, before.values, payments, minimum, base).any(axis=0)
    differing = np.logical_or.reduce(list(changed.values())).any(axis=0)
    if not base:
        # What has not changed stands as well: nobody can tell it from a small change.
        stands |= ~differing
    standing = before.cells & stands.any(axis=0)
    merged = {
        name: replace(release, hidden=np.where(before.cells, before.withheld[name], release.hidden))
        for name, release in releases.items()
    }
    # A share of last quarter's active would tell how many they are now, where that is not released.
    # Rounded numbers of an old quarter may be those of the new records; then nothing is to be hidden.
    other = standing & (np.abs(change["active"]) >= base / 2).any(axis=0)
    unsaid = (other | merged["active"].hidden)[:, :-1] & in_force[:, :-1]
    merged["persistence"].hidden[:, 1:] |= unsaid & ~before.cells[:, 1:] & in_force[:, 1:]
    return Revision(merged, standing, standing.any(axis=0) & differing)


def _is_changed(name: str, change: Grid, old: Grid, base: int) -> Mask:
    """Whether a number differs from the printed one by more than printing and rounding do."""
    if base and name in SHARES:
        return np.zeros(change.shape, dtype=bool)  # whose parts are rounded
    scale = np.maximum(1.0, np.abs(np.nan_to_num(old)))
    tolerance = base * (YUAN if name.endswith("_yuan") else 1) if base else 0.0
    found: Mask = np.abs(change) > tolerance + DIGITS * scale
    return found


def _too_small(
    change: dict[str, Grid], old: dict[str, Grid], payments: tuple[Grid, Grid], k: int, base: int
) -> Mask:
    """Changes of claims, and of what goes with them, that too few stand behind.

    A further row holds the nation less its released provinces: what the withheld ones change by.
    """
    shown = {name: _with_last(~np.isnan(old[name])) for name in OF_CLAIMS}
    moved = {
        name: np.where(shown[name], np.vstack([change[name], _rest(change[name])]), 0.0) for name in OF_CLAIMS
    }
    first, second = (_with_last(each) for each in payments)
    paid = _is_changed("paid_yuan", moved["paid_yuan"], _with_last(old["paid_yuan"]), base)
    small: Mask = paid & (
        violates_p_rule(moved["paid_yuan"], first, second) | (np.abs(moved["confirmed"]) < k + base)
    )
    if base:
        return small  # rounding hides small changes of the counts
    unconfirmed = np.where(shown["confirmed"], moved["claims"] - moved["confirmed"], 0.0)
    for number in (moved["claims"], moved["confirmed"], unconfirmed):
        small |= (number != 0) & (np.abs(number) < k)
    median = _is_changed(
        "median_decision_days", change["median_decision_days"], old["median_decision_days"], 0
    )
    small[:-1] |= median & (np.abs(change["claims"]) < k)
    return small


def _rest(change: Grid) -> Grid:
    """What the nation changes by, less its provinces that are released."""
    found: Grid = change[-1] - change[:-1].sum(axis=0)
    return found


def _with_last(values: NDArray[Any]) -> NDArray[Any]:
    """Values with the nation's once more."""
    return np.vstack([values, values[-1:]])


def revise_and_audit(
    totals: Totals,
    in_force: Mask,
    decided: dict[str, Release],
    before: Before | None,
    k: int,
    base: int,
) -> tuple[Revision, Audit]:
    """Hold a release to the rules between releases and to the audit, until neither asks for more.

    What the audit empties in an old quarter was published before: the quarter's earlier numbers then stand,
    and the audit looks again. Suppression only grows, so this comes to an end.
    """
    values = panel_values(totals)
    payments = totals.paid_first / MONEY_UNIT, totals.paid_second / MONEY_UNIT

    def revised(releases: dict[str, Release]) -> Revision:
        if before is None:
            return Revision(releases, np.zeros_like(in_force), np.zeros(in_force.shape[1], dtype=bool))
        return revise(values, payments, in_force, releases, before, k, base)

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
    panel: Columns, hidden: Columns, past: Past, standing: Sequence[str]
) -> tuple[Columns, Columns]:
    """Put the earlier rows of the quarters ``standing`` back into the panel and the list of empty cells."""

    def merged(new: Columns, old: Columns) -> Columns:
        stay = rows_where(new, [quarter not in standing for quarter in new["quarter"]])
        back = rows_where(old, [quarter in standing for quarter in old["quarter"]])
        return {name: values + back[name] for name, values in stay.items()}

    listed = merged(hidden, past.suppressed)
    return merged(panel, past.panel), listed | {"reason": [CONFIDENTIAL] * len(listed["quarter"])}


def find_revised(panel: Columns, past: Past) -> tuple[str, ...]:
    """Quarters whose numbers differ from those of the release before."""
    new, old = (
        {tuple(row[: len(KEY)]): row for row in zip(*each.values(), strict=True)}
        for each in (read_printed(print_table(panel, KEY)), past.panel)
    )
    return tuple(sorted({quarter for (unit, quarter), row in old.items() if new[unit, quarter] != row}))
